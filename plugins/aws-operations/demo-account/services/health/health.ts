import type {
  AffectedEntity,
  DescribeAffectedEntitiesResponse,
  DescribeEventAggregatesResponse,
  DescribeEventDetailsResponse,
  DescribeEventsResponse,
  Event,
} from "@aws-sdk/client-health";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { dayOf } from "../../data/days.ts";
import { healthEvents, type HealthEvent } from "../../data/health-events.ts";
import { awsJson } from "../../protocol/aws-json.ts";
import { AwsError } from "../../protocol/errors.ts";
import type { Page } from "../../protocol/page-tokens.ts";
import { pageTokenCode, spelling } from "../../protocol/protocol.ts";
import type { Shape } from "../../protocol/shape.ts";
import { listPage } from "../list-page.ts";
import {
  isManagement,
  operation,
  type AccountView,
  type Operation,
  type Service,
} from "../service.ts";
import { entityArn } from "./entities.ts";
import { isOneOf, isWithin, matchesFilter } from "./event-filter.ts";
import * as shapes from "./shapes.ts";

const MAX_PAGE_SIZE = 100;

export const health: Service = {
  signingName: "health",
  // The active endpoint and the one that stands by.
  regions: ["us-east-1", "us-east-2"],
  protocol: spelling(awsJson("1.1"), pageTokenCode("InvalidPaginationToken")),
  permission: (name) => ({ action: `health:${name}`, resource: "*" }),
  operations: new Map([
    ["DescribeEvents", subscribed(shapes.eventsRequest, describeEvents)],
    ["DescribeEventDetails", subscribed(shapes.eventDetailsRequest, describeEventDetails)],
    [
      "DescribeAffectedEntities",
      subscribed(shapes.affectedEntitiesRequest, describeAffectedEntities),
    ],
    ["DescribeEventAggregates", subscribed(shapes.eventAggregatesRequest, describeEventAggregates)],
  ]),
};

const subscriptionRequired = (): AwsError =>
  new AwsError(
    "SubscriptionRequiredException",
    "AWS Premium Support Subscription is required to use this service.",
  );

/** Only the management account pays for a support plan, and not while it is empty. */
function subscribed<Input>(
  input: Shape<Input>,
  run: (request: Input, account: AccountView) => object,
): Operation {
  return operation(input, (request, account) => {
    const { variant, conditions } = account;
    const isUnpaid = variant === "empty" || conditions.has("subscription-required");
    if (isUnpaid || !isManagement(account)) throw subscriptionRequired();
    return run(request, account);
  });
}

function describeEvents(
  request: shapes.EventsRequest,
  account: AccountView,
): DescribeEventsResponse {
  const found = known(account).filter((event) => matchesFilter(event, request.filter));
  const page = pageOf(found, request, account);
  return { events: page.items.map(summary), ...next(page) };
}

function describeEventDetails(
  { eventArns }: shapes.EventDetailsRequest,
  account: AccountView,
): DescribeEventDetailsResponse {
  const events = known(account);
  const isFound = (wanted: string): boolean => events.some(({ arn }) => arn === wanted);
  return {
    successfulSet: events
      .filter(({ arn }) => eventArns.includes(arn))
      .map((event) => ({
        event: summary(event),
        eventDescription: { latestDescription: event.description },
        ...(event.metadata === undefined ? {} : { eventMetadata: { ...event.metadata } }),
      })),
    failedSet: eventArns
      .filter((arn) => !isFound(arn))
      .map((eventArn) => ({
        eventArn,
        errorName: "InvalidEventArn",
        errorMessage: `Event ${eventArn} cannot be found or is not visible to this account`,
      })),
  };
}

function describeAffectedEntities(
  request: shapes.AffectedEntitiesRequest,
  account: AccountView,
): DescribeAffectedEntitiesResponse {
  const { eventArns, entityArns, entityValues, lastUpdatedTimes, statusCodes } = request.filter;
  const found = known(account)
    .filter(({ arn }) => eventArns.includes(arn))
    .flatMap((event) =>
      event.entities.map(({ value, status }): AffectedEntity => ({
        entityArn: entityArn(event, value),
        eventArn: event.arn,
        entityValue: value,
        awsAccountId: DEMO_ACCOUNT_ID,
        lastUpdatedTime: event.updated,
        statusCode: status,
      })),
    )
    .filter(
      (entity) =>
        isOneOf(entityArns, entity.entityArn) &&
        isOneOf(entityValues, entity.entityValue) &&
        isOneOf(statusCodes, entity.statusCode) &&
        isWithin(lastUpdatedTimes, entity.lastUpdatedTime),
    );
  const page = pageOf(found, request, account);
  return { entities: [...page.items], ...next(page) };
}

function describeEventAggregates(
  request: shapes.EventAggregatesRequest,
  account: AccountView,
): DescribeEventAggregatesResponse {
  const counts = new Map<string, number>();
  for (const event of known(account)) {
    if (!matchesFilter(event, request.filter)) continue;
    counts.set(event.category, (counts.get(event.category) ?? 0) + 1);
  }
  const found = [...counts].map(([aggregateValue, count]) => ({ aggregateValue, count }));
  const page = pageOf(found, request, account);
  return { eventAggregates: [...page.items], ...next(page) };
}

/** Public events, and those of the account since it was opened. */
function known({ startedAt, ledger, now }: AccountView): readonly HealthEvent[] {
  const opened = ledger.firstDay(now);
  return healthEvents(startedAt).filter(
    ({ scope, start }) => scope === "PUBLIC" || dayOf(start) >= opened,
  );
}

const summary = (event: HealthEvent): Event => ({
  arn: event.arn,
  service: event.service,
  eventTypeCode: event.typeCode,
  eventTypeCategory: event.category,
  region: event.region,
  ...(event.availabilityZone === undefined ? {} : { availabilityZone: event.availabilityZone }),
  startTime: event.start,
  ...(event.end === undefined ? {} : { endTime: event.end }),
  lastUpdatedTime: event.updated,
  statusCode: event.status,
  eventScopeCode: event.scope,
  actionability: event.actionability,
  personas: [...event.personas],
});

interface PagedRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

function pageOf<T>(all: readonly T[], request: PagedRequest, account: AccountView): Page<T> {
  const { nextToken: token, ...identity } = request;
  return listPage(all, request.maxResults ?? MAX_PAGE_SIZE, { token, identity }, account);
}

const next = ({ nextToken }: Page<unknown>): { nextToken?: string } =>
  nextToken === undefined ? {} : { nextToken };
