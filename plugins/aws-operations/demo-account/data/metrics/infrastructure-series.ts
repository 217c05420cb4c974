import type { Spike } from "../anomaly.ts";
import { ANOMALY_USAGE_TYPE, STREAMS } from "../catalogue.ts";
import { dayOf, type Day } from "../days.ts";
import { INSTANCES, IRELAND_NETWORK, instanceId } from "../names.ts";
import { noise } from "../noise.ts";
import { toUnits } from "../money.ts";
import { MINUTE_MS } from "../times.ts";
import { gauge } from "./sample.ts";
import { seriesOf, wave, type Minute, type Series } from "./series.ts";

const EC2_MINUTES = 5;
const MINUTES_PER_DAY = 1_440;
const GIGABYTE = 1e9;

/** Instances that run, and the NAT gateway whose traffic is the account's cost anomaly. */
export function infrastructureSeries(startedAt: Date, spike: Spike | undefined): Series[] {
  const failingSince = impairedSince(startedAt).getTime() / MINUTE_MS;
  return [
    ...INSTANCES.filter(({ isRunning }) => isRunning).flatMap((instance) =>
      instanceSeries(instance, instance.id === IMPAIRED_INSTANCE ? failingSince : Infinity),
    ),
    ...natGatewaySeries(spike),
  ];
}

export const IMPAIRED_INSTANCE = instanceId(5);

/** Since when that instance has failed its own check: five hours before the day began. */
export const impairedSince = (startedAt: Date): Date =>
  new Date((dayOf(startedAt) * MINUTES_PER_DAY - 300) * MINUTE_MS);

function instanceSeries(
  { id, region, isIdle }: (typeof INSTANCES)[number],
  failingSince: Minute,
): Series[] {
  const of = seriesOf(region, "AWS/EC2", { InstanceId: id });
  const failing = (minute: Minute) => gauge(minute >= failingSince ? 1 : 0);
  // From 20 to 50 %, each instance its own.
  const usual = 20 + 30 * noise(id);
  const cpu = (minute: Minute): number =>
    isIdle ? 0.6 + 1.2 * noise(`${id} ${minute}`) : usual * wave(id, minute);
  const bytes = (direction: string, perMinute: number) => (minute: Minute) =>
    gauge(Math.round(perMinute * EC2_MINUTES * wave(`${id} ${direction}`, minute)));
  const everyFive = [
    of("CPUUtilization", "Percent", (minute) => gauge(cpu(minute))),
    of("NetworkIn", "Bytes", bytes("in", isIdle ? 3_000 : 9_000_000)),
    of("NetworkOut", "Bytes", bytes("out", isIdle ? 2_000 : 14_000_000)),
  ];
  return [
    ...everyFive.map((series) => ({ ...series, every: EC2_MINUTES })),
    of("StatusCheckFailed", "Count", failing),
    of("StatusCheckFailed_Instance", "Count", failing),
    of("StatusCheckFailed_System", "Count", () => gauge(0)),
  ];
}

/** As many gigabytes a day as the bill charges for, about. */
function natGatewaySeries(spike: Spike | undefined): Series[] {
  const stream = STREAMS.find(({ usageType }) => usageType === ANOMALY_USAGE_TYPE);
  if (stream === undefined) return [];
  const of = seriesOf("eu-west-1", "AWS/NATGateway", { NatGatewayId: IRELAND_NETWORK.natGateway });
  const gigabytes = (day: Day): number =>
    (stream.dailyCost + toUnits(spike?.extraCost(stream, day) ?? 0)) / stream.price;
  const perMinute = (minute: Minute): number =>
    (gigabytes(Math.floor(minute / MINUTES_PER_DAY)) * GIGABYTE) / MINUTES_PER_DAY;
  return [
    of("BytesOutToDestination", "Bytes", (minute) =>
      gauge(Math.round(perMinute(minute) * wave("nat", minute, 0.1))),
    ),
    of("ActiveConnectionCount", "Count", (minute) =>
      gauge(Math.round((perMinute(minute) / 1e6) * wave("nat connections", minute))),
    ),
  ];
}
