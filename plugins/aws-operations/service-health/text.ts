import { footer } from "../answer/footer.ts";
import { gapLines } from "../answer/gaps.ts";
import { count, plain, table } from "../answer/markdown.ts";
import { fromOthers } from "../answer/untrusted.ts";
import { regionGapLines } from "../ec2/over-regions.ts";
import { short } from "./compare.ts";
import type {
  HealthSections,
  Measured,
  OkAlarms,
  OkEvents,
  OkInstances,
  OkMetrics,
  ServiceHealthOutput,
} from "./output.ts";

const titles: Readonly<Record<keyof HealthSections, string>> = {
  awsEvents: "AWS's events",
  instances: "Status checks",
  alarms: "Alarms",
  metrics: "Errors and latency",
};

const mostEvents = 6;
const mostDescribed = 3;
const mostAlarms = 8;
const mostResources = 10;
const mostInstances = 8;

/** The answer in words: whose it is and why, AWS's side, one's own, then what could not be had. */
export function writeHealth(data: ServiceHealthOutput): string {
  const { meta, verdict, awsEvents, instances, alarms, metrics } = data;
  const sections = { awsEvents, instances, alarms, metrics };
  const { instances: i, alarms: a, metrics: m } = sections;
  const gaps = [
    ...gapLines(sections, titles),
    ...regionGapLines({ instances: i, alarms: a, metrics: m }, titles),
    ...meta.notes,
  ];
  const { regions } = meta;
  const parts = [
    "## AWS service health",
    verdictText(verdict),
    ...(awsEvents.status === "ok" ? [eventsText(awsEvents)] : []),
    ...(instances.status === "ok" ? [instancesText(instances)] : []),
    ...(alarms.status === "ok" ? [alarmsText(alarms)] : []),
    ...(metrics.status === "ok" ? [metricsText(metrics)] : []),
    gaps.map((line) => `- ${line}`).join("\n"),
    footer(meta, [
      regions.length > 4 ? `${regions.length} regions` : regions.join(", ") || "no region",
      ...(meta.notEnabled.length > 0
        ? [`not enabled for this account, so not asked: ${meta.notEnabled.join(", ")}`]
        : []),
    ]),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const headlines: Readonly<Record<string, string>> = {
  "AWS's": "It is AWS's",
  yours: "It is yours",
  "cannot tell": "Cannot tell whose it is",
};

function verdictText({
  whose,
  confidence,
  reasons,
  unknown,
}: ServiceHealthOutput["verdict"]): string {
  const missing = unknown.length > 0 ? `\n\nNot known: ${unknown.join("; ")}.` : "";
  const head = `**${headlines[whose] ?? whose} (${Math.round(confidence * 100)} % sure).**`;
  return `${head} ${reasons.join(" ")}${missing}`;
}

function eventsText({ count: total, items }: OkEvents): string {
  const head = "### AWS's side";
  if (total === 0) return `${head}\n\nAWS Health has no event that was asked for.`;
  const asked = items.filter(({ concerns }) => concerns).length;
  const rows = items
    .slice(0, mostEvents)
    .map((one) => [
      `${one.service} ${one.category}`,
      one.zone ?? one.region,
      one.status,
      span(one),
      one.affectedCount === undefined ? "" : affectedText(one),
    ]);
  const words = items
    .filter(({ concerns, description }) => concerns && description !== undefined)
    .slice(0, mostDescribed)
    .map(({ service, description = "" }) => `- ${service}: ${cut(description, 280)}`);
  const inside = [
    table(["Event", "Where", "Status", "Time (UTC)", "Names of yours"], rows),
    ...(words.length > 0 ? [words.join("\n")] : []),
  ];
  const more = items.length > rows.length ? ` The first ${rows.length}:` : "";
  return `${head}\n\n${count(total, "event")}, ${asked} of which ${asked === 1 ? "concerns" : "concern"} the question.${more}\n\n${fromOthers(inside.join("\n\n"))}`;
}

function affectedText({ affected = [], affectedCount = 0 }: OkEvents["items"][number]): string {
  const names = affected.slice(0, 2).map(({ id }) => plain(id.split(":").at(-1) ?? id));
  const more = affectedCount - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function minuteOf(time: string | undefined): string {
  return time?.slice(0, 16).replace("T", " ") ?? "";
}

function span({
  start,
  end,
}: {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}): string {
  return [start, end].map(minuteOf).join(" – ").replace(/ – $/, " –");
}

function instancesText({ checked, failing, undecided }: OkInstances): string {
  const head = "### Your side: status checks";
  if (checked === 0) return `${head}\n\nNo running instance: there is nothing to check.`;
  const bad = failing.filter(({ whose }) => whose !== "");
  const open = undecided.length > 0 ? `, ${undecided.length} without a result yet` : "";
  const line = `${count(checked, "running instance")}: ${bad.length === 0 ? "none fails" : `${bad.length} fail${bad.length === 1 ? "s" : ""}`}${open}.`;
  if (failing.length === 0) return `${head}\n\n${line}`;
  const rows = failing
    .slice(0, mostInstances)
    .map(
      ({
        id,
        region,
        zone,
        systemCheck,
        instanceCheck,
        ebsCheck,
        since,
        whose,
        scheduled = [],
      }) => [
        id,
        zone ?? region,
        ebsCheck === "impaired" ? `${systemCheck}, EBS impaired` : systemCheck,
        instanceCheck,
        minuteOf(since),
        whose || "–",
        scheduled.join(", "),
      ],
    );
  const cells = [
    "Instance",
    "Where",
    "System check",
    "Own check",
    "Since",
    "Whose",
    "Scheduled by AWS",
  ];
  return `${head}\n\n${line}\n\n${table(cells, rows)}`;
}

function alarmsText({ count: total, items, withoutAlarms }: OkAlarms): string {
  const head = "### Your side: alarms";
  const none =
    withoutAlarms.length > 0
      ? ` No alarm is set up in ${withoutAlarms.join(", ")}: silence there says nothing.`
      : "";
  if (total === 0) return `${head}\n\nNo alarm is in ALARM.${none}`;
  const asked = items.filter(({ concerns }) => concerns).length;
  const rows = items
    .slice(0, mostAlarms)
    .map(({ name, region, since, metric, resource = "", reason = "" }) => [
      plain(name),
      region,
      minuteOf(since),
      metric === undefined
        ? plain(reason)
        : [metric.replace(/^AWS\//, ""), plain(resource)].join(" "),
    ]);
  const line = `${count(total, "alarm")} in ALARM, ${asked} of which ${asked === 1 ? "concerns" : "concern"} the question.${none}`;
  return `${head}\n\n${line}\n\n${fromOthers(table(["Alarm", "Where", "Since", "Watches"], rows))}`;
}

function metricsText({ items, to }: OkMetrics): string {
  const head = "### Your side: the last hour and the day before";
  if (items.length === 0) return "";
  const bad = items.filter(({ state }) => state === "worse" || state === "silent").length;
  const lines = items
    .slice(0, mostResources)
    .map(({ resource, region, state, since, why = [], values }) => {
      const from = since === undefined ? "" : ` since ${minuteOf(since)}`;
      const numbers = [...why, ...(why.length > 0 ? [] : values.flatMap(valueText))].join("; ");
      return `- ${plain(resource)} (${region}): ${state}${from}${numbers === "" ? "" : `: ${numbers}`}`;
    });
  const more = items.length > lines.length ? ` The first ${lines.length}:` : "";
  const line = `${count(items.length, "resource")}, ${bad} worse or silent, up to ${to.slice(11, 16)} UTC.${more}`;
  return `${head}\n\n${line}\n\n${fromOthers(lines.join("\n"))}`;
}

function valueText({ metric, unit = "", lastHour, dayBefore }: Measured): string[] {
  if (lastHour === undefined && dayBefore === undefined) return [];
  return [`${metric} ${numberOf(dayBefore)} → ${numberOf(lastHour)} ${unit}`.trim()];
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function numberOf(value: number | undefined): string {
  return value === undefined ? "–" : short(value);
}
