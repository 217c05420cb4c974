import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import { noise } from "../noise.ts";
import type { Sample } from "./sample.ts";

/** Whole minutes since 1970-01-01, UTC. */
export type Minute = number;

/** One metric with one set of dimensions. */
export interface Series {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: StandardUnit;
  /** Minutes between values. Default 1. */
  readonly every?: number;
  readonly sampleAt: Sampler;
}

/** What was reported for a minute; a count of 0 for nothing. */
export type Sampler = (minute: Minute) => Sample;

export const seriesOf =
  (region: string, namespace: string, dimensions: Series["dimensions"]) =>
  (name: string, unit: StandardUnit, sampleAt: Sampler): Series => ({
    region,
    namespace,
    name,
    dimensions,
    unit,
    sampleAt,
  });

const MINUTES_PER_DAY = 1_440;
const DAILY_SWING = 0.25;

/** The share of its usual amount that something has in a minute: less at night, and never quite even. */
export function wave(key: string, minute: Minute, width = 0.2): number {
  const phase = ((minute % MINUTES_PER_DAY) / MINUTES_PER_DAY) * 2 * Math.PI;
  // Lowest at 3 in the morning, highest at 15 o'clock.
  const swing = 1 - DAILY_SWING * Math.cos(phase - Math.PI / 4);
  return swing * (1 + width * (noise(`${key} ${minute}`) - 0.5));
}

/** How many of `total` fail at a rate: the fraction falls one way or the other. */
export const failures = (key: string, minute: Minute, total: number, rate: number): number =>
  Math.floor(total * rate + noise(`${key} failures ${minute}`));
