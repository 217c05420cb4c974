import { count } from "../answer/markdown.ts";
import { codesBehind, isFoundation } from "./known-services.ts";
import type {
  AlarmItem,
  HealthEventItem,
  HealthSections,
  InstanceItem,
  ResourceItem,
  ServiceHealthOutput,
} from "./output.ts";
import { asksFor, type HealthQuery } from "./query.ts";

type Verdict = ServiceHealthOutput["verdict"];

/** Whose trouble it is, as far as the sections tell. */
export interface VerdictQuestion {
  readonly query: HealthQuery;
  readonly regions: readonly string[];
  readonly now: Date;
}

/** How long an issue that is over may still be felt. */
const aftermathMs = 2 * 3_600_000;

/** What was seen that bears on the question. */
interface Signs {
  /** Open issues of AWS with what was asked about. */
  readonly issues: readonly HealthEventItem[];
  /** Maintenance of AWS that goes on. */
  readonly works: readonly HealthEventItem[];
  /** Issues that were over shortly before. */
  readonly recent: readonly HealthEventItem[];
  /** Open issues with what everything in the region rests on. */
  readonly beneath: readonly HealthEventItem[];
  readonly awsInstances: readonly InstanceItem[];
  readonly ownInstances: readonly InstanceItem[];
  readonly resources: readonly ResourceItem[];
  readonly alarms: readonly AlarmItem[];
}

/** Says whose trouble it is, why, and what was not seen. Nothing that is unknown counts as nothing. */
export function verdictOf(sections: HealthSections, question: VerdictQuestion): Verdict {
  const signs = signsIn(sections, question);
  const unknown = unknownOf(sections, question);
  const knowsAws = sections.awsEvents.status === "ok" && sections.awsEvents.complete;
  const hasAws = signs.issues.length + signs.works.length + signs.awsInstances.length > 0;
  const own = signs.ownInstances.length + signs.resources.length + signs.alarms.length;
  const reasons = [...awsReasons(signs), ...ownReasons(signs)];
  const answer = (whose: string, confidence: number, ...more: string[]): Verdict => ({
    whose,
    confidence,
    reasons: [...reasons, ...more],
    unknown,
  });
  if (hasAws && own === 0) {
    const isSure = signs.awsInstances.length > 0 || question.query.services.length > 0;
    const nothing =
      unknown.length === 0
        ? "Nothing of yours shows a fault of its own."
        : "Of yours, nothing that was seen shows a fault of its own.";
    return answer("AWS's", isSure && unknown.length === 0 ? 0.85 : 0.65, nothing);
  }
  if (hasAws) {
    return isExplained(signs)
      ? answer("AWS's", 0.7, "What is wrong with yours is in the same service and region.")
      : answer(
          "cannot tell",
          0.4,
          "Both sides show trouble, and AWS's does not explain all of yours.",
        );
  }
  if (own > 0 && knowsAws) {
    const isOwn = signs.ownInstances.length + signs.resources.length > 0;
    const doubt = signs.beneath.length + signs.recent.length > 0;
    const nothing = doubt
      ? "AWS Health has no open issue with what was asked about."
      : "AWS Health has no open issue that bears on it.";
    return answer("yours", (isOwn ? 0.8 : 0.65) - (doubt ? 0.15 : 0), nothing);
  }
  if (own > 0) {
    const isInstanceAlone = signs.resources.length === 0 && signs.ownInstances.length > 0;
    return isInstanceAlone && signs.alarms.length === 0
      ? answer("yours", 0.7, "The system checks of these instances pass.")
      : answer(
          "cannot tell",
          0.3,
          "It looks like yours, but what AWS knows of its own side is unknown.",
        );
  }
  return answer("cannot tell", unknown.length === 0 ? 0.5 : 0.2, calmReason(sections, unknown));
}

function isIssue({ category }: HealthEventItem): boolean {
  return category === "issue" || category === "investigation";
}

function signsIn(
  { awsEvents, instances, alarms, metrics }: HealthSections,
  { query, regions, now }: VerdictQuestion,
): Signs {
  const events = awsEvents.status === "ok" ? awsEvents.items : [];
  const failing = instances.status === "ok" ? instances.failing : [];
  const asked = events.filter(({ concerns }) => concerns);
  const isEc2Asked = asksFor(query, "EC2");
  const issues = asked.filter((one) => isIssue(one) && one.status === "open");
  return {
    issues,
    works: asked.filter(
      ({ category, status, start = "9" }) =>
        category === "scheduledChange" && status === "open" && start <= now.toISOString(),
    ),
    recent: asked.filter(
      (one) =>
        isIssue(one) &&
        one.status === "closed" &&
        now.getTime() - Date.parse(one.end ?? "") < aftermathMs,
    ),
    beneath: events.filter(
      (one) =>
        isIssue(one) &&
        one.status === "open" &&
        !issues.includes(one) &&
        isFoundation(one.service) &&
        (one.region === "global" || regions.includes(one.region)),
    ),
    awsInstances: isEc2Asked ? failing.filter(({ whose }) => whose === "AWS's") : [],
    ownInstances: isEc2Asked ? failing.filter(({ whose }) => whose === "yours") : [],
    resources:
      metrics.status === "ok"
        ? metrics.items.filter(({ state }) => state === "worse" || state === "silent")
        : [],
    // What an alarm of a failing host says has been said by its check.
    alarms: (alarms.status === "ok" ? alarms.items : []).filter(
      ({ concerns, resource }) =>
        concerns && !failing.some(({ id, whose }) => whose === "AWS's" && id === resource),
    ),
  };
}

