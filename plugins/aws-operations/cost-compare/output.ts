import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { type Ok, section } from "../answer/section.ts";

const text = z.string();
const number = z.number();

const span = z
  .object({ start: text, end: text, days: number, total: number, perDay: number })
  .meta({ id: "Span" });

const changed = {
  before: number,
  amount: number,
  change: number,
  changePercent: number.optional().describe("Absent where there was nothing before"),
  perDayChange: number.optional().describe("Where the periods differ in length"),
};

const method = text.describe(
  "aws: AWS's own comparison; costs: computed from the costs of both periods",
);

export const costCompareOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    currency: text,
    metric: text,
    groupBy: text,
    filters: z.object({
      services: z.array(text),
      accounts: z.array(text),
      regions: z.array(text),
      credits: text,
    }),
  }),
  totals: section({
    method,
    baseline: span,
    comparison: span,
    change: number.describe("comparison less baseline"),
    changePercent: number.optional(),
    perDayPercent: number.optional(),
  }).optional(),
  groups: section({
    groupBy: text,
    items: z.array(z.object({ key: text, label: text.optional(), ...changed })),
    other: z
      .object({ count: number, ...changed })
      .optional()
      .describe("Beyond `top`"),
  }).optional(),
  drivers: section({
    method,
    items: z.array(
      z.object({
        service: text,
        usageType: text,
        kind: text.optional(),
        ...changed,
        usage: z.object({ unit: text, before: number, after: number }).optional(),
      }),
    ),
    otherChange: number.describe("Of everything that is not listed"),
  }).optional(),
});

export type CostCompareOutput = z.infer<typeof costCompareOutput>;
type SectionName = "totals" | "groups" | "drivers";
export type CompareSection<Name extends SectionName> = Ok<NonNullable<CostCompareOutput[Name]>>;
