import { INSTANCES } from "./names.ts";

interface InstanceType {
  readonly vcpu: string;
  readonly memory: string;
  readonly network: string;
  /** On-demand price of an hour in us-east-1, in currency units. */
  readonly hourly: number;
}

export const INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
  "m6i.xlarge": { vcpu: "4", memory: "16 GiB", network: "Up to 12.5 Gigabit", hourly: 0.192 },
  "m6i.large": { vcpu: "2", memory: "8 GiB", network: "Up to 12.5 Gigabit", hourly: 0.096 },
  "m7g.large": { vcpu: "2", memory: "8 GiB", network: "Up to 12.5 Gigabit", hourly: 0.0816 },
};

/** What an hour costs in a region, as a share of what it costs in us-east-1. */
const REGIONAL: Readonly<Record<string, number>> = { "us-east-1": 1, "eu-west-1": 1.115 };

/** An instance that Cost Explorer would have its owner stop or make smaller. */
export interface Rightsizing {
  readonly instance: (typeof INSTANCES)[number];
  readonly maxCpuPercent: number;
  /** What it should become, within its family and outside of it; absent if it should go. */
  readonly target?: { readonly sameFamily: string; readonly anyFamily: string };
}

const OVERSIZED = INSTANCES.filter(({ id }) => id === "i-0a1b2c3d4e5f60002");

export const RIGHTSIZINGS: readonly Rightsizing[] = [
  ...INSTANCES.filter(({ isIdle }) => isIdle).map((instance) => ({ instance, maxCpuPercent: 2.4 })),
  ...OVERSIZED.map((instance) => ({
    instance,
    maxCpuPercent: 31.7,
    target: { sameFamily: "m6i.large", anyFamily: "m7g.large" },
  })),
];

/** Price of an hour on demand, in currency units. */
export const hourlyPrice = (type: string, region: string): number =>
  Math.round((INSTANCE_TYPES[type]?.hourly ?? 0) * (REGIONAL[region] ?? 1) * 10_000) / 10_000;
