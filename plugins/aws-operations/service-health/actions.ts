import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { asSections } from "../ec2/over-regions.ts";
import type { HealthSections, ServiceHealthOutput } from "./output.ts";
import { asksFor, type HealthQuery } from "./query.ts";

const maxActions = 5;

/** Next steps that follow from what was seen, the most pressing first. */
export function suggestHealthActions(
  data: ServiceHealthOutput,
  { query, message }: { readonly query: HealthQuery; readonly message: string },
): SuggestedAction[] {
  const { awsEvents, instances, alarms, metrics } = data;
  const sections = { awsEvents, instances, alarms, metrics };
  return [
    ...forInstances(sections, query),
    ...forWorse(sections),
    ...forAlarms(sections, query),
    ...forEvents(sections),
    ...remediesFor({ ...sections, ...asSections({ instances, alarms, metrics }) }),
    ...forConnections(query, message, data.meta.regions),
    ...forNoService(query, data.meta.regions),
  ].slice(0, maxActions);
}

function forInstances({ instances }: HealthSections, query: HealthQuery): SuggestedAction[] {
  const failing = instances.status === "ok" && asksFor(query, "EC2") ? instances.failing : [];
  const hosts = failing.filter(({ whose }) => whose === "AWS's");
  const own = failing.filter(({ whose }) => whose === "yours");
  const ids = (items: typeof failing) =>
    items
      .slice(0, 5)
      .map(({ id }) => id)
      .join(", ");
  return [
    ...(hosts.length > 0
      ? [
          {
            title: "Move the instances off the failing hosts",
            reason: `${ids(hosts)}: stopping and starting an instance on EBS moves it to another host; what is on instance store is lost. Ask for the prompt aws_change_plan.`,
          },
        ]
      : []),
    ...(own.length > 0
      ? [
          {
            title: "Look into the instances that fail their own check",
            reason: `${ids(own)}: see the console output, memory, disks and network settings; a reboot often helps. See where they are and what is attached.`,
            tool: "aws_resource_inventory",
            arguments: {
              types: ["instances"],
              regions: [...new Set(own.map(({ region }) => region))],
            },
          },
        ]
      : []),
  ];
}

function forWorse({ metrics }: HealthSections): SuggestedAction[] {
  const worse = (metrics.status === "ok" ? metrics.items : []).filter(
    ({ state }) => state === "worse" || state === "silent",
  );
  if (worse.length === 0) return [];
  const since = worse.flatMap((one) => one.since ?? []).toSorted()[0];
  return [
    {
      title: "Review recent deployments",
      reason: `Find out what was changed ${since === undefined ? "in the last hours" : `shortly before ${since}`}: a new version, a setting, a permission.`,
      tool: "aws_api_activity",
      arguments: { days: 1, regions: [...new Set(worse.map(({ region }) => region))] },
    },
  ];
}

function forAlarms({ alarms, metrics }: HealthSections, query: HealthQuery): SuggestedAction[] {
  if (alarms.status !== "ok" || metrics.status !== "skipped" || query.services.length > 0)
    return [];
  const spaces = alarms.items.flatMap(({ metric = "", region }) => {
    const service = byNamespace[metric.split(" ")[0] ?? ""];
    return service === undefined ? [] : [{ service, region }];
  });
  if (spaces.length === 0) return [];
  return [
    {
      title: "Compare what alarms with the day before",
      reason: "Errors and latency of the services that the alarms watch. It costs less than $0.01.",
      tool: "aws_service_health",
      arguments: {
        services: [...new Set(spaces.map(({ service }) => service))],
        regions: [...new Set(spaces.map(({ region }) => region))],
      },
    },
  ];
}

const byNamespace: Readonly<Record<string, string>> = {
  "AWS/ApplicationELB": "alb",
  "AWS/ApiGateway": "apigateway",
  "AWS/DynamoDB": "dynamodb",
  "AWS/ELB": "elb",
  "AWS/Lambda": "lambda",
  "AWS/RDS": "rds",
  "AWS/SQS": "sqs",
  "AWS/States": "stepfunctions",
};

function forEvents({ awsEvents }: HealthSections): SuggestedAction[] {
  if (awsEvents.status !== "ok") return [];
  const open = awsEvents.items.filter(
    ({ category, status, concerns }) => concerns && status === "open" && category === "issue",
  );
  const soon = awsEvents.items.filter(
    ({ category, status, concerns }) =>
      concerns && status === "upcoming" && category === "scheduledChange",
  );
  return [
    ...(open.length > 0
      ? [
          {
            title: "Follow AWS's own account of the issue",
            reason: `${open.map(({ service, region }) => `${service} in ${region}`).join(", ")}: https://health.aws.amazon.com/health/home has the updates. Work around it with another zone or region if it cannot wait.`,
          },
        ]
      : []),
    ...(soon.length > 0
      ? [
          {
            title: "Prepare for AWS's maintenance",
            reason: soon
              .map(
                ({ service, region, start }) =>
                  `${service} in ${region} from ${start ?? "unknown"}`,
              )
              .join("; "),
          },
        ]
      : []),
  ];
}

/** A connection that fails while both sides are well is mostly a matter of networks. */
function forConnections(
  query: HealthQuery,
  message: string,
  regions: readonly string[],
): SuggestedAction[] {
  if (!/connect|timeout|timed? ?(ing )?out|unreachable|refused/i.test(message)) return [];
  const isNetworked = ["RDS", "EC2", "ELASTICACHE", "ELASTICLOADBALANCING"];
  if (!isNetworked.some((code) => asksFor(query, code))) return [];
  return [
    {
      title: "Check the way of the connection",
      reason:
        "A timeout on connecting is often a security group, a route or a subnet that has changed.",
      tool: "aws_resource_inventory",
      arguments: { types: ["security_groups", "route_tables", "subnets"], regions },
    },
  ];
}

function forNoService({ services }: HealthQuery, regions: readonly string[]): SuggestedAction[] {
  if (services.length > 0 || regions.length === 0) return [];
  return [
    {
      title: "Name the service that is in trouble",
      reason: "Then its errors and latency are compared with the day before.",
    },
  ];
}
