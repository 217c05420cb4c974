import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { section } from "../answer/section.ts";
import { regionFailures } from "../ec2/over-regions.ts";
import { resourceSchema } from "./resource-type.ts";
import { type ResourceType, resourceTypes } from "./types.ts";

const text = z.string();
const number = z.number();

const listed = section({
  count: number.describe("Of all that match"),
  byRegion: z.record(text, number),
  byState: z.record(text, number),
  items: z.array(resourceSchema).describe("At most `limit` over all types"),
  failures: regionFailures,
}).meta({ id: "Listed" });
export type Listed = z.infer<typeof listed>;

const sections = Object.fromEntries(
  Object.keys(resourceTypes).map((type) => [type, listed.optional()]),
) as Record<ResourceType, z.ZodOptional<typeof listed>>;

export const inventoryOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    regions: z.array(text).describe("Asked"),
    notEnabled: z.array(text).describe("Regions the account has not opted into, not asked"),
    filters: z.object({ states: z.array(text), tags: z.record(text, text), limit: number }),
  }),
  ...sections,
});
export type InventoryOutput = z.infer<typeof inventoryOutput>;
export type InventorySections = { readonly [Type in ResourceType]?: Listed };
