import { gapLines } from "../answer/gaps.ts";
import { count, table } from "../answer/markdown.ts";
import { fromOthers, visible } from "../answer/untrusted.ts";
import { regionGapLines } from "../ec2/over-regions.ts";
import { regionFooter } from "../ec2/region-footer.ts";
import type { InventoryOutput, Listed } from "./output.ts";
import { evenShare } from "./sections.ts";
import type { Resource } from "./resource-type.ts";
import { type ResourceType, resourceTypes, typeNames } from "./types.ts";

type OkListed = Extract<Listed, { readonly status: "ok" }>;

/** Resources that the text names, and what they may take of it; the data have more. */
const maxLines = 24;
const maxCharacters = 3000;

/** Characters of one resource's line. */
const maxLength = 400;

const typeTitles = Object.fromEntries(typeNames.map((type) => [type, pluralOf(type)])) as Readonly<
  Record<ResourceType, string>
>;

function pluralOf(type: ResourceType): string {
  const { noun } = resourceTypes[type];
  return noun.endsWith("s") ? `${noun}es` : `${noun}s`;
}

/** The answer in words: how many of what and where, the resources themselves, what is unknown. */
export function writeText(data: InventoryOutput): string {
  const found = typeNames.flatMap((type) => {
    const one = data[type];
    return one?.status === "ok" ? [[type, one] as const] : [];
  });
  const parts = [
    `## AWS resources: ${headline(found)}`,
    overview(found),
    ...listText(found),
    ...gaps(data),
    regionFooter(data.meta),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function headline(found: readonly (readonly [ResourceType, OkListed])[]): string {
  const total = found.reduce((sum, [, one]) => sum + one.count, 0);
  const [first] = found;
  if (found.length === 1 && first !== undefined) {
    const [type, one] = first;
    return `${one.count} ${one.count === 1 ? resourceTypes[type].noun : typeTitles[type]}`;
  }
  return `${count(total, "resource")} of ${count(found.length, "type")}`;
}

function overview(found: readonly (readonly [ResourceType, OkListed])[]): string {
  const rows = found.map(([type, one]) => [
    typeTitles[type],
    one.failures === undefined ? `${one.count}` : `${one.count} + unknown`,
    tally(one.byState),
    tally(one.byRegion),
  ]);
  return rows.length === 0 ? "" : table(["Type", "Count", "State", "Region"], rows);
}

function tally(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([key, number]) => `${key} ${number}`)
    .join(", ");
}

function listText(found: readonly (readonly [ResourceType, OkListed])[]): string[] {
  for (let lines = maxLines; ; lines -= 2) {
    const text = writeLists(found, lines);
    if (text.length > maxCharacters && lines > found.length) continue;
    return text === "" ? [] : [fromOthers(text)];
  }
}

function writeLists(found: readonly (readonly [ResourceType, OkListed])[], lines: number): string {
  const shares = evenShare(
    found.map(([, { items }]) => items.length),
    lines,
  );
  const parts = found.flatMap(([type, one], index) => {
    const shown = one.items.slice(0, shares[index]);
    if (shown.length === 0) return [];
    const more = one.count - shown.length;
    return [
      [
        `**${typeTitles[type]}**`,
        ...shown.map((item) => lineOf(item, resourceTypes[type].shown)),
        ...(more > 0 ? [`- … and ${more} more`] : []),
      ].join("\n"),
    ];
  });
  return parts.join("\n\n");
}

/** `- i-1 (web), running, us-east-1: type m6i.xlarge, …; tags Team=checkout` */
function lineOf(item: Resource, shown: readonly string[]): string {
  const details = shown.flatMap((key) => {
    const value = item.details[key];
    if (value === undefined || value === false) return [];
    if (value === true) return [wordOf(key)];
    const text = Array.isArray(value) ? value.join("; ") : `${value}`;
    return [`${wordOf(key)} ${text}`.trim()];
  });
  const tags = Object.entries(item.tags)
    .filter(([key]) => key !== "Name")
    .map(([key, value]) => `${key}=${value}`);
  const line = [
    `- ${item.id}${item.name === undefined ? "" : ` (${item.name})`}`,
    ...(item.state === undefined ? [] : [item.state]),
    item.region,
    ...details,
    ...(tags.length > 0 ? [`tags ${tags.join(" ")}`] : []),
  ].join(", ");
  const clean = visible(line);
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean;
}

const labels: Readonly<Record<string, string>> = {
  sizeGiB: "GiB",
  cidrs: "",
  cidr: "",
  type: "",
  zone: "",
  isMain: "main table",
  isDefault: "default VPC",
  privateIp: "private",
  publicIp: "public",
  publicIps: "public",
  givesPublicIps: "gives public addresses",
};

/** `stoppedSince` → `stopped since` */
function wordOf(key: string): string {
  return labels[key] ?? key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function gaps(data: InventoryOutput): string[] {
  const { timestamp: _, meta, ...sections } = data;
  const lines = [
    ...gapLines(sections, typeTitles),
    ...regionGapLines(sections, typeTitles),
    ...nothingMatches(meta.filters, sections),
    ...meta.notes,
    ...(meta.truncated
      ? ["⚠ AWS had more pages than are read: there is more. Narrow the regions."]
      : []),
  ];
  return lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join("\n")];
}

/** A list that is empty because of its filters says so. */
function nothingMatches(
  { tags, states }: InventoryOutput["meta"]["filters"],
  sections: { readonly [Type in ResourceType]?: Listed | undefined },
): string[] {
  const isFiltered = Object.keys(tags).length > 0 || states.length > 0;
  const found = Object.values(sections).some((one) => one?.status === "ok" && one.count > 0);
  return isFiltered && !found
    ? ["Nothing matches the state and tags: that does not mean that there are no resources."]
    : [];
}