/** Whether AWS's trouble is where all of the owner's is: the same service and region, or resources that AWS names. */
function isExplained({ issues, works, ownInstances, resources, alarms }: Signs): boolean {
  const events = [...issues, ...works];
  const isNamed = (id: string) =>
    events.some(({ affected = [] }) => affected.some((one) => one.id === id));
  const isOf = (place: string, region: string) =>
    events.some(
      (one) =>
        (one.region === region || one.region === "global") &&
        codesBehind(place).includes(one.service),
    );
  return (
    // An instance that answers for itself alone is not explained by an issue with others.
    ownInstances.every(({ id }) => isNamed(id)) &&
    resources.every(
      ({ service, resource, region }) => isNamed(resource) || isOf(service, region),
    ) &&
    alarms.every(
      ({ metric, resource = "", region }) =>
        // One made of others stands for these.
        metric === undefined || isNamed(resource) || isOf(metric.split(" ")[0] ?? "", region),
    )
  );
}

function awsReasons({ issues, works, recent, beneath, awsInstances }: Signs): string[] {
  return [
    ...issues.map(
      (one) =>
        `AWS has an open issue with ${one.service} in ${one.region}, since ${one.start ?? "unknown"}.`,
    ),
    ...works.map((one) => `AWS is at work on ${one.service} in ${one.region} (scheduled change).`),
    ...(awsInstances.length > 0
      ? [`${some(awsInstances.map(({ id }) => id))}: AWS's host or volume fails its check.`]
      : []),
    ...recent.map(
      (one) =>
        `AWS's issue with ${one.service} in ${one.region} was over at ${one.end}: it may still be felt.`,
    ),
    ...beneath.map(
      (one) =>
        `AWS has an open issue with ${one.service} in ${one.region}, on which much else rests.`,
    ),
  ];
}

function ownReasons({ ownInstances, resources, alarms }: Signs): string[] {
  const worse = resources.filter(({ state }) => state === "worse");
  const since = worse.flatMap((one) => one.since ?? []).toSorted()[0];
  const from = since === undefined ? "" : `, since ${since}`;
  const titles = [...new Set(worse.map(({ service }) => service))].join(", ");
  const silent = resources.length - worse.length;
  return [
    ...(ownInstances.length > 0
      ? [
          `${some(ownInstances.map(({ id }) => id))}: the instance's own check fails while its system check passes.`,
        ]
      : []),
    ...(worse.length > 0
      ? [
          `${count(worse.length, "resource")} of ${titles} ${worse.length === 1 ? "does" : "do"} worse than the day before${from}.`,
        ]
      : []),
    ...(silent > 0
      ? [
          `${count(silent, "resource")} that reported all day before ${silent === 1 ? "is" : "are"} silent.`,
        ]
      : []),
    ...(alarms.length > 0
      ? [
          `${count(alarms.length, "alarm")} of yours ${alarms.length === 1 ? "is" : "are"} in ALARM.`,
        ]
      : []),
  ];
}

function calmReason({ metrics }: HealthSections, unknown: readonly string[]): string {
  const seen =
    unknown.length === 0 ? "Neither side shows trouble" : "What could be seen shows no trouble";
  const compared = metrics.status === "ok" && metrics.items.length > 0;
  return `${seen}${compared ? ", and the numbers are as the day before" : ""}: look closer at what fails, and when.`;
}

const titles: Readonly<Record<keyof HealthSections, string>> = {
  awsEvents: "AWS's events",
  instances: "status checks",
  alarms: "alarms",
  metrics: "metrics",
};

/** What the answer does not rest on. */
function unknownOf(sections: HealthSections, { query, regions }: VerdictQuestion): string[] {
  const found = Object.entries(titles).flatMap(([name, title]) => {
    const one = sections[name as keyof HealthSections];
    if (one.status === "error") return [`${title} (${one.error.code})`];
    const failures = "failures" in one ? (one.failures ?? []) : [];
    return failures.map(({ region, code }) => `${title} in ${region} (${code})`);
  });
  return [
    ...(regions.length === 0 ? ["everything: none of the regions is enabled"] : []),
    ...found,
    ...notSeen(sections),
    ...notMeasured(sections, query),
  ];
}

/** What sections that have their data say nothing of. */
function notSeen({ awsEvents, instances, alarms }: HealthSections): string[] {
  const undecided = instances.status === "ok" ? instances.undecided.length : 0;
  const silent = alarms.status === "ok" ? alarms.withoutAlarms : [];
  return [
    ...(awsEvents.status === "ok" && !awsEvents.complete
      ? ["AWS's open issues: not all were asked for or read"]
      : []),
    ...(undecided > 0 ? [`${count(undecided, "instance")} whose checks have no result yet`] : []),
    ...(silent.length > 0 ? [`what alarms would say in ${silent.join(", ")}: none is set up`] : []),
  ];
}

function notMeasured({ metrics }: HealthSections, { services }: HealthQuery): string[] {
  if (metrics.status === "error") return [];
  const items = metrics.status === "ok" ? metrics.items : [];
  const omitted = metrics.status === "ok" ? metrics.omitted : 0;
  const open = items.filter(({ state }) => state === "unknown").length;
  const without = services.filter(({ title }) => !items.some(({ service }) => service === title));
  return [
    ...(without.length > 0
      ? [`errors and latency of ${without.map(({ title }) => title).join(", ")}`]
      : []),
    ...(open > 0 ? [`${count(open, "resource")} without numbers to compare`] : []),
    ...(omitted > 0
      ? [`${count(omitted, "resource")} that ${omitted === 1 ? "was" : "were"} not looked at`]
      : []),
  ];
}

function some(ids: readonly string[]): string {
  const more = ids.length - 3;
  return more > 0 ? `${ids.slice(0, 3).join(", ")} and ${more} more` : ids.join(", ");
}
