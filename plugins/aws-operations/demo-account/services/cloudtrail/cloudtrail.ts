import type { Event, LookupEventsResponse } from "@aws-sdk/client-cloudtrail";
import { dayOf } from "../../data/days.ts";
import { ENABLED_REGIONS } from "../../data/regions.ts";
import type { TrailEvent } from "../../data/trail/trail-event.ts";
import { trailEvents } from "../../data/trail/trail.ts";
import { awsJson } from "../../protocol/aws-json.ts";
import { AwsError, Refusal } from "../../protocol/errors.ts";
import { pageTokenCode, spelling } from "../../protocol/protocol.ts";
import {
  integer,
  list,
  oneOf,
  required,
  structure,
  text,
  timestamp,
  type Infer,
} from "../../protocol/shape.ts";
import { isManagement, operation, type AccountView, type Service } from "../service.ts";
import { accessKeyOf, recordOf, sourceOf, usernameOf } from "./record.ts";

const RETENTION_DAYS = 90;
const MAX_PAGE_SIZE = 50;
const DAY_MS = 86_400_000;

const lookupEventsRequest = structure({
  LookupAttributes: list(
    structure({
      AttributeKey: required(
        oneOf([
          "EventId",
          "EventName",
          "ReadOnly",
          "Username",
          "ResourceType",
          "ResourceName",
          "EventSource",
          "AccessKeyId",
        ]),
      ),
      AttributeValue: required(text({ min: 1, max: 2000 })),
    }),
  ),
  StartTime: timestamp,
  EndTime: timestamp,
  EventCategory: oneOf(["insight"]),
  MaxResults: integer(),
  NextToken: text(),
});

type LookupEventsRequest = Infer<typeof lookupEventsRequest>;
type LookupAttribute = NonNullable<LookupEventsRequest["LookupAttributes"]>[number];

export const cloudTrail: Service = {
  signingName: "cloudtrail",
  regions: ENABLED_REGIONS,
  protocol: spelling(awsJson("1.1"), pageTokenCode("InvalidNextTokenException")),
  permission: (name) => ({ action: `cloudtrail:${name}`, resource: "*" }),
  operations: new Map([["LookupEvents", operation(lookupEventsRequest, lookupEvents)]]),
};

function lookupEvents(request: LookupEventsRequest, account: AccountView): LookupEventsResponse {
  if (!account.lookups.admits(account.region)) {
    throw new Refusal("throttled", "Rate exceeded");
  }
  const { MaxResults: size = MAX_PAGE_SIZE } = request;
  if (size < 1 || size > MAX_PAGE_SIZE) {
    throw new AwsError(
      "InvalidMaxResultsException",
      `MaxResults must be between 1 and ${MAX_PAGE_SIZE}, not ${size}`,
    );
  }
  const isWanted = readAttributes(request.LookupAttributes);
  const { start, end } = readTimeRange(request, account.now);
  const found = known(account).filter(
    (event) =>
      request.EventCategory === undefined &&
      event.region === account.region &&
      event.time >= start &&
      event.time <= end &&
      isWanted(event),
  );
  const { NextToken: token, ...identity } = request;
  const bound = { ...identity, region: account.region };
  // Long enough for several of AWS's own pages, so it needs no smaller ones.
  const page = account.pages.page(found, size, { token, identity: bound });
  return {
    Events: page.items.map(describe),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

/** The empty account has no history either. */
function known(account: AccountView): readonly TrailEvent[] {
  const { variant, startedAt, now, ledger, conditions } = account;
  if (variant === "empty" || !isManagement(account)) return [];
  const firstDay = Math.max(dayOf(now) - RETENTION_DAYS, ledger.firstDay(now));
  const rootHasMfa = !conditions.has("root-without-mfa");
  return trailEvents({ startedAt, now, spikeStart: ledger.spike?.start, rootHasMfa }, firstDay);
}

function readTimeRange(
  { StartTime, EndTime }: LookupEventsRequest,
  now: Date,
): { start: Date; end: Date } {
  const oldest = new Date(now.getTime() - RETENTION_DAYS * DAY_MS);
  const start = StartTime ?? oldest;
  const end = EndTime ?? now;
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
    throw new AwsError("InvalidTimeRangeException", "StartTime must not be after EndTime");
  }
  if (end < oldest || start > now) {
    throw new AwsError(
      "InvalidTimeRangeException",
      `The time range must lie within the last ${RETENTION_DAYS} days`,
    );
  }
  return { start: start < oldest ? oldest : start, end };
}

function readAttributes(
  attributes: readonly LookupAttribute[] | undefined,
): (event: TrailEvent) => boolean {
  const [attribute, ...others] = attributes ?? [];
  if (others.length > 0) {
    throw new AwsError(
      "InvalidLookupAttributesException",
      "You can specify only one lookup attribute",
    );
  }
  if (attribute === undefined) return () => true;
  const { AttributeKey: key, AttributeValue: value } = attribute;
  return (event) => VALUES[key](event).includes(value);
}

const VALUES: Readonly<
  Record<LookupAttribute["AttributeKey"], (event: TrailEvent) => readonly (string | undefined)[]>
> = {
  EventId: ({ id }) => [id],
  EventName: ({ name }) => [name],
  ReadOnly: ({ isReadOnly = false }) => [String(isReadOnly)],
  Username: ({ actor }) => [usernameOf(actor)],
  ResourceType: ({ resources = [] }) => resources.map(({ type }) => type),
  ResourceName: ({ resources = [] }) => resources.map(({ name }) => name),
  EventSource: (event) => [sourceOf(event)],
  AccessKeyId: (event) => [accessKeyOf(event)],
};

function describe(event: TrailEvent): Event {
  const accessKeyId = accessKeyOf(event);
  const username = usernameOf(event.actor);
  return {
    EventId: event.id,
    EventName: event.name,
    ReadOnly: String(event.isReadOnly ?? false),
    ...(accessKeyId === undefined ? {} : { AccessKeyId: accessKeyId }),
    EventTime: event.time,
    EventSource: sourceOf(event),
    ...(username === undefined ? {} : { Username: username }),
    Resources: (event.resources ?? []).map(({ type, name }) => ({
      ResourceType: type,
      ResourceName: name,
    })),
    CloudTrailEvent: JSON.stringify(recordOf(event)),
  };
}
