import type {
  DimensionValuesWithAttributes,
  GetCostAndUsageResponse,
  ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { awsError } from "../aws/errors.ts";
import type { CostGrouping } from "./cost-queries.ts";
import { byAmountFalling, type Money, parseMoney } from "./money.ts";
import { type Day, type Period, contains } from "./periods.ts";

/** One amount of one group in one day or month. */
export interface CostRow {
  /** First day of the day or month. */
  readonly start: Day;
  /** Values of what was grouped by: `["AWS Lambda", "Usage"]`. */
  readonly keys: readonly string[];
  readonly metric: string;
  readonly amount: Money;
  /** Currency of the amount, for example `USD`. */
  readonly unit: string;
}

/** Costs in a period, as AWS reports them. */
export interface CostTable {
  readonly rows: readonly CostRow[];
  /** Days or months that AWS still calls an estimate, by their first day. */
  readonly estimated: ReadonlySet<Day>;
  /** Names that AWS gives to keys: of account ids. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Puts the pages of one answer together. A day may begin on one page and end on the next. */
export function readCosts(pages: readonly GetCostAndUsageResponse[]): CostTable {
  const results = pages.flatMap(({ ResultsByTime = [] }) => ResultsByTime);
  return {
    rows: readRows(results),
    estimated: estimatedBuckets(results),
    labels: readLabels(
      pages.flatMap(({ DimensionValueAttributes = [] }) => DimensionValueAttributes),
    ),
  };
}

/** Reads the groups, or the total where nothing was grouped by. With groups, AWS leaves the total empty. */
function readRows(results: readonly ResultByTime[]): CostRow[] {
  const rows: CostRow[] = [];
  for (const { TimePeriod, Groups = [], Total = {} } of results) {
    const start = TimePeriod?.Start;
    if (start === undefined) throw unreadable("a bucket without dates");
    const groups = Groups.length > 0 ? Groups : [{ Keys: [], Metrics: Total }];
    for (const { Keys = [], Metrics = {} } of groups) {
      for (const [metric, { Amount, Unit }] of Object.entries(Metrics)) {
        const amount = Amount === undefined ? undefined : parseMoney(Amount);
        if (amount === undefined || Unit === undefined) throw unreadable(`the amount "${Amount}"`);
        rows.push({ start, keys: Keys, metric, amount, unit: Unit });
      }
    }
  }
  return rows;
}

function estimatedBuckets(results: readonly ResultByTime[]): Set<Day> {
  const buckets = results.filter(({ Estimated }) => Estimated === true);
  return new Set(buckets.map(({ TimePeriod }) => TimePeriod?.Start ?? ""));
}

function readLabels(attributes: readonly DimensionValuesWithAttributes[]): Map<string, string> {
  const labels = new Map<string, string>();
  for (const { Value = "", Attributes = {} } of attributes) {
    const name = Attributes["description"];
    if (name !== undefined && name !== "") labels.set(Value, name);
  }
  return labels;
}

/** What a kind of line on the bill is: AWS calls it a record type. */
export type RecordKind = "credits" | "refunds" | "tax" | "usage";

const kinds = new Map<string | undefined, RecordKind>([
  ["Credit", "credits"],
  ["Refund", "refunds"],
  ["Tax", "tax"],
]);

export function kindOf(recordType: string | undefined): RecordKind {
  return kinds.get(recordType) ?? "usage";
}

/** Sums by kind. Amounts that AWS gives back are negative. */
export interface Split {
  readonly usage: Money;
  readonly credits: Money;
  readonly refunds: Money;
  readonly tax: Money;
}

export const noCosts: Split = { usage: 0n, credits: 0n, refunds: 0n, tax: 0n };

export function add(split: Split, kind: RecordKind, amount: Money): Split {
  return { ...split, [kind]: split[kind] + amount };
}

export function net({ usage, credits, refunds, tax }: Split): Money {
  return usage + credits + refunds + tax;
}

/** What would have been paid without credits and refunds. */
export function beforeCredits({ usage, tax }: Split): Money {
  return usage + tax;
}

/** Sums of the rows by a key of the caller's; a row without one is left out. */
export function sumBy(
  rows: Iterable<CostRow>,
  keyOf: (row: CostRow) => string | undefined,
  recordTypeOf: (row: CostRow) => string | undefined,
): Map<string, Split> {
  const sums = new Map<string, Split>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    sums.set(key, add(sums.get(key) ?? noCosts, kindOf(recordTypeOf(row)), row.amount));
  }
  return sums;
}

export function within(rows: readonly CostRow[], period: Period): CostRow[] {
  return rows.filter(({ start }) => contains(period, start));
}

/** The currencies of the rows, the one with the most money first. Amounts in different ones are never added. */
export function currenciesOf(rows: readonly CostRow[]): string[] {
  const volumes = new Map<string, Money>();
  for (const { unit, amount } of rows) {
    volumes.set(unit, (volumes.get(unit) ?? 0n) + (amount < 0n ? -amount : amount));
  }
  return [...volumes]
    .toSorted(([, left], [, right]) => byAmountFalling(left, right))
    .map(([unit]) => unit);
}

/** AWS writes a tag's value as `team$payments`, and an absent one as `team$`. */
export function keyLabel(key: string, grouping: CostGrouping): string {
  if (!grouping.startsWith("TAG:")) return key === "" ? "(none)" : key;
  const value = key.slice(key.indexOf("$") + 1);
  return value === "" ? "(untagged)" : value;
}

export function unreadable(what: string): Error {
  return awsError("UPSTREAM", `AWS Cost Explorer answered with ${what}, which cannot be read.`);
}
