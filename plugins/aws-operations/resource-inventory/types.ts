import { computeTypes } from "./compute-types.ts";
import { networkTypes } from "./network-types.ts";

/** The kinds of resources that can be listed. */
export const resourceTypes = { ...computeTypes, ...networkTypes };

export type ResourceType = keyof typeof resourceTypes;

export const typeNames = Object.keys(resourceTypes) as [ResourceType, ...ResourceType[]];
