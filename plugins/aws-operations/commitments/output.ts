import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { type Ok, section } from "../answer/section.ts";

const text = z.string();
const number = z.number();
const active = z.boolean().describe("False: AWS has no data, as where there is no commitment");

const plansCovered = { percent: number.optional(), covered: number, onDemand: number };
const plansUsed = {
  percent: number.optional(),
  committed: number,
  unused: number,
  netSavings: number,
};

/** Of a month, with `partial` if it is not over. */
const monthly = { month: text, partial: z.boolean() };

export const commitmentsOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    currency: text,
    currencyAssumed: z.boolean().optional(),
    start: text,
    end: text,
  }),
  savingsPlansCoverage: section({
    active,
    ...z.object(plansCovered).partial().shape,
    months: z.array(z.object({ ...monthly, ...plansCovered })),
  }).optional(),
  savingsPlansUtilization: section({
    active,
    ...z.object(plansUsed).partial().shape,
    months: z.array(z.object({ ...monthly, ...plansUsed })),
  }).optional(),
  reservationCoverage: section({
    services: z.array(
      z.object({
        service: text,
        active,
        percent: number.optional(),
        reservedHours: number,
        onDemandHours: number,
      }),
    ),
  }).optional(),
  reservationUtilization: section({
    services: z.array(
      z.object({
        service: text,
        active,
        percent: number.optional(),
        purchasedHours: number,
        unusedHours: number,
        netSavings: number,
      }),
    ),
  }).optional(),
  recommendation: section({
    termYears: number,
    upfront: text,
    worthwhile: z.boolean(),
    currency: text.optional(),
    hourlyCommitment: number.optional(),
    monthlySavings: number.optional(),
    savingsPercent: number.optional(),
    currentSpend: number
      .optional()
      .describe("On demand in the last 30 days, of what the plan would cover"),
  }).optional(),
});

export type CommitmentsOutput = z.infer<typeof commitmentsOutput>;
type SectionName = Exclude<keyof CommitmentsOutput, "timestamp" | "meta">;
export type CommitmentSection<Name extends SectionName> = Ok<NonNullable<CommitmentsOutput[Name]>>;
