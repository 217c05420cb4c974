import type { HealthEvent } from "../../data/health-events.ts";
import { entityArn } from "./entities.ts";
import type { EventFilter, TimeRange } from "./shapes.ts";

/** Every member that is given has to match; of the values in one, any. */
export function matchesFilter(event: HealthEvent, filter: EventFilter = {}): boolean {
  return (
    isOneOf(filter.eventArns, event.arn) &&
    isOneOf(filter.eventTypeCodes, event.typeCode) &&
    isOneOf(filter.services, event.service) &&
    isOneOf(filter.regions, event.region) &&
    isOneOf(filter.availabilityZones, event.availabilityZone) &&
    isOneOf(filter.eventTypeCategories, event.category) &&
    isOneOf(filter.eventStatusCodes, event.status) &&
    isOneOf(filter.actionabilities, event.actionability) &&
    isAnyOf(filter.personas, event.personas) &&
    isWithin(filter.startTimes, event.start) &&
    isWithin(filter.endTimes, event.end) &&
    isWithin(filter.lastUpdatedTimes, event.updated) &&
    isAnyOf(
      filter.entityValues,
      event.entities.map(({ value }) => value),
    ) &&
    isAnyOf(
      filter.entityArns,
      event.entities.map(({ value }) => entityArn(event, value)),
    )
  );
}

export const isOneOf = <T>(wanted: readonly T[] | undefined, value: T | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

const isAnyOf = <T>(wanted: readonly T[] | undefined, values: readonly T[]): boolean =>
  wanted === undefined || values.some((value) => wanted.includes(value));

export const isWithin = (
  ranges: readonly TimeRange[] | undefined,
  time: Date | undefined,
): boolean =>
  ranges?.some(
    ({ from, to }) =>
      time !== undefined &&
      (from === undefined || time >= from) &&
      (to === undefined || time <= to),
  ) ?? true;
