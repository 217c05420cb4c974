import type { Volume } from "@aws-sdk/client-ec2";

/** When the prices below were looked up. They are written down, not asked for: what they give is an estimate. */
export const priceDate = "2026-11";

export const priceBasis: string = `estimates from the list prices of us-east-1 as of ${priceDate}, on demand, in US dollars`;

const hoursPerMonth = 730;

/** US dollars for one GiB and month, by the type of volume. */
const perGiB = {
  gp3: 0.08,
  gp2: 0.1,
  io1: 0.125,
  io2: 0.125,
  st1: 0.045,
  sc1: 0.015,
  standard: 0.05,
} as const;

/** What gp3 has without being paid for. */
const gp3Included = { iops: 3000, throughput: 125 };
const gp3PerIops = 0.005;
const gp3PerThroughput = 0.04;
/** For io1, and for io2 up to 32,000. */
const provisionedPerIops = 0.065;

const snapshotPerGiB = 0.05;
const archivedSnapshotPerGiB = 0.0125;

/** US dollars for one public IPv4 address and month, used or not. */
export const addressPerMonth = round(0.005 * hoursPerMonth);

/** US dollars for one NAT gateway and month, without its traffic. */
export const natGatewayPerMonth = round(0.045 * hoursPerMonth);
const natGatewayPerGB = 0.045;

/** US dollars per month; undefined for a type that is not in the table. */
export function volumePerMonth(volume: Volume): number | undefined {
  const { VolumeType = "", Size = 0, Iops = 0, Throughput = 0 } = volume;
  if (!Object.hasOwn(perGiB, VolumeType)) return undefined;
  const storage = perGiB[VolumeType as keyof typeof perGiB];
  const extra =
    VolumeType === "gp3"
      ? Math.max(0, Iops - gp3Included.iops) * gp3PerIops +
        Math.max(0, Throughput - gp3Included.throughput) * gp3PerThroughput
      : VolumeType.startsWith("io")
        ? Iops * provisionedPerIops
        : 0;
  return round(Size * storage + extra);
}

/** What a gp2 volume costs more than gp3 of the same size and IOPS. */
export function gp3Saving(volume: Volume): number {
  const now = volumePerMonth(volume) ?? 0;
  const then = volumePerMonth({ ...volume, VolumeType: "gp3", Throughput: gp3Included.throughput });
  return round(now - (then ?? now));
}

/** At most: a snapshot stores only what changed since the one before. */
export function snapshotPerMonth(sizeGiB: number, tier: string | undefined): number {
  return round(sizeGiB * (tier === "archive" ? archivedSnapshotPerGiB : snapshotPerGiB));
}

interface Family {
  readonly successor: string;
  /** US dollars an hour for the size `large`, with Linux: of this family, and of its successor. */
  readonly large: readonly [now: number, then: number];
}

/** Families of earlier generations, and which of today's takes their place. */
const previousFamilies: Readonly<Record<string, Family>> = {
  t1: { successor: "t3", large: [0.16, 0.0832] },
  t2: { successor: "t3", large: [0.0928, 0.0832] },
  m1: { successor: "m6i", large: [0.175, 0.096] },
  m2: { successor: "r6i", large: [0.1225, 0.126] },
  m3: { successor: "m6i", large: [0.133, 0.096] },
  m4: { successor: "m6i", large: [0.1, 0.096] },
  c1: { successor: "c6i", large: [0.13, 0.085] },
  c3: { successor: "c6i", large: [0.105, 0.085] },
  c4: { successor: "c6i", large: [0.1, 0.085] },
  r3: { successor: "r6i", large: [0.166, 0.126] },
  r4: { successor: "r6i", large: [0.133, 0.126] },
};

const smallSizes: Readonly<Record<string, number>> = {
  nano: 1 / 16,
  micro: 1 / 8,
  small: 1 / 4,
  medium: 1 / 2,
  large: 1,
  xlarge: 2,
};

/** What takes the place of an instance type of a previous generation, and what that saves; undefined for today's types. */
export function successorOf(
  instanceType: string,
): { readonly type: string; readonly perMonth: number | undefined } | undefined {
  const [family = "", size = ""] = instanceType.split(".");
  const known = Object.hasOwn(previousFamilies, family) ? previousFamilies[family] : undefined;
  if (known === undefined) return undefined;
  const { successor, large } = known;
  const factor = smallSizes[size] ?? Number(/^(\d+)xlarge$/.exec(size)?.[1]) * 2;
  const saving = (large[0] - large[1]) * factor * hoursPerMonth;
  return {
    type: `${successor}.${size}`,
    perMonth: Number.isNaN(saving) ? undefined : Math.max(0, round(saving)),
  };
}

/** The prices in words, for plans: `$0.08`. */
export const priceWords = {
  gp2: words(perGiB.gp2),
  gp3: words(perGiB.gp3),
  gp3For100GiB: words(round(perGiB.gp3 * 100)),
  io: words(perGiB.io1),
  iops: words(provisionedPerIops),
  snapshot: words(snapshotPerGiB),
  address: words(addressPerMonth),
  natGateway: words(natGatewayPerMonth),
  natGatewayPerGB: words(natGatewayPerGB),
} as const;

/** At least two decimals, and as many as the price has. */
function words(price: number): string {
  const short = price.toFixed(2);
  return `$${Number(short) === price ? short : price}`;
}

function round(amount: number): number {
  return Math.round(amount * 100) / 100;
}
