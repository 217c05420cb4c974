import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { section } from "../answer/section.ts";
import { regionFailures } from "../ec2/over-regions.ts";
import { type CheckName, checkNames } from "./checks.ts";
import { findingSchema } from "./finding.ts";

const text = z.string();
const number = z.number();

const checked = section({
  count: number,
  monthlySavingUsd: number.describe("Estimate, of this check by itself"),
  isAtMost: z.boolean().describe("The saving is an upper bound"),
  items: z.array(findingSchema).describe("Largest saving first"),
  failures: regionFailures,
}).meta({ id: "Checked" });
export type Checked = z.infer<typeof checked>;

const sections = Object.fromEntries(checkNames.map((name) => [name, checked.optional()])) as Record<
  CheckName,
  z.ZodOptional<typeof checked>
>;

export const unusedOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    regions: z.array(text).describe("Asked"),
    notEnabled: z.array(text).describe("Regions the account has not opted into, not asked"),
    prices: text.describe("What the savings are estimated from"),
    stoppedDays: number,
    snapshotDays: number,
  }),
  totals: z.object({
    resources: number,
    monthlySavingUsd: number.describe("Estimate; each resource counted once, snapshots left out"),
    snapshotsAtMostUsd: number.describe("Estimate, an upper bound"),
  }),
  ...sections,
  rightsizing: checked.optional().describe("By Cost Explorer, if asked for"),
});
export type UnusedOutput = z.infer<typeof unusedOutput>;
export type UnusedSections = {
  readonly [Name in CheckName | "rightsizing"]?: Checked | undefined;
};
