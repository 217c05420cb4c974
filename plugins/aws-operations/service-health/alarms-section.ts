import type { CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { isToolError } from "../aws/errors.ts";
import { inRegions } from "../aws/regions.ts";
import { visible } from "../answer/untrusted.ts";
import { overRegions } from "../ec2/over-regions.ts";
import type { Alarms } from "./aws-health-checker.ts";
import type { AlarmItem, OkAlarms } from "./output.ts";
import { type HealthQuery, isNamed } from "./query.ts";
import { given, type HealthSource, isoTime } from "./source.ts";

const mostListed = 25;
const mostWords = 200;

/** The CloudWatch alarms that are in ALARM now, those that concern the question first. */
export async function alarmsSection({
  checker,
  query,
  regions,
  scope,
}: HealthSource): Promise<OkAlarms> {
  const { found, failures } = await overRegions(regions, (region) => checker.alarms(region, scope));
  const all = [...found]
    .flatMap(([region, alarms]) => itemsOf(alarms, region, query))
    .toSorted(
      (left, right) =>
        Number(right.concerns) - Number(left.concerns) ||
        (right.since ?? "").localeCompare(left.since ?? ""),
    );
  const calm = [...found].flatMap(([region, { metric, composite }]) =>
    metric.length + composite.length === 0 ? [region] : [],
  );
  // That nothing alarms says something only where something would.
  const has = await inRegions(calm, (region) =>
    checker.hasAlarms(region, scope).catch((error: unknown) => {
      if (!isToolError(error)) throw error;
      return undefined;
    }),
  );
  const unsure = calm.filter((region) => !has.has(region));
  const warnings = [
    ...(all.length > mostListed ? [`${all.length - mostListed} more alarms are not listed.`] : []),
    ...[...found].flatMap(([region, { truncated }]) =>
      truncated ? [`${region}: AWS had more alarms than are read.`] : [],
    ),
    ...(unsure.length > 0
      ? [`${unsure.join(", ")}: whether any alarm is set up there is unknown.`]
      : []),
  ];
  return {
    status: "ok",
    ...(warnings.length > 0 && { warnings }),
    count: all.length,
    items: all.slice(0, mostListed),
    withoutAlarms: calm.filter((region) => has.get(region) === false),
    ...(failures.length > 0 && { failures: [...failures] }),
  };
}

function itemsOf({ metric, composite }: Alarms, region: string, query: HealthQuery): AlarmItem[] {
  const own = metric.map((alarm): [string, AlarmItem] => {
    const watched = watchedBy(alarm);
    const item = {
      ...common(alarm, region),
      ...given("metric", watched[0] && `${watched[0].namespace} ${watched[0].name}`),
      ...given("resource", visible(watched.flatMap(({ resources }) => resources).join(", "))),
      concerns: watched.some((one) => isAsked(one, query)),
    };
    return [alarm.AlarmName ?? "", item];
  });
  const concerned = own.flatMap(([name, { concerns }]) => (concerns ? [name] : []));
  const isOpen = query.services.length === 0 && query.resources.length === 0;
  return [
    ...composite.map((alarm) => ({
      ...common(alarm, region),
      concerns: isOpen || concerned.some((name) => alarm.AlarmRule?.includes(`"${name}"`) === true),
    })),
    ...own.map(([, item]) => item),
  ];
}

interface Watched {
  readonly namespace: string;
  readonly name: string;
  readonly resources: readonly string[];
}

function watchedBy({ Namespace, MetricName, Dimensions, Metrics = [] }: MetricAlarm): Watched[] {
  const all = [
    { Namespace, MetricName, Dimensions },
    ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []),
  ];
  const found = all.flatMap((one): Watched[] =>
    one.Namespace === undefined
      ? []
      : [
          {
            namespace: one.Namespace,
            name: one.MetricName ?? "",
            resources: (one.Dimensions ?? []).flatMap(({ Value }) => Value ?? []),
          },
        ],
  );
  // The parts of an expression are mostly about the same resource.
  return found.map((one, index) =>
    index > 0 && one.resources.join() === found[0]?.resources.join()
      ? { ...one, resources: [] }
      : one,
  );
}

function isAsked({ namespace, resources }: Watched, query: HealthQuery): boolean {
  const isService =
    query.services.length === 0 || query.services.some((one) => one.namespaces.includes(namespace));
  const isResource =
    query.resources.length === 0 || resources.some((one) => isNamed(one, query.resources));
  return isService && isResource;
}

function common(alarm: MetricAlarm | CompositeAlarm, region: string) {
  const { AlarmName = "", AlarmDescription = "", StateReason = "" } = alarm;
  const { StateTransitionedTimestamp: changed, StateUpdatedTimestamp: updated } = alarm;
  return {
    name: cut(AlarmName),
    region,
    ...given("since", isoTime(changed ?? updated)),
    ...given("reason", cut(StateReason)),
    ...given("description", cut(AlarmDescription)),
  };
}

function cut(text: string): string {
  const clean = visible(text);
  return clean.length > mostWords ? `${clean.slice(0, mostWords - 1)}…` : clean;
}
