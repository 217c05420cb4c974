import type { AffectedEntity, Event, EventFilter } from "@aws-sdk/client-health";
import { isToolError } from "../aws/errors.ts";
import { visible } from "../answer/untrusted.ts";
import type { EventStatus } from "./input.ts";
import type { HealthEventItem, OkEvents } from "./output.ts";
import { asksFor, type HealthQuery, isNamed } from "./query.ts";
import { given, type HealthSource, isoTime } from "./source.ts";

const dayMs = 86_400_000;
/** As many regions as one filter takes, and `global`. */
const mostFiltered = 9;
/** As many events as AWS explains at a time. */
const mostExplained = 10;
const mostListed = 20;
const mostAffected = 10;
const mostWords = 600;

/** What AWS knows of its services and of this account: the events that concern the question first. */
export async function eventsSection(source: HealthSource): Promise<OkEvents> {
  const { query } = source;
  const [current, closed, naming] = await Promise.all([
    listed(
      source,
      query.statuses.filter((status) => status !== "closed"),
    ),
    query.statuses.includes("closed") ? listed(source, ["closed"]) : nothing,
    query.resources.length > 0 ? namingResources(source) : nothing,
  ]);
  const named = new Set(naming.events.map(({ arn }) => arn));
  const found = [
    ...new Map([...current.events, ...closed.events].map((one) => [one.arn, one])).values(),
  ]
    .filter((one) => isMeant(source, one))
    .map((event) => toItem(source, event, named.has(event.arn)))
    .toSorted(
      (left, right) =>
        Number(named.has(right.arn)) - Number(named.has(left.arn)) || byConcern(left, right),
    );
  const items = found.slice(0, mostListed);
  const warnings = await explain(source, items.slice(0, mostExplained));
  const truncated = [current, closed, naming].some((one) => one.truncated);
  if (truncated) warnings.push("AWS Health had more events than are read.");
  const rest = found.length - items.length;
  if (rest > 0)
    warnings.push(`${rest} more events, which concern the question less, are not listed.`);
  return {
    status: "ok",
    ...(warnings.length > 0 && { warnings }),
    endpoint: current.endpoint || closed.endpoint,
    complete: !truncated && asksForIssues(query),
    count: found.length,
    items,
  };
}

/** Whether every open issue would be found: who asks for maintenance alone gets to know nothing of issues. */
function asksForIssues({ statuses, categories, scope }: HealthQuery): boolean {
  const isAll = categories === undefined || categories.includes("issue");
  return isAll && scope === undefined && statuses.includes("open");
}

interface Listed {
  readonly events: readonly Event[];
  readonly truncated: boolean;
  readonly endpoint: string;
}

const nothing: Listed = { events: [], truncated: false, endpoint: "" };

async function listed(source: HealthSource, statuses: readonly EventStatus[]): Promise<Listed> {
  if (statuses.length === 0) return nothing;
  const { regions, isEverywhere, query, now } = source;
  const since = new Date(now.getTime() - query.sinceDays * dayMs);
  return describeEvents(source, {
    eventStatusCodes: [...statuses],
    ...(!isEverywhere && regions.length <= mostFiltered && { regions: [...regions, "global"] }),
    ...(query.categories !== undefined && { eventTypeCategories: [...query.categories] }),
    ...(statuses.includes("closed") && { lastUpdatedTimes: [{ from: since }] }),
  });
}

function namingResources(source: HealthSource): Promise<Listed> {
  return describeEvents(source, { entityValues: source.query.resources.slice(0, 99) });
}

async function describeEvents(
  { checker, scope }: HealthSource,
  filter: EventFilter,
): Promise<Listed> {
  const { value, truncated, endpoint } = await checker.askHealth(
    {
      operation: "DescribeEvents",
      input: { filter, maxResults: 100 },
      missing: ({ events }) => (events === undefined ? "events" : undefined),
      read: (pages) => pages.flatMap(({ events = [] }) => events),
    },
    scope,
  );
  return { events: value, truncated, endpoint };
}

/** Health itself cannot be asked for a scope, nor for more regions than a few. */
function isMeant({ regions, isEverywhere, query }: HealthSource, event: Event): boolean {
  const { region = "", eventScopeCode } = event;
  const isHere = isEverywhere || region === "global" || regions.includes(region);
  return isHere && (query.scope === undefined || query.scope === eventScopeCode);
}

