import type { Metric, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { visible } from "../answer/untrusted.ts";
import type { SkippedSection } from "../answer/section.ts";
import { overRegions } from "../ec2/over-regions.ts";
import type { MetricValues } from "./aws-health-checker.ts";
import { judge, periodSeconds, type Window, windowBefore } from "./compare.ts";
import type { AskedService } from "./known-services.ts";
import type { OkMetrics, ResourceItem } from "./output.ts";
import { isNamed } from "./query.ts";
import {
  metricsAsOf,
  serviceMetrics,
  type ServiceMetrics,
  statisticOf,
} from "./service-metrics.ts";
import { type HealthSource, isoTime } from "./source.ts";

/** Of one kind in one region: each costs, and has some 300 values. */
const mostResources = 30;
/** Queries that one request takes. */
const mostQueries = 500;

/** A kind of resources of a service that is asked for. */
interface Kind {
  readonly service: AskedService;
  readonly spec: ServiceMetrics;
}

/** The errors and latency of the services that are asked for: the last hour beside the day before. */
export async function metricsSection(source: HealthSource): Promise<OkMetrics | SkippedSection> {
  const { services } = source.query;
  const kinds = services.flatMap((service) =>
    (service.name === undefined ? [] : (serviceMetrics[service.name] ?? [])).map((spec) => ({
      service,
      spec,
    })),
  );
  if (kinds.length === 0) return { status: "skipped", reason: whyNot(services) };
  const window = windowBefore(source.now);
  const { found, failures } = await overRegions(source.regions, (region) =>
    lookIn(source, kinds, { region, window }),
  );
  const looked = [...found.values()];
  const items = looked
    .flatMap((one) => one.items)
    .toSorted((left, right) => rank(left) - rank(right));
  const without = services.filter((one) => !kinds.some(({ service }) => service === one));
  const warnings = [
    ...looked.flatMap((one) => one.warnings),
    ...nothingFound(kinds, items, [...found.keys()]),
    ...(without.length > 0 ? [noTable(without)] : []),
  ];
  return {
    status: "ok",
    ...(warnings.length > 0 && { warnings }),
    tableAsOf: metricsAsOf,
    from: isoTime(window.from) ?? "",
    to: isoTime(window.to) ?? "",
    items,
    omitted: looked.reduce((sum, { omitted }) => sum + omitted, 0),
    ...(failures.length > 0 && { failures: [...failures] }),
  };
}

function whyNot(services: readonly AskedService[]): string {
  return services.length === 0
    ? 'No service is named: {"services": ["lambda"]} compares its errors and latency with the day before.'
    : noTable(services);
}

function noTable(services: readonly AskedService[]): string {
  const names = services.map(({ title }) => title).join(", ");
  return `There is no table of metrics for ${names}: errors and latency are unknown.`;
}

/** A service without metrics is said to have none: nothing is known of it, not that it is well. */
function nothingFound(
  kinds: readonly Kind[],
  items: readonly ResourceItem[],
  regions: readonly string[],
): string[] {
  const names = new Set(kinds.map(({ service }) => service.title));
  for (const { service } of items) names.delete(service);
  return [...names].map((name) => {
    const unless = kinds.find(({ service, spec }) => service.title === name && spec.unless)?.spec
      .unless;
    const place = regions.join(", ");
    return `${name}: CloudWatch has no metrics of it in ${place}. Either there is nothing of it there, or nothing reports.${unless === undefined ? "" : ` ${unless}.`}`;
  });
}

const states = ["worse", "silent", "unknown", "as before"];

function rank({ state }: ResourceItem): number {
  return states.indexOf(state);
}

interface LookedIn {
  readonly items: readonly ResourceItem[];
  readonly omitted: number;
  readonly warnings: readonly string[];
}

/** One resource, and the numbers of its queries. */
interface Measurable {
  readonly kind: Kind;
  readonly name: string;
  readonly queries: readonly MetricDataQuery[];
}

async function lookIn(
  source: HealthSource,
  kinds: readonly Kind[],
  { region, window }: { readonly region: string; readonly window: Window },
): Promise<LookedIn> {
  const { checker, scope } = source;
  const lists = await Promise.all(kinds.map((kind) => resourcesOf(source, kind, region)));
  const all = lists.flatMap(({ resources }) => resources);
  const measurable = all.map(({ kind, metric }, index) => toMeasurable(kind, metric, index));
  const queries = measurable.flatMap((one) => one.queries);
  const values = new Map<string, MetricValues>();
  let isCut = false;
  for (let at = 0; at < queries.length; at += mostQueries) {
    const some = queries.slice(at, at + mostQueries);
    const span = { from: window.from, to: window.to };
    const { value, truncated } = await checker.values(some, span, region, scope);
    for (const [id, found] of value) values.set(id, found);
    isCut ||= truncated;
  }
  const omitted = lists.reduce((sum, one) => sum + one.omitted, 0);
  return {
    items: measurable.map(({ kind, name, queries: own }): ResourceItem => ({
      service: kind.service.title,
      resource: name,
      region,
      ...judge(
        kind.spec,
        own.map(({ Id = "" }) => values.get(Id)),
        window,
      ),
    })),
    omitted,
    warnings: [
      ...lists.flatMap(({ warnings }) => warnings),
      ...(omitted > 0
        ? [
            `${region}: ${omitted} more resources were not looked at. Name those that matter in \`resources\`.`,
          ]
        : []),
      ...(isCut ? [`${region}: CloudWatch had more values than are read.`] : []),
    ],
  };
}

interface Found {
  readonly resources: readonly { readonly kind: Kind; readonly metric: Metric }[];
  readonly omitted: number;
  readonly warnings: readonly string[];
}

async function resourcesOf(
  { checker, query, scope }: HealthSource,
  kind: Kind,
  region: string,
): Promise<Found> {
  const { namespace, dimensions, metrics } = kind.spec;
  const { value, truncated } = await checker.metrics(
    { namespace, name: metrics[0].name, dimensions },
    region,
    scope,
  );
  // CloudWatch also lists what has further dimensions: the same requests again, by another view.
  const exact = value.filter(({ Dimensions = [] }) => Dimensions.length === dimensions.length);
  const named = exact.filter(({ Dimensions = [] }) =>
    Dimensions.some(({ Value = "" }) => isNamed(Value, query.resources)),
  );
  const isMissing = query.resources.length > 0 && named.length === 0 && exact.length > 0;
  const chosen = named.length > 0 ? named : exact;
  return {
    resources: chosen.slice(0, mostResources).map((metric) => ({ kind, metric })),
    omitted: Math.max(0, chosen.length - mostResources),
    warnings: [
      ...(isMissing
        ? [
            `${region}: no ${kind.service.title} metrics have the resources that were named; all are shown.`,
          ]
        : []),
      ...(truncated
        ? [`${region}: CloudWatch had more ${kind.service.title} metrics than are read.`]
        : []),
    ],
  };
}

function toMeasurable(kind: Kind, { Dimensions = [] }: Metric, index: number): Measurable {
  const { namespace, dimensions, metrics } = kind.spec;
  const values = dimensions.map(
    (name) => Dimensions.find(({ Name }) => Name === name)?.Value ?? "",
  );
  return {
    kind,
    name: visible(values.filter((value) => value !== "EntireBucket").join(" ")),
    queries: metrics.map((metric, at) => ({
      Id: `m${index}_${at}`,
      MetricStat: {
        Metric: { Namespace: namespace, MetricName: metric.name, Dimensions },
        Period: periodSeconds,
        Stat: statisticOf(metric),
      },
    })),
  };
}
