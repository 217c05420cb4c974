import { dayOf, daysBetween, type Day } from "../days.ts";
import { incidentBefore } from "../incident.ts";
import { uniqueId } from "../iam/names.ts";
import { instanceId, type UserName } from "../names.ts";
import { HOUR_MS } from "../times.ts";
import * as actors from "./actors.ts";
import * as deeds from "./deeds.ts";
import { happened, type Deed, type TrailEvent } from "./trail-event.ts";

const DAY_MS = 24 * HOUR_MS;

interface Account {
  readonly startedAt: Date;
  readonly now: Date;
  /** The first day of the cost anomaly, if there is one. */
  readonly spikeStart: Day | undefined;
  readonly rootHasMfa: boolean;
}

/** What happened in the account until `now`, since `firstDay`; the latest comes first. */
export function trailEvents(account: Account, firstDay: Day): readonly TrailEvent[] {
  const today = dayOf(account.now);
  return [
    ...incidents(account),
    ...[...daysBetween(firstDay, today + 1)].flatMap(routine),
    ...(account.spikeStart === undefined ? [] : beforeSpike(account.spikeStart)),
  ]
    .filter(({ time }) => time <= account.now && dayOf(time) >= firstDay)
    .toSorted((a, b) => b.time.getTime() - a.time.getTime());
}

/** What people and programs do every day, and on Mondays. */
function routine(day: Day): TrailEvent[] {
  const isMonday = new Date(day * DAY_MS).getUTCDay() === 1;
  const at = (deed: Deed, hour: number, region = "us-east-1"): TrailEvent =>
    happened(deed, timeOn(day, hour), region);
  return [
    at(deeds.assumeRole(actors.EC2_SERVICE, "demo-app", instanceId(1)), 0.25),
    at(deeds.describeInstances(actors.CI_RUNNER), 2),
    at(deeds.describeInstances(actors.CI_RUNNER), 2.05, "eu-west-1"),
    at(deeds.createSnapshot(actors.BACKUP_AGENT, "vol-0a1b2c3d4e5f70001"), 3),
    ...(isMonday
      ? [
          at(deeds.signIn(actors.GRACE), 8.6),
          at(deeds.listAccessKeys(actors.GRACE, "deploy-bot"), 8.7),
        ]
      : []),
  ];
}

/** What is worth asking about, by how many days ago it was. */
function incidents({ startedAt, rootHasMfa }: Account): TrailEvent[] {
  const today = dayOf(startedAt);
  const at = (deed: Deed, daysAgo: number, hour: number, region = "us-east-1"): TrailEvent =>
    happened(deed, timeOn(today - daysAgo, hour), region);
  const newKey = (daysAgo: number, user: UserName, name: string = user): TrailEvent[] => [
    at(deeds.signIn(actors.ANNA), daysAgo, 14),
    at(deeds.createAccessKey(actors.ANNA, user, uniqueId("AKIA", name)), daysAgo, 14.2),
  ];
  return [
    happened(
      deeds.updateFunctionCode(actors.DEPLOY_BOT),
      incidentBefore(startedAt).deployedAt,
      "us-east-1",
    ),
    at(deeds.deniedRunInstances(actors.CI_RUNNER), 1, 2.3),
    at(deeds.signIn(actors.FINN, "Failed authentication"), 2, 4.1),
    at(deeds.signIn(actors.FINN, "Failed authentication"), 2, 4.15),
    at(deeds.signIn(actors.DORA), 3, 13.1),
    at(deeds.deleteBucketPolicy(actors.DORA), 3, 13.2),
    at(deeds.publishBucket(actors.DORA), 3, 13.25),
    ...newKey(5, "ci-runner", "ciru2"),
    at(deeds.signIn(actors.ANNA), 6, 8.1),
    at(deeds.attachAdministratorPolicy(actors.ANNA, "ben.ortiz"), 6, 8.4),
    at(deeds.tagWithInstructions(actors.IVY, 11), 8, 10.5, "eu-west-1"),
    at(deeds.signIn(actors.root(rootHasMfa)), 12, 6.2),
    at(deeds.signIn(actors.BEN), 12, 17.4),
    at(deeds.stopInstances(actors.BEN, 6), 12, 17.5),
    at(deeds.stopInstances(actors.BEN, 12), 19, 17.5, "eu-west-1"),
    at(deeds.openSsh(actors.BEN), 26, 15.6),
    at(deeds.signIn(actors.ANNA), 29, 9.4),
    at(deeds.deactivateAccessKey(actors.ANNA, "hugo.lind", uniqueId("AKIA", "hugo.lind")), 29, 9.5),
    at(deeds.deniedStopLogging(actors.HUGO), 30, 11.3),
    at(deeds.deniedDescribeTrails(actors.HUGO), 30, 11.2),
    ...newKey(34, "chen.li"),
    ...newKey(47, "ivy.marsh"),
    ...newKey(63, "grace.osei"),
    ...newKey(88, "hugo.lind"),
    ...newKey(89, "ci-runner"),
    at(deeds.runInstances(actors.DEPLOY_BOT, "m6i.large", 10), 40, 8.75, "eu-west-1"),
    at(deeds.stopInstances(actors.GRACE, 13), 41, 17.5, "us-west-2"),
    at(deeds.runInstances(actors.HUGO, "m6i.large", 12), 75, 8.75, "eu-west-1"),
  ];
}

/** The evening before the costs rose. */
function beforeSpike(spikeStart: Day): TrailEvent[] {
  const at = (deed: Deed, hour: number): TrailEvent =>
    happened(deed, timeOn(spikeStart - 1, hour), "eu-west-1");
  const actor = actors.CHEN_AS_OPERATIONS;
  return [
    at(deeds.assumeRole(actors.CHEN, actor.role, actor.session), 21.6),
    at(deeds.deleteVpcEndpoints(actor), 21.75),
    at(deeds.createRoute(actor), 21.8),
  ];
}

const timeOn = (day: Day, hour: number): Date =>
  new Date(day * DAY_MS + Math.round(hour * 3600) * 1000);
