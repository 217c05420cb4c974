import { ANOMALY_USAGE_TYPE, PRODUCTION, type Stream } from "./catalogue.ts";
import type { Day } from "./days.ts";
import { micros, type Micros } from "./money.ts";

/** Spend above the ordinary on each day of the spike, in currency units; together 412.60. */
const EXTRA_COST = [58.2, 104.9, 121.3, 88.4, 39.8] as const;

const DAYS_SINCE_END = 4;

/** A spike of NAT gateway traffic in eu-west-1, a few days before the account was started. */
export interface Spike {
  readonly start: Day;
  /** The last day, inclusive, as GetAnomalies reports it. */
  readonly end: Day;
  readonly totalImpact: Micros;
  readonly maxImpact: Micros;
  extraCost(stream: Stream, day: Day): Micros;
}

export function spikeBefore(today: Day): Spike {
  const end = today - DAYS_SINCE_END;
  const start = end - EXTRA_COST.length + 1;
  const extra = EXTRA_COST.map(micros);
  return {
    start,
    end,
    totalImpact: extra.reduce((sum, amount) => sum + amount, 0),
    maxImpact: Math.max(...extra),
    extraCost: (stream, day) =>
      stream.usageType === ANOMALY_USAGE_TYPE && stream.account === PRODUCTION.id
        ? (extra[day - start] ?? 0)
        : 0,
  };
}
