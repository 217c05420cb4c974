/** What was measured in one minute, or in several taken together. */
export interface Sample {
  /** How many values were reported. */
  readonly count: number;
  readonly sum: number;
  readonly low: number;
  readonly high: number;
}

/** Most values lie near the lowest: the one at quantile `p` is `p`³ of the way to the highest. */
const SKEW = 3;

/** `count` values between two limits. */
export const spread = (count: number, low: number, high: number): Sample => ({
  count,
  sum: count * (low + (high - low) / (SKEW + 1)),
  low,
  high,
});

/** One value. */
export const gauge = (value: number): Sample => ({ count: 1, sum: value, low: value, high: value });

/** `total` zeroes and ones, `ones` of them ones; nothing is reported for a total of none. */
export const share = (ones: number, total: number): Sample => ({
  count: total,
  sum: ones,
  low: ones < total ? 0 : 1,
  high: ones > 0 ? 1 : 0,
});

export function together(samples: readonly Sample[]): Sample {
  let [count, sum, low, high] = [0, 0, Infinity, -Infinity];
  for (const sample of samples) {
    if (sample.count === 0) continue;
    count += sample.count;
    sum += sample.sum;
    low = Math.min(low, sample.low);
    high = Math.max(high, sample.high);
  }
  return { count, sum, low, high };
}

/** The value below which `p` of all values lie, from 0 to 1: that of each minute by its weight. */
export function quantile(samples: readonly Sample[], p: number): number {
  let [count, sum] = [0, 0];
  for (const sample of samples) {
    count += sample.count;
    sum += sample.count * (sample.low + (sample.high - sample.low) * p ** SKEW);
  }
  return sum / count;
}
