import { footer } from "../answer/footer.ts";
import { gapLines } from "../answer/gaps.ts";
import { count, table } from "../answer/markdown.ts";
import { fromOthers } from "../answer/untrusted.ts";
import { nounOf } from "../cost-explorer/cost-queries.ts";
import { formatMoney, formatPercent, signed } from "../cost-explorer/money.ts";
import type { CompareSection, CostCompareOutput } from "./output.ts";
import { nameOf } from "./spans.ts";

type Totals = CompareSection<"totals">;
type Row = Pick<
  CompareSection<"groups">["items"][number],
  "before" | "amount" | "change" | "changePercent" | "perDayChange"
>;

const titles = { totals: "Totals", groups: "Breakdown", drivers: "Drivers" };

/** The answer in words: how much more or less, of what, and what drove it. */
export function writeText(data: CostCompareOutput): string {
  const { meta, totals, groups, drivers } = data;
  const { currency, filters } = meta;
  const spans = totals?.status === "ok" ? totals : undefined;
  const gaps = [...gapLines({ totals, groups, drivers }, titles), ...meta.notes];
  const limits = [...filters.services, ...filters.accounts, ...filters.regions];
  const parts = [
    "## AWS costs compared",
    spans === undefined ? "" : verdict(spans, currency),
    groups?.status === "ok" && spans !== undefined ? groupsText(groups, spans, currency) : "",
    drivers?.status === "ok" ? driversText(drivers, currency) : "",
    gaps.map((line) => `- ${line}`).join("\n"),
    footer(meta, [
      meta.metric,
      filters.credits === "include" ? "net of credits and refunds" : "without credits and refunds",
      ...(limits.length > 0 ? [`only ${limits.join(" + ")}`] : []),
    ]),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function verdict(totals: Totals, currency: string): string {
  const { baseline, comparison, change, changePercent, perDayPercent } = totals;
  const money = (amount: number): string => formatMoney(amount, currency);
  const difference =
    change === 0
      ? "the same as"
      : `${money(Math.abs(change))} ${change < 0 ? "less" : "more"} than the`;
  const sizes =
    baseline.days === comparison.days
      ? ""
      : ` Per day, over ${comparison.days} and ${baseline.days} days: ${money(comparison.perDay)} against ${money(baseline.perDay)} (${formatPercent(perDayPercent)}).`;
  return (
    `**${nameOf(comparison)} cost ${money(comparison.total)}, ${difference} ${money(baseline.total)} ` +
    `of ${nameOf(baseline)} (${formatPercent(changePercent)}).**${sizes}`
  );
}

function groupsText(
  { groupBy, items, other }: CompareSection<"groups">,
  { baseline, comparison }: Totals,
  currency: string,
): string {
  const noun = nounOf(groupBy);
  if (items.length === 0) return `No costs by ${noun} in either period.`;
  const cells = (name: string, row: Row): string[] => [
    name,
    formatMoney(row.before, currency),
    formatMoney(row.amount, currency),
    changeCell(row, currency),
  ];
  const rows = items.map((row) =>
    cells(row.label === undefined ? row.key : `${row.label} (${row.key})`, row),
  );
  const rest =
    other === undefined ? [] : [cells(`other (${countOf(other.count, groupBy)})`, other)];
  const header = [capital(noun), nameOf(baseline), nameOf(comparison), "Change"];
  return `### By ${noun}\n\n${fromOthers(table(header, [...rows, ...rest]))}`;
}

function driversText({ items, otherChange }: CompareSection<"drivers">, currency: string): string {
  if (items.length === 0) return "No line of the bill has changed.";
  const rows = items.map((row) => [
    row.service,
    row.usageType,
    changeCell(row, currency),
    usageCell(row),
  ]);
  const isTold = rows.some(([, , , usage]) => usage !== "");
  const header = ["Service", "Usage type", "Change", ...(isTold ? ["Usage"] : [])];
  const shown = rows.map((cells) => cells.slice(0, header.length));
  const rest = otherChange === 0 ? "" : `\n\nEverything else: ${signed(otherChange, currency)}.`;
  return `### What drove it\n\n${fromOthers(table(header, shown))}${rest}`;
}

function changeCell({ change, changePercent, perDayChange }: Row, currency: string): string {
  return perDayChange === undefined
    ? `${signed(change, currency)} (${formatPercent(changePercent)})`
    : `${signed(perDayChange, currency)} a day`;
}

/** How much was used before and after, or what kind of charge it is. */
function usageCell({ usage, kind = "" }: CompareSection<"drivers">["items"][number]): string {
  return usage === undefined
    ? kind.toLowerCase().replaceAll("_", " ")
    : `${quantity(usage.before)} → ${quantity(usage.after)} ${usage.unit}`;
}

function countOf(number: number, groupBy: string): string {
  return groupBy.startsWith("TAG:") ? count(number, "value") : count(number, nounOf(groupBy));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function quantity(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
