import { count, plain, table } from "../answer/markdown.ts";
import { fromOthers, visible } from "../answer/untrusted.ts";
import type { ComplianceSummary } from "./compliance.ts";
import { type Finding, type FindingsSection, worstOf } from "./finding.ts";
import { severities } from "./severity.ts";

type Sections = Readonly<Record<string, FindingsSection | undefined>>;
type Titles = Readonly<Record<string, string>>;

/** Most findings that are told in words; the data have the rest. */
const mostRows = 15;
/** Most findings of which more is told than a row. */
const mostExplained = 5;

/** What was found, in one sentence, and what could not be looked at. Nothing found is said only of what was looked at. */
export function verdict(sections: Sections, titles: Titles): string {
  const total = new Map<string, number>();
  let omitted = 0;
  for (const one of Object.values(sections)) {
    if (one?.status !== "ok") continue;
    omitted += one.omitted;
    for (const [severity, number] of Object.entries(one.bySeverity)) {
      total.set(severity, (total.get(severity) ?? 0) + number);
    }
  }
  const counts = severities
    .toReversed()
    .flatMap((one) => (total.has(one) ? [`${total.get(one)} ${one.toLowerCase()}`] : []));
  const sum = [...total.values()].reduce((left, right) => left + right, 0);
  const open = namesOf(sections, titles, (one) => one.status !== "ok" || !one.complete);
  const looked = namesOf(sections, titles, (one) => one.status === "ok");
  const found =
    sum === 0
      ? `Nothing found by what could be looked at (${looked.join(", ")})`
      : `${count(sum, "finding")}: ${counts.join(", ")}`;
  const left =
    omitted > 0 ? ` ${omitted} of them not listed (below minSeverity or beyond limit).` : "";
  const unknown = open.length > 0 ? ` Not, or not fully looked at: ${open.join(", ")}.` : "";
  return `**${found}.**${left}${unknown}`;
}

function namesOf(
  sections: Sections,
  titles: Titles,
  isMeant: (section: FindingsSection) => boolean,
): string[] {
  return Object.entries(sections).flatMap(([name, one]) =>
    one !== undefined && isMeant(one) ? [titles[name] ?? name] : [],
  );
}

/** The findings as a table, the worst explained. Empty if there are none. */
export function findingsText(sections: Sections): string[] {
  const worst = worstOf(sections);
  if (worst.length === 0) return [];
  const rows = worst
    .slice(0, mostRows)
    .map(({ severity, title, resource = "", region = "", archived, controls }) => [
      severity,
      archived === true ? `${title} (archived)` : title,
      shortArn(resource),
      region,
      controls.map((control) => control.replace(/^(SOC2|ISO27001) /, "")).join(" "),
    ]);
  const more = worst.length - mostRows;
  const explained = worst.filter(hasMore).slice(0, mostExplained).map(explain);
  const parts = [
    table(["Severity", "Finding", "What", "Region", "Controls"], rows),
    ...(more > 0 ? [`… and ${more} more in the data.`] : []),
    explained.join("\n"),
  ];
  return [fromOthers(parts.filter((part) => part !== "").join("\n\n"))];
}

function hasMore({ details = [], remedy }: Finding): boolean {
  return details.length > 0 || remedy !== undefined;
}

function explain({ resource = "", details = [], remedy }: Finding): string {
  const what = cut(details.map((detail) => cut(visible(detail), 160)).join("; "), 320);
  const todo = remedy === undefined ? "" : ` → ${remedy}`;
  return `- ${plain(shortArn(resource))}: ${what}${todo}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Without what is the same for all of the account. */
function shortArn(resource: string): string {
  return resource.replace(/^arn:[\w-]+:([\w-]+):[\w-]*:\d*:/, "$1:");
}

/** Which controls have findings, and which nobody has looked at. */
export function complianceText(summary: ComplianceSummary): string[] {
  if (summary.length === 0) return [];
  const lines = summary.map((one) => {
    if (one.note !== undefined) return `- ${plain(one.framework)}: ${one.note}`;
    const found = one.withFindings.map(({ control, findings }) => `${control} (${findings})`);
    const parts = [
      `controls with findings: ${found.join(", ") || "none"}`,
      ...list("nothing found by these checks", one.nothingFound),
      ...list("checked in part", one.partlyChecked),
      ...list("not checked", one.notChecked),
    ];
    return `- ${one.framework} (table of ${one.tableAsOf}): ${parts.join("; ")}`;
  });
  return [
    `### Controls\n\n${lines.join("\n")}\n\nThis says where findings bear on controls, not whether a control is met.`,
  ];
}

function list(name: string, controls: readonly string[]): string[] {
  return controls.length > 0 ? [`${name}: ${controls.join(", ")}`] : [];
}
