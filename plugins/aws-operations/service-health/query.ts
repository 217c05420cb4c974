import type { EventStatus, ServiceHealthInput } from "./input.ts";
import {
  type AskedService,
  isCodeOf,
  serviceNamed,
  servicesIn,
  servicesOf,
} from "./known-services.ts";

/** What is asked for, with what the question in words adds to the arguments. */
export interface HealthQuery {
  /** Empty: whatever there is. */
  readonly services: readonly AskedService[];
  /** Empty: the configured ones. */
  readonly regions: readonly string[];
  /** Empty: all. */
  readonly resources: readonly string[];
  readonly statuses: readonly EventStatus[];
  /** Days that closed events may be old. */
  readonly sinceDays: number;
  readonly categories: ServiceHealthInput["category"];
  readonly scope: ServiceHealthInput["scope"];
  readonly includeDetails: boolean;
  readonly includeAffected: boolean;
}

export function toHealthQuery(input: ServiceHealthInput, message: string): HealthQuery {
  const { services = [], status = [] } = input;
  const resources = [...new Set(filled(input.resources) ?? resourcesIn(message))];
  const named = filled(services.map(serviceNamed)) ?? filled(servicesIn(message));
  return {
    services: uniqueBy(named ?? servicesOf(resources), ({ title }) => title),
    regions: filled(input.regions) ?? regionsIn(message),
    resources,
    statuses: status.length > 0 ? [...new Set(status)] : ["open", "upcoming", "closed"],
    sinceDays: input.sinceDays ?? (status.includes("closed") ? 7 : 1),
    categories: filled(input.category),
    scope: input.scope,
    includeDetails: input.includeDetails,
    includeAffected: input.includeAffected,
  };
}

/** Whether the question is about a service, or about none in particular. */
export function asksFor({ services }: HealthQuery, code: string): boolean {
  return services.length === 0 || services.some((one) => isCodeOf(one, code));
}

/** Whether a resource is one of those that are asked for: the same, the end of the other's ARN, or a part of its path. */
export function isNamed(id: string, resources: readonly string[]): boolean {
  return resources.some(
    (one) => one === id || endsIn(one, id) || endsIn(id, one) || id.split("/").includes(one),
  );
}

function endsIn(arn: string, id: string): boolean {
  return arn.startsWith("arn:") && (arn.endsWith(`:${id}`) || arn.endsWith(`/${id}`));
}

/** An empty list names nothing. */
function filled<T>(values: T[] | undefined): T[] | undefined {
  return values === undefined || values.length === 0 ? undefined : values;
}

function regionsIn(message: string): string[] {
  const text = message.toLowerCase();
  if (/\b(all|every|each) regions?\b|\beverywhere\b/.test(text)) return ["all"];
  return [...new Set(text.match(/\b[a-z]{2}(?:-[a-z]+)+-\d(?=[a-f]?\b)/g))];
}

const ids =
  /\barn:aws[\w-]*:[\w-]+:[\w-]*:\d*:[\w/:.*-]+[\w/]|\b[a-z]{1,6}-[0-9a-f]{8}(?:[0-9a-f]{9})?\b/g;
/** A name somebody has put in quotes: it has no blanks, and something that words do not have. */
const quoted = /["'`“]([\w./-]*(?:[\d_/]|\w-\w)[\w./-]*)["'`”]/g;

function resourcesIn(message: string): string[] {
  return [
    ...(message.match(ids) ?? []),
    ...[...message.matchAll(quoted)].flatMap(([, name]) =>
      name === undefined || /^[a-z]{2}(-[a-z]+)+-\d$|^[\d.]+$/.test(name) ? [] : [name],
    ),
  ];
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