function toItem({ query }: HealthSource, event: Event, isNaming: boolean): HealthEventItem {
  const { service = "", arn = "" } = event;
  return {
    arn,
    service,
    type: event.eventTypeCode ?? "",
    category: event.eventTypeCategory ?? "",
    scope: event.eventScopeCode ?? "",
    region: event.region ?? "",
    ...given("zone", event.availabilityZone),
    status: event.statusCode ?? "",
    ...given("start", isoTime(event.startTime)),
    ...given("end", isoTime(event.endTime)),
    ...given("updated", isoTime(event.lastUpdatedTime)),
    ...given("actionability", event.actionability),
    // Of resources that were named it concerns those that it names, and all of a service if it is public.
    concerns:
      isNaming ||
      (asksFor(query, service) &&
        (query.resources.length === 0 || event.eventScopeCode === "PUBLIC")),
  };
}

const categoryOrder = ["issue", "investigation", "scheduledChange", "accountNotification"];
const statusOrder = ["open", "upcoming", "closed"];

function rankOf({ concerns, category, status }: HealthEventItem): number {
  return (concerns ? 0 : 100) + statusOrder.indexOf(status) * 10 + categoryOrder.indexOf(category);
}

function byConcern(left: HealthEventItem, right: HealthEventItem): number {
  return rankOf(left) - rankOf(right) || (right.updated ?? "").localeCompare(left.updated ?? "");
}

/** Adds what AWS says of the events and which resources it names. Returns what could not be had. */
async function explain(source: HealthSource, items: HealthEventItem[]): Promise<string[]> {
  if (items.length === 0) return [];
  const { includeDetails, includeAffected } = source.query;
  const warnings = await Promise.all([
    includeDetails ? orWarn("The descriptions of the events", () => describe(source, items)) : [],
    includeAffected ? orWarn("The affected resources", () => nameAffected(source, items)) : [],
  ]);
  return warnings.flat();
}

async function orWarn(what: string, run: () => Promise<string[]>): Promise<string[]> {
  try {
    return await run();
  } catch (error) {
    if (!isToolError(error)) throw error;
    return [`${what}: not available (${error.code}). ${error.message}`];
  }
}

async function describe(
  { checker, scope }: HealthSource,
  items: HealthEventItem[],
): Promise<string[]> {
  const { value } = await checker.askHealth(
    {
      operation: "DescribeEventDetails",
      input: { eventArns: items.map(({ arn }) => arn) },
      missing: ({ successfulSet }) => (successfulSet === undefined ? "successfulSet" : undefined),
      read: ([page]) => ({ found: page?.successfulSet ?? [], failed: page?.failedSet ?? [] }),
    },
    scope,
  );
  const texts = new Map(
    value.found.map(({ event, eventDescription }) => [
      event?.arn,
      eventDescription?.latestDescription,
    ]),
  );
  for (const item of items) {
    const text = visible(texts.get(item.arn) ?? "");
    const cut = text.length > mostWords ? `${text.slice(0, mostWords - 1)}…` : text;
    Object.assign(item, given("description", cut));
  }
  const names = [...new Set(value.failed.map(({ errorName }) => errorName ?? "unknown"))];
  return names.length === 0
    ? []
    : [
        `${value.failed.length} of ${items.length} events could not be described (${names.join(", ")}).`,
      ];
}

async function nameAffected(
  { checker, query, scope }: HealthSource,
  items: HealthEventItem[],
): Promise<string[]> {
  const { value, truncated } = await checker.askHealth(
    {
      operation: "DescribeAffectedEntities",
      input: { filter: { eventArns: items.map(({ arn }) => arn) }, maxResults: 100 },
      maxPages: 10,
      missing: ({ entities }) => (entities === undefined ? "entities" : undefined),
      read: (pages) => pages.flatMap(({ entities = [] }) => entities),
    },
    scope,
  );
  for (const item of items) {
    const own = value.filter(({ eventArn }) => eventArn === item.arn);
    if (own.length === 0) continue;
    const first = own.toSorted(
      (left, right) => urgency(left, query.resources) - urgency(right, query.resources),
    );
    item.affectedCount = own.length;
    item.affected = first.slice(0, mostAffected).map(({ entityValue = "", statusCode }) => ({
      id: visible(entityValue),
      ...given("status", statusCode),
    }));
  }
  return truncated ? ["AWS Health named more affected resources than are read."] : [];
}

/** Those that were asked about first, then those that are not well. */
function urgency(
  { entityValue = "", statusCode }: AffectedEntity,
  resources: readonly string[],
): number {
  if (isNamed(entityValue, resources)) return 0;
  return statusCode === "IMPAIRED" ? 1 : 2;
}
