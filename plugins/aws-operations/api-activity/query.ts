import type { LookupAttribute } from "@aws-sdk/client-cloudtrail";
import { awsError } from "../aws/errors.ts";
import { asCloudTrailSpells } from "./admin-actions.ts";
import { type ApiActivityInput, keptDays } from "./input.ts";
import type { TrailCall } from "./trail-call.ts";

const dayMs = 86_400_000;
const fiveMinutes = 300_000;

/** What is asked for, as CloudTrail knows it. */
export interface ActivityQuery {
  readonly from: Date;
  /** Undefined: now. */
  readonly until: Date | undefined;
  readonly user: string | undefined;
  readonly event: string | undefined;
  readonly service: string | undefined;
  readonly resource: string | undefined;
  readonly adminOnly: boolean;
  readonly includeReads: boolean;
  readonly limit: number;
  /** The one filter that CloudTrail takes; the others are applied to what it answers. */
  readonly lookup: LookupAttribute | undefined;
}

export function toActivityQuery(input: ApiActivityInput, now: Date): ActivityQuery {
  const { days, adminOnly, limit, resource, user } = input;
  const event = input.event === undefined ? undefined : asCloudTrailSpells(input.event);
  const service = input.service === undefined ? undefined : serviceIn(input.service);
  const until = input.until === undefined ? undefined : endOf(input.until);
  const end = until === undefined || until > now ? now : until;
  // Round moments: whoever asks again in a minute asks the same.
  const oldest = Math.ceil((now.getTime() - keptDays * dayMs) / fiveMinutes) * fiveMinutes;
  if (end.getTime() <= oldest) {
    const text = `CloudTrail's event history has the last ${keptDays} days: nothing before ${new Date(oldest).toISOString()}. Older events are only in a trail or an event data store of the account's own.`;
    throw awsError("BAD_REQUEST", text);
  }
  // The end of a day is the beginning of the next.
  const lastDay = Math.floor((end.getTime() - 1) / dayMs) * dayMs;
  const known = {
    user: user !== undefined && /^root$/i.test(user) ? "root" : user,
    event,
    service,
    resource,
    adminOnly,
    // Who names an action wants it, whether it reads or not.
    includeReads: input.includeReads || event !== undefined,
  };
  return {
    ...known,
    from: new Date(Math.max(lastDay - days * dayMs, oldest)),
    until: end === now ? undefined : end,
    limit,
    lookup: lookupOf(known),
  };
}

type Filters = Pick<
  ActivityQuery,
  "user" | "event" | "service" | "resource" | "adminOnly" | "includeReads"
>;

/** The filter that leaves least. */
function lookupOf(filters: Filters): LookupAttribute | undefined {
  const { user, resource, event, service, includeReads } = filters;
  if (user !== undefined && isKeyId(user)) {
    return { AttributeKey: "AccessKeyId", AttributeValue: user };
  }
  if (resource !== undefined) return { AttributeKey: "ResourceName", AttributeValue: resource };
  if (user !== undefined && roleIn(user) === undefined) {
    return { AttributeKey: "Username", AttributeValue: user };
  }
  if (event !== undefined) return { AttributeKey: "EventName", AttributeValue: event };
  if (service !== undefined) {
    return { AttributeKey: "EventSource", AttributeValue: `${service}.amazonaws.com` };
  }
  return includeReads ? undefined : { AttributeKey: "ReadOnly", AttributeValue: "false" };
}

/** Whether a call that was looked up is one of those that are asked for. */
export function isAsked(call: TrailCall, query: ActivityQuery): boolean {
  const { user, event, service, resource, adminOnly, includeReads } = query;
  return (
    (user === undefined || isKeyId(user) || isBy(call, user)) &&
    (event === undefined || call.event === event) &&
    (service === undefined || call.service === service) &&
    (resource === undefined || call.resourceNames.includes(resource)) &&
    (includeReads || !call.reads) &&
    (!adminOnly || call.admin !== undefined)
  );
}

function isBy({ who, role }: TrailCall, user: string): boolean {
  const wanted = roleIn(user);
  return wanted === undefined ? who === user : role === wanted;
}

/** Whether calls of services for which one region stands in for all are, or may be, among them. */
export function needsGlobal({ user, service, event, adminOnly }: ActivityQuery): boolean {
  if (service !== undefined) return globalServices.has(service);
  return user !== undefined || adminOnly || event === "ConsoleLogin";
}

/** Whether sign-ins can be among the calls. */
export function hasSignIns({ service, event, resource, adminOnly }: ActivityQuery): boolean {
  return (
    (service === undefined || service === "signin") &&
    (event === undefined || event === "ConsoleLogin") &&
    resource === undefined &&
    !adminOnly
  );
}

/** Whether calls by the root user can be among them. */
export function mayBeRoot({ user }: ActivityQuery): boolean {
  return user === undefined || user === "root";
}

/** Services whose events stand in the partition's first region, whichever was called. */
const globalServices = new Set([
  "account",
  "cloudfront",
  "iam",
  "organizations",
  "route53",
  "route53domains",
  "signin",
  "sts",
  "support",
]);

/** Names by which people know services that CloudTrail has under others. */
const otherNames: Readonly<Record<string, string>> = {
  cloudwatch: "monitoring",
  "cloudwatch logs": "logs",
  console: "signin",
  elb: "elasticloadbalancing",
  eventbridge: "events",
  login: "signin",
  "security groups": "ec2",
  ses: "email",
  "step functions": "states",
  "systems manager": "ssm",
  vpc: "ec2",
};

function serviceIn(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/\.amazonaws\.com(\.cn)?$/, "")
    .replace(/^(aws|amazon)\s+/, "");
  return Object.hasOwn(otherNames, name) ? (otherNames[name] ?? name) : name;
}

function isKeyId(user: string): boolean {
  return /^A[KS]IA[A-Z0-9]{12,}$/.test(user);
}

/** `role/deployer`, or the ARN of a role or of its session: its name. */
function roleIn(user: string): string | undefined {
  return /^(?:arn:[\w-]+:(?:iam|sts)::\d{12}:)?(?:role|assumed-role)\/(?:.*\/)?([^/]+)$/.exec(
    user.replace(/(assumed-role\/[^/]+)\/.*$/, "$1"),
  )?.[1];
}

/** A day ends with its last moment. */
function endOf(until: string): Date {
  return until.includes("T") ? new Date(until) : new Date(Date.parse(`${until}T00:00:00Z`) + dayMs);
}

/** Where a partition has the events of its global services. */
export function globalRegionOf(region: string): string {
  if (region.startsWith("cn-")) return "cn-north-1";
  return region.startsWith("us-gov-") ? "us-gov-west-1" : "us-east-1";
}
