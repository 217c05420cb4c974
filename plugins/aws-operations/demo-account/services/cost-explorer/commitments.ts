import type { CostLine } from "../../data/billing.ts";
import { AwsError, validation } from "../../protocol/errors.ts";
import type { SortBy } from "./commitment-shapes.ts";
import { dimension } from "./dimensions.ts";
import { compileFilterOf, type LineFilter } from "./filter.ts";
import { buckets, type Period } from "./periods.ts";
import type { Expression, Granularity, GroupBy } from "./shapes.ts";

/** What the operations on Savings Plans and reservations share. */

export const noData = (): AwsError =>
  new AwsError(
    "DataUnavailableException",
    "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be ingested yet",
  );

/** A filter on lines that takes only some dimensions, and no tags. */
export const compileDimensionFilter = (
  expression: Expression | undefined,
  allowed: readonly string[],
): LineFilter =>
  compileFilterOf<CostLine>(
    {
      dimension: (key) => {
        if (!allowed.includes(key)) throw unsupportedDimension(key, allowed);
        return dimension(key);
      },
      tag: () => {
        throw validation("Tags are not supported in the filter of this request");
      },
    },
    expression,
  );

export const unsupportedDimension = (key: string, allowed: readonly string[]): AwsError =>
  validation(
    `Dimension ${key} is not supported for this request. Valid values are ${allowed.join(", ")}`,
  );

/** The names by which groups are asked for, each one that `allowed` has. */
export function readGroupNames(
  definitions: readonly GroupBy[] | undefined,
  granularity: Granularity | undefined,
  allowed: readonly string[],
): readonly string[] {
  if (definitions === undefined || definitions.length === 0) return [];
  if (granularity !== undefined) {
    throw validation("Granularity can't be set if GroupBy is set");
  }
  return definitions.map(({ Type = "DIMENSION", Key = "" }) => {
    if (Type !== "DIMENSION" || !allowed.includes(Key)) throw unsupportedDimension(Key, allowed);
    return Key;
  });
}

/** Days or months; the whole period where no granularity is asked for. */
export const cut = (period: Period, granularity: Granularity | undefined): Period[] =>
  granularity === undefined ? [period] : buckets(period, granularity);

/** Sorts by one of the sort keys that an operation knows; leaves the order alone without one. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortBy: SortBy | undefined,
  keys: Readonly<Record<string, (row: Row) => number | string>>,
): readonly Row[] {
  if (sortBy === undefined) return rows;
  const keyOf = new Map(Object.entries(keys)).get(sortBy.Key);
  if (keyOf === undefined) {
    throw validation(
      `SortBy key ${sortBy.Key} is invalid. Valid values are ${Object.keys(keys).join(", ")}`,
    );
  }
  const direction = sortBy.SortOrder === "ASCENDING" ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    return x === y ? 0 : (x < y ? -1 : 1) * direction;
  });
}

/** `part` of `whole` in percent, as these operations print it. */
export const formatPercent = (part: number, whole: number): string =>
  whole === 0 ? "0" : String(Math.round((part / whole) * 1e10) / 1e8);
