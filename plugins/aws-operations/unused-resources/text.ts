import { gapLines } from "../answer/gaps.ts";
import { table } from "../answer/markdown.ts";
import { fromOthers, visible } from "../answer/untrusted.ts";
import { regionGapLines } from "../ec2/over-regions.ts";
import { regionFooter } from "../ec2/region-footer.ts";
import { topicNames, topics } from "./checks.ts";
import type { Finding } from "./finding.ts";
import type { Checked, UnusedOutput } from "./output.ts";

type OkChecked = Extract<Checked, { readonly status: "ok" }>;

/** Findings that the text names, of each check; the data have all of them. */
const maxLines = 4;
const maxLength = 240;

const titles = Object.fromEntries(topicNames.map((name) => [name, topics[name].title]));

/** The answer in words: what could be saved, by what, then each resource, then what is unknown. */
export function writeText(data: UnusedOutput): string {
  const { timestamp: _, meta, totals, ...sections } = data;
  const found = topicNames.flatMap((name) => {
    const one = sections[name];
    return one?.status === "ok" && one.count > 0 ? [[name, one] as const] : [];
  });
  const rows = found.map(([name, one]) => [topics[name].title, `${one.count}`, savingText(one)]);
  const lists = found.map(([name, one]) => listText(topics[name].title, one));
  const advice = found.map(([name]) => `- ${topics[name].title}: ${topics[name].advice}`);
  const gaps = [
    ...gapLines(sections, titles),
    ...regionGapLines(sections, titles),
    ...meta.notes,
    ...(meta.truncated
      ? ["⚠ AWS had more pages than are read: there is more. Narrow the regions."]
      : []),
  ];
  return [
    "## AWS resources that could be given up",
    headline(totals, gaps.length > 0),
    rows.length === 0 ? "" : table(["What", "Count", "Saving a month"], rows),
    lists.length === 0 ? "" : fromOthers(lists.join("\n\n")),
    advice.join("\n"),
    gaps.map((line) => `- ${line}`).join("\n"),
    `Savings: ${meta.prices}; other regions, discounts and commitments differ.${sections.rightsizing?.status === "ok" ? " Those of instances that are too large are Cost Explorer's." : ""} What a resource is needed for, AWS does not know: ask its owner first.`,
    regionFooter(meta),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function headline(totals: UnusedOutput["totals"], isPartial: boolean): string {
  const { resources, monthlySavingUsd, snapshotsAtMostUsd } = totals;
  if (resources === 0) {
    return isPartial
      ? "**Nothing was found in what could be read; see below for what could not.**"
      : "**Nothing was found that could be given up.**";
  }
  const most =
    snapshotsAtMostUsd > 0 ? `, and at most ${dollars(snapshotsAtMostUsd)} on snapshots` : "";
  return `**About ${dollars(monthlySavingUsd)} a month could be saved${most} (estimates).** ${resources} resource${resources === 1 ? "" : "s"}, each counted once.`;
}

function savingText({ monthlySavingUsd, isAtMost }: OkChecked): string {
  if (monthlySavingUsd === 0) return "";
  return `${isAtMost ? "at most" : "about"} ${dollars(monthlySavingUsd)}`;
}

function listText(title: string, { items }: OkChecked): string {
  const more = items.length - maxLines;
  return [
    `**${title}**`,
    ...items.slice(0, maxLines).map(lineOf),
    ...(more > 0 ? [`- … and ${more} more`] : []),
  ].join("\n");
}

/** `- vol-1 (index), us-east-1: 500 GiB gp3, …; $40.00` */
function lineOf({ id, name, region, reason, monthlySavingUsd }: Finding): string {
  const who = name === undefined ? id : `${id} (${name})`;
  const saving = monthlySavingUsd === undefined ? "" : `; ${dollars(monthlySavingUsd)}`;
  const line = visible(`- ${who}, ${region}: ${reason}${saving}`);
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
