import type { CostLine } from "../../../../plugins/aws-operations/demo-account/data/billing.ts";
import { budgetsOf } from "../../../../plugins/aws-operations/demo-account/data/budgets.ts";
import {
  EC2_COMPUTE,
  LAMBDA,
  LINKED_ACCOUNTS,
} from "../../../../plugins/aws-operations/demo-account/data/catalogue.ts";
import { formatDay, parseDay } from "../../../../plugins/aws-operations/demo-account/data/days.ts";
import { Ledger } from "../../../../plugins/aws-operations/demo-account/data/ledger.ts";
import { noon } from "../helpers.ts";
import { linesOf, type Span, total, totalBy } from "../truth.ts";

// What the demo account's own books say, added up here and by nothing of the plugin.

type Test = (line: CostLine) => boolean;

export const thisMonth: Span = { start: "2026-11-01", end: "2026-11-20" };
/** The days of this month that are over, and as many of the last. */
export const overDays: Span = { start: "2026-11-01", end: "2026-11-19" };
const sameDays: Span = { start: "2026-10-01", end: "2026-10-19" };
export const september: Span = { start: "2026-09-01", end: "2026-09-30" };
export const october: Span = { start: "2026-10-01", end: "2026-10-31" };

export function spentOn(span: Span, fits: Test = () => true): number {
  return total(linesOf(span).filter(fits));
}

/** What a service cost in the full days of this month more than in the same days of the last. */
export function growth(fits: Test = () => true): number {
  return spentOn(overDays, fits) - spentOn(sameDays, fits);
}

/** `$1,234.50` */
export function usd(amount: number): string {
  return amount.toLocaleString("en-US", { style: "currency", currency: "USD" });
}

/** `+$1,234.50` */
export function change(amount: number): string {
  return `${amount < 0 ? "" : "+"}${usd(amount)}`;
}

/** `12.3 %` */
export function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}

/** The largest, each with its amount: `[["Amazon …", "$1.00"]]`. */
export function largest(
  span: Span,
  keyOf: (line: CostLine) => string,
  count: number,
  fits: Test = () => true,
): [key: string, amount: string][] {
  return [...totalBy(linesOf(span).filter(fits), keyOf)]
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, count)
    .map(([key, amount]) => [key, usd(amount)]);
}

export const isEc2: Test = ({ service }) => service === EC2_COMPUTE || service === "EC2 - Other";
export const isEc2Other: Test = ({ service }) => service === "EC2 - Other";
export const isNat: Test = ({ usageType }) => usageType === "EU-NatGateway-Bytes";
export const isCredit: Test = ({ recordType }) => recordType === "Credit";
export const isPaidBack: Test = ({ recordType }) =>
  recordType === "Credit" || recordType === "Refund";

export const accountName = (id: string): string =>
  LINKED_ACCOUNTS.find((account) => account.id === id)?.name ?? "";

const ledger = new Ledger("default", noon);

const { spike: found } = ledger;
if (found === undefined) throw new Error("The demo account has no spike");
export const spike = {
  start: formatDay(found.start),
  end: formatDay(found.end),
  impact: found.totalImpact / 1_000_000,
};

export const budgets = budgetsOf(ledger, noon);

/** What is expected from one day to another, both included, if nothing unusual happens. */
export function expected({ start, end }: Span): number {
  let micros = 0;
  for (let day = parseDay(start) ?? 0; day <= (parseDay(end) ?? 0); day += 1) {
    for (const { unblended } of ledger.expectedLines(day)) micros += unblended;
  }
  return micros / 1_000_000;
}

/** The Savings Plan's fee, and what of it went to usage. */
export function savingsPlan(span: Span): { fee: number; used: number } {
  let used = 0;
  for (const { recordType, amortized } of linesOf(span)) {
    if (recordType === "SavingsPlanCoveredUsage") used += amortized;
  }
  return {
    fee: spentOn(span, ({ recordType }) => recordType === "SavingsPlanRecurringFee"),
    used: used / 1_000_000,
  };
}

/** Usage on demand that a Compute Savings Plan would cover. */
export const isCoverable: Test = ({ service, recordType }) =>
  recordType === "Usage" && (service === EC2_COMPUTE || service === LAMBDA);

/** The day of a span that cost most. */
export function dearestDay(span: Span): { day: string; amount: string } {
  const [[day, amount] = ["", ""]] = largest(span, (line) => formatDay(line.day), 1);
  return { day, amount };
}
