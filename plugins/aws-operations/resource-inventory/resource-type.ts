import type { Tag } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { withoutUndefined } from "../aws/objects.ts";
import type { Listing } from "../ec2/listings.ts";
import { nameOf, tagsOf } from "../ec2/names.ts";

const text = z.string();

/** One of anything. What only its own type has, is in `details`. */
export const resourceSchema = z
  .object({
    id: text,
    region: text,
    name: text.optional(),
    state: text.optional(),
    details: z.record(text, z.union([text, z.number(), z.boolean(), z.array(text)])),
    tags: z.record(text, text),
  })
  .meta({ id: "Resource" });
export type Resource = z.infer<typeof resourceSchema>;

/** How one kind of resource is listed and shown. */
export interface ResourceTypeInfo<Item> {
  /** As people count it: `instance`. */
  readonly noun: string;
  readonly list: Listing<Item>;
  /** All that it can be in; empty if it has no states. */
  readonly states: readonly string[];
  readonly describe: (item: Item, region: string) => Resource;
  /** What of the details a line of text shows. */
  readonly shown: readonly string[];
}

type Details = Readonly<Record<string, string | number | boolean | string[] | Date | undefined>>;

/** A resource in the shape that all of them share. Times become ISO 8601; what AWS leaves out is left out. */
export function toResource(
  id: string | undefined,
  region: string,
  facts: {
    readonly state?: string | undefined;
    readonly tags: readonly Tag[] | undefined;
    readonly name?: string | undefined;
    readonly details: Details;
  },
): Resource {
  const details = Object.entries(facts.details).flatMap(([key, value]) => {
    if (value === undefined || value === "") return [];
    if (Array.isArray(value) && value.length === 0) return [];
    return [[key, value instanceof Date ? value.toISOString() : value] as const];
  });
  return withoutUndefined({
    id: id ?? "",
    region,
    name: nameOf(facts.tags) ?? facts.name,
    state: facts.state,
    details: Object.fromEntries(details),
    tags: tagsOf(facts.tags),
  });
}

/** The ids that there are. */
export function idsOf(ids: readonly (string | undefined)[] | undefined): string[] {
  return (ids ?? []).filter((id) => id !== undefined && id !== "") as string[];
}

/** Keeps the item's type while the tables are checked against the interface. */
export function resourceType<Item>(info: ResourceTypeInfo<Item>): ResourceTypeInfo<Item> {
  return info;
}
