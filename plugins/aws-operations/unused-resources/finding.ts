import type { Tag } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { withoutUndefined } from "../aws/objects.ts";
import { nameOf } from "../ec2/names.ts";
import type { RegionLists } from "./region-lists.ts";

/** Something that could be given up, or had for less. */
export const findingSchema = z
  .object({
    id: z.string(),
    region: z.string(),
    name: z.string().optional(),
    reason: z.string(),
    monthlySavingUsd: z.number().optional().describe("Estimate; absent: free, or not known"),
  })
  .meta({ id: "Finding" });
export type Finding = z.infer<typeof findingSchema>;

/** A finding before its region is known. */
export type Found = Omit<Finding, "region">;

export interface CheckContext {
  readonly now: Date;
  readonly stoppedDays: number;
  readonly snapshotDays: number;
  /** Takes note of what could not be decided. */
  readonly warn: (text: string) => void;
}

/** One thing to look for. */
export interface Check {
  /** As a heading names it. */
  readonly title: string;
  /** What is to be done with what it finds. */
  readonly advice: string;
  /** True if the savings are an upper bound. */
  readonly isAtMost?: boolean;
  readonly find: (lists: RegionLists, context: CheckContext) => Promise<readonly Found[]>;
}

export function found(
  id: string | undefined,
  facts: {
    readonly tags: readonly Tag[] | undefined;
    readonly name?: string | undefined;
    readonly reason: string;
    readonly saving?: number | undefined;
  },
): Found {
  return withoutUndefined({
    id: id ?? "",
    name: nameOf(facts.tags) ?? facts.name,
    reason: facts.reason,
    monthlySavingUsd: facts.saving,
  });
}

/** Whole days between two times. */
export function daysBetween(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / 86_400_000);
}

/** `2026-06-30` */
export function dayOf(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? "an unknown day";
}
