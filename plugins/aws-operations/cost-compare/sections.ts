import { withoutUndefined } from "../aws/objects.ts";
import type { SkippedSection } from "../answer/section.ts";
import type { AWSCostExplorer } from "../cost-explorer/aws-cost-explorer.ts";
import type { Compared } from "../cost-explorer/comparisons.ts";
import { isLimited, nothingMatches } from "../cost-explorer/cost-limits.ts";
import {
  absolute,
  byAmountFalling,
  type Money,
  percentOf,
  sum,
  toNumber,
} from "../cost-explorer/money.ts";
import { lengthOf, type Period } from "../cost-explorer/periods.ts";
import type { CompareSection } from "./output.ts";
import type { Comparison, CompareQuery, CompareSource } from "./source.ts";
import { isMonth } from "./spans.ts";

interface Parts {
  readonly source: CompareSource;
  readonly query: CompareQuery;
  readonly costExplorer: AWSCostExplorer;
  readonly profile: string | undefined;
}

/** The sections of a comparison, each to be run. */
export function sectionsOf(parts: Parts) {
  return {
    totals: () => totalsSection(parts),
    groups: () => groupsSection(parts),
    ...(parts.query.drivers && { drivers: () => driversSection(parts) }),
  };
}

async function totalsSection(parts: Parts): Promise<CompareSection<"totals"> | SkippedSection> {
  const { source, query } = parts;
  const all = await source.comparison();
  const nothing = noMatch(all, parts);
  if (nothing !== undefined) return nothing;
  const { before, after } = all.total;
  const [earlier, later] = [daily(before, query.baseline), daily(after, query.comparison)];
  return {
    ...withoutUndefined({
      status: "ok" as const,
      method: all.method,
      baseline: spanOf(before, query.baseline),
      comparison: spanOf(after, query.comparison),
      change: toNumber(after - before),
      changePercent: percentOf(after - before, before),
      perDayPercent: percentOf(later - earlier, earlier),
    }),
    ...(all.warnings.length > 0 && { warnings: [...all.warnings] }),
  };
}

async function groupsSection(parts: Parts): Promise<CompareSection<"groups"> | SkippedSection> {
  const { source, query } = parts;
  const all = await source.comparison();
  const nothing = noMatch(all, parts);
  if (nothing !== undefined) return nothing;
  const change = changeIn(query);
  const rows = [...all.byKey]
    .filter(([, { before, after }]) => before !== 0n || after !== 0n)
    .toSorted(
      ([left, x], [right, y]) =>
        change.bySize(x, y) || byAmountFalling(x.after, y.after) || left.localeCompare(right),
    );
  const rest = rows.slice(query.top).map(([, compared]) => compared);
  return {
    status: "ok",
    groupBy: query.groupBy,
    items: rows
      .slice(0, query.top)
      .map(([key, compared]) =>
        withoutUndefined({ key, label: all.labels.get(key), ...change.of(compared) }),
      ),
    ...(rest.length > 0 && {
      other: {
        count: rest.length,
        ...change.of({
          before: sum(rest.map(({ before }) => before)),
          after: sum(rest.map(({ after }) => after)),
        }),
      },
    }),
  };
}

async function driversSection(parts: Parts): Promise<CompareSection<"drivers"> | SkippedSection> {
  const { source, query } = parts;
  const all = await source.comparison();
  const nothing = noMatch(all, parts);
  if (nothing !== undefined) return nothing;
  const { method, items, warnings } = await source.drivers();
  const change = changeIn(query);
  const shown = items
    .filter(({ before, after }) => before !== after)
    .toSorted(change.bySize)
    .slice(0, query.top);
  const listed = sum(shown.map(({ before, after }) => after - before));
  return {
    status: "ok",
    method,
    items: shown.map(({ service, usageType, kind, usage, ...compared }) =>
      withoutUndefined({ service, usageType, kind, ...change.of(compared), usage }),
    ),
    otherChange: toNumber(all.total.after - all.total.before - listed),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
  };
}

function noMatch(
  { byKey }: Comparison,
  { query, costExplorer, profile }: Parts,
): SkippedSection | undefined {
  if (byKey.size > 0 || !isLimited(query.limits)) return undefined;
  return nothingMatches(query.limits, costExplorer.seenNames("SERVICE", profile));
}

function spanOf(total: Money, period: Period) {
  return {
    ...period,
    days: lengthOf(period),
    total: toNumber(total),
    perDay: toNumber(daily(total, period)),
  };
}

function daily(total: Money, period: Period): Money {
  return total / BigInt(lengthOf(period));
}

/**
 * What a change is between the periods: of their sums, and of their days where one has more of them than the other. Months count
 * as equal.
 */
function changeIn({ baseline, comparison }: CompareQuery) {
  const [days, daysBefore] = [BigInt(lengthOf(comparison)), BigInt(lengthOf(baseline))];
  const isUneven = days !== daysBefore && !(isMonth(baseline) && isMonth(comparison));
  const sizeOf = ({ before, after }: Compared): Money =>
    absolute(isUneven ? after * daysBefore - before * days : after - before);
  return {
    of: (compared: Compared) => {
      const { before, after } = compared;
      return withoutUndefined({
        before: toNumber(before),
        amount: toNumber(after),
        change: toNumber(after - before),
        changePercent: percentOf(after - before, before),
        perDayChange: isUneven ? toNumber(after / days - before / daysBefore) : undefined,
      });
    },
    bySize: (left: Compared, right: Compared): number =>
      byAmountFalling(sizeOf(left), sizeOf(right)),
  };
}
