import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { type Ok, problem, section } from "../answer/section.ts";

const text = z.string();
const number = z.number();
const flag = z.boolean();
const day = z.string();

// There are no enumerations where the text says it too: clients show the schema to the model with each list of tools.
const period = section({
  start: day,
  end: day,
  partial: flag.describe("Not over"),
  estimated: flag.describe("AWS may correct it"),
  currency: text,
  total: number,
  totals: z
    .array(
      z.object({
        currency: text,
        net: number,
        beforeCredits: number,
        usage: number.describe("With fees"),
        credits: number,
        refunds: number,
        tax: number,
      }),
    )
    .describe("One per currency, never added"),
  otherMetrics: z.array(z.object({ metric: text, currency: text, total: number })).optional(),
  change: z
    .object({ start: day, end: day, total: number, amount: number, percent: number.optional() })
    .optional()
    .describe("samePeriodLastMonth: of as many full days of this month, against these"),
  dailyAverage: number.optional(),
  yesterday: number.optional(),
  last7Days: number.optional(),
  daysAboveThreshold: number.optional(),
  timePeriods: z
    .array(z.object({ start: day, amount: number, aboveThreshold: flag.optional() }))
    .optional(),
})
  .meta({ id: "Period" })
  .optional();

const row = z
  .object({
    key: text,
    label: text.optional(),
    currency: text,
    amount: number,
    sharePercent: number.optional(),
    credits: number.optional(),
    before: number.optional().describe("In the period compared with"),
    change: number.optional().describe("Full days only"),
    changePercent: number.optional(),
    count: number.optional().describe("Rows summed in this one"),
  })
  .meta({ id: "Row" });
const rows = z.array(row);

const range = z
  .object({
    start: day,
    end: day,
    total: number,
    low: number.optional(),
    high: number.optional(),
    spent: number.optional().describe("thisMonth: up to yesterday"),
  })
  .meta({ id: "Range" });

const budget = z.object({
  type: text,
  timeUnit: text,
  start: day.optional(),
  end: day.optional(),
  unit: text.optional(),
  limit: number.optional(),
  actual: number.optional(),
  forecast: number.optional(),
  actualPercent: number.optional(),
  forecastPercent: number.optional(),
  autoAdjusted: flag.optional(),
  filter: z.record(text, z.unknown()).optional(),
});

const anomaly = z.object({
  id: text,
  start: day.optional(),
  end: day.optional(),
  dimension: text.optional(),
  impact: number,
  maxDailyImpact: number,
  impactPercent: number.optional(),
  actual: number.optional(),
  expected: number.optional(),
  score: number.optional(),
  feedback: text.optional(),
  rootCauses: z.array(
    z.object({
      service: text.optional(),
      region: text.optional(),
      account: text.optional(),
      accountName: text.optional(),
      usageType: text.optional(),
      contribution: number.optional(),
    }),
  ),
});

export const costAnalysisOutput = z.object({
  timestamp: text,
  analysisType: text,
  meta: z.object({
    ...metaShape,
    currency: text,
    metric: text,
    headline: text.describe("What each `total` is: net, or beforeCredits"),
    groupBy: text,
    filters: z.object({
      services: z.array(text),
      accounts: z.array(text),
      regions: z.array(text),
      credits: text,
    }),
    requests: z.array(
      z.object({
        operation: text,
        start: day,
        end: day,
        sent: z.object({ Start: text, End: text.describe("Exclusive") }),
        pages: number,
      }),
    ),
  }),
  period,
  currentMonth: period,
  previousMonth: period,
  samePeriodLastMonth: period,
  serviceBreakdown: section({
    groupBy: text,
    start: day,
    end: day,
    comparedWith: z.object({ start: day, end: day }).optional(),
    items: rows,
    drivers: rows.optional(),
    other: rows.describe("Beyond `top`, per currency"),
  }).optional(),
  trends: section({
    currency: text,
    months: z.array(
      z.object({
        month: text,
        total: number,
        partial: flag,
        firstDay: day.optional().describe("If costs begin within it"),
        estimated: flag,
        changePercent: number.optional(),
      }),
    ),
    averageFullMonth: number.optional(),
    groupBy: text,
    drivers: rows.optional().describe("Last full month against the one before"),
  }).optional(),
  forecast: section({
    method: text.describe("aws, or run-rate: average of the last full days carried forward"),
    reason: problem.optional(),
    currency: text,
    predictionIntervalPercent: number.optional(),
    runRatePerDay: number.optional(),
    thisMonth: range.optional(),
    nextMonth: range.optional(),
    ahead: range.optional(),
  }).optional(),
  anomalies: section({
    start: day,
    end: day,
    count: number,
    totalImpact: number,
    currency: text,
    currencyAssumed: flag.optional(),
    items: z.array(anomaly),
    belowMinImpact: number.optional(),
    monitors: z
      .array(
        z.object({
          name: text,
          type: text,
          dimension: text.optional(),
          lastEvaluated: text.optional(),
        }),
      )
      .optional(),
  }).optional(),
  budgetAlerts: section({
    count: number,
    firing: number,
    alerts: z.array(
      z.object({
        budgetName: text,
        budget,
        notifications: z.array(
          z.object({
            type: text,
            operator: text,
            threshold: number,
            thresholdType: text,
            firing: flag,
          }),
        ),
      }),
    ),
  }).optional(),
});

export type CostAnalysisOutput = z.infer<typeof costAnalysisOutput>;

export type SectionName = Exclude<keyof CostAnalysisOutput, "timestamp" | "analysisType" | "meta">;
export type Section<Name extends SectionName = SectionName> = NonNullable<CostAnalysisOutput[Name]>;
export type OkSection<Name extends SectionName> = Ok<Section<Name>>;
