import { alarmsOf } from "../../../../plugins/aws-operations/demo-account/data/alarms.ts";
import { parseDay } from "../../../../plugins/aws-operations/demo-account/data/days.ts";
import { healthEvents } from "../../../../plugins/aws-operations/demo-account/data/health-events.ts";
import { incidentBefore } from "../../../../plugins/aws-operations/demo-account/data/incident.ts";
import { Ledger } from "../../../../plugins/aws-operations/demo-account/data/ledger.ts";
import { IMPAIRED_INSTANCE } from "../../../../plugins/aws-operations/demo-account/data/metrics/infrastructure-series.ts";
import * as names from "../../../../plugins/aws-operations/demo-account/data/names.ts";
import { trailEvents } from "../../../../plugins/aws-operations/demo-account/data/trail/trail.ts";
import { noon } from "../helpers.ts";

// What went wrong in the demo account, and who did what in it.

const { spike } = new Ledger("default", noon);
const { metric, composite } = alarmsOf(noon, spike);

export const firing = [...metric, ...composite].filter(({ state }) => state === "ALARM");
export const silent = metric.filter(({ state }) => state === "OK");
export const events = healthEvents(noon);
export const sick = IMPAIRED_INSTANCE;
export const { CHECKOUT_FUNCTION, ORDERS_DATABASE, PARTNERS_API, PUBLIC_BUCKET } = names;

/** `2026-11-20 10:45` */
export function minuteOf(date: Date): string {
  return date.toISOString().slice(0, 16).replace("T", " ");
}

export const failingSince = minuteOf(incidentBefore(noon).failingSince);

const trail = trailEvents(
  { startedAt: noon, now: noon, spikeStart: spike?.start, rootHasMfa: true },
  parseDay("2026-08-23") ?? 0,
);

type Deed = (typeof trail)[number];

/** What users have done since a day, without what only reads: `2026-11-17 13:15 | dora.novak | s3:PutBucketPolicy`. */
export function deedsSince(day: string, fits: (deed: Deed) => boolean): string[] {
  const found = trail.flatMap((deed) => {
    const { time, service, name, actor, isReadOnly = false } = deed;
    const counts = time.toISOString() >= day && !isReadOnly && actor.kind === "user" && fits(deed);
    return counts ? [`${minuteOf(time)} | ${actor.name} | ${service}:${name}`] : [];
  });
  if (found.length === 0) throw new Error(`No such thing was done since ${day}`);
  return found;
}
