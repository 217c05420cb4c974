import { AwsError } from "../../protocol/errors.ts";
import {
  integer,
  list,
  oneOf,
  required,
  structure,
  text,
  timestamp,
  type Infer,
  type Shape,
} from "../../protocol/shape.ts";

const EVENT_ARN = /arn:aws(-[a-z]+(-[a-z]+)?)?:health:[^:]*:[^:]*:event(?:\/[\w-]+){3}/;

const eventArns = list(text({ max: 1600, pattern: EVENT_ARN }), { min: 1, max: 10 });
const timeRanges = list(structure({ from: timestamp, to: timestamp }), { min: 1, max: 10 });
const entityArns = list(text({ max: 1600 }), { min: 1, max: 99 });
const entityValues = list(text({ max: 1224 }), { min: 1, max: 99 });

export type TimeRange = Infer<typeof timeRanges>[number];

const eventFilter = structure({
  actionabilities: list(oneOf(["ACTION_REQUIRED", "ACTION_MAY_BE_REQUIRED", "INFORMATIONAL"]), {
    min: 1,
    max: 3,
  }),
  eventArns,
  eventTypeCodes: list(text({ min: 3, max: 100, pattern: /[^:/]{3,100}/ }), { min: 1, max: 10 }),
  services: list(text({ min: 2, max: 30, pattern: /[^:/]{2,30}/ }), { min: 1, max: 10 }),
  regions: list(text({ min: 2, max: 25, pattern: /[^:/]{2,25}/ }), { min: 1, max: 10 }),
  availabilityZones: list(text({ min: 6, max: 18, pattern: /[a-z]{2,4}-[0-9a-z-]{4,16}/ })),
  startTimes: timeRanges,
  endTimes: timeRanges,
  lastUpdatedTimes: timeRanges,
  entityArns,
  entityValues,
  eventTypeCategories: list(
    oneOf(["issue", "accountNotification", "scheduledChange", "investigation"]),
    { min: 1, max: 10 },
  ),
  eventStatusCodes: list(oneOf(["open", "closed", "upcoming"]), { min: 1, max: 6 }),
  personas: list(oneOf(["OPERATIONS", "SECURITY", "BILLING"]), { min: 1, max: 3 }),
});

export type EventFilter = Infer<typeof eventFilter>;

const paging = {
  maxResults: integer({ min: 10, max: 100 }),
  nextToken: text({ min: 4, max: 10_000, pattern: /[a-zA-Z0-9=/+_.-]{4,10000}/ }),
};

const locale: Shape<string> = {
  read(value, path, problems) {
    const read = text({ min: 2, max: 256 }).read(value, path, problems);
    if (read === "en") return read;
    throw new AwsError("UnsupportedLocale", `Locale ${read} is not supported`);
  },
};

export const eventsRequest = structure({ filter: eventFilter, locale, ...paging });
export const eventDetailsRequest = structure({ eventArns: required(eventArns), locale });
export const eventAggregatesRequest = structure({
  filter: eventFilter,
  aggregateField: required(oneOf(["eventTypeCategory"])),
  ...paging,
});

export const affectedEntitiesRequest = structure({
  filter: required(
    structure({
      eventArns: required(eventArns),
      entityArns,
      entityValues,
      lastUpdatedTimes: timeRanges,
      statusCodes: list(oneOf(["IMPAIRED", "UNIMPAIRED", "UNKNOWN", "PENDING", "RESOLVED"]), {
        min: 1,
        max: 5,
      }),
    }),
  ),
  locale,
  ...paging,
});

export type EventsRequest = Infer<typeof eventsRequest>;
export type EventDetailsRequest = Infer<typeof eventDetailsRequest>;
export type EventAggregatesRequest = Infer<typeof eventAggregatesRequest>;
export type AffectedEntitiesRequest = Infer<typeof affectedEntitiesRequest>;
