import { z } from "zod";
import { costMetrics } from "../config/index.ts";
import { analyses } from "./cost-analysis-input.ts";

const amount = z.number();
// Not z.int(), whose JSON Schema would spell out the limits of a double each time.
const count = z.number();
const currency = z.string();
const day = z.string();

/** A part of the answer that can fail or be left out without the others. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, id?: string) {
  const ok = z.object({
    status: z.literal("ok"),
    warnings: z.array(z.string()).optional(),
    ...shape,
  });
  return z
    .discriminatedUnion("status", [id === undefined ? ok : ok.meta({ id }), failed, skipped])
    .optional();
}

const sectionError = z
  .object({ code: z.string(), message: z.string(), retryable: z.boolean() })
  .meta({ id: "Problem" });

// Named, so that the JSON Schema describes what recurs only once: clients show it to the model with each list of tools.
const failed = z.object({ status: z.literal("error"), error: sectionError }).meta({ id: "Failed" });
const skipped = z
  .object({ status: z.literal("skipped"), reason: z.string() })
  .meta({ id: "Skipped" });

const totals = z
  .object({
    currency,
    total: amount.describe("The headline"),
    net: amount,
    beforeCredits: amount.describe("Without credits and refunds"),
    usage: amount.describe("Usage and fees"),
    credits: amount,
    refunds: amount,
    tax: amount,
  })
  .meta({ id: "Totals" });

const change = z.object({ amount, percent: z.number().optional() });

const periodShape = {
  start: day,
  end: day,
  partial: z.boolean().describe("The period is not over"),
  estimated: z.boolean().describe("AWS may still correct it"),
  currency,
  total: amount,
  headline: z.enum(["net", "beforeCredits"]).describe("Which of the totals `total` is"),
  totals: z.array(totals).describe("One per currency; currencies are never added"),
  otherMetrics: z.array(z.object({ metric: z.string(), currency, total: amount })).optional(),
};

const breakdownRow = z
  .object({
    key: z.string(),
    label: z.string().optional(),
    currency,
    amount,
    sharePercent: z.number().optional(),
    credits: amount.optional().describe("Credits and refunds of this row, if any"),
    before: amount.optional().describe("In the period compared with"),
    change: amount.optional(),
    changePercent: z.number().optional(),
  })
  .meta({ id: "BreakdownRow" });

const plainPeriod = section(periodShape, "PeriodCosts");

const range = { total: amount, low: amount.optional(), high: amount.optional() };

const budget = z.object({
  type: z.string(),
  timeUnit: z.string(),
  unit: z.string().optional(),
  limit: amount.optional(),
  actual: amount.optional(),
  forecast: amount.optional(),
  actualPercent: z.number().optional(),
  forecastPercent: z.number().optional(),
  autoAdjusted: z.boolean().optional(),
  filter: z.record(z.string(), z.unknown()).optional(),
});

const anomaly = z.object({
  id: z.string(),
  start: day.optional(),
  end: day.optional(),
  dimension: z.string().optional(),
  impact: amount,
  maxDailyImpact: amount,
  impactPercent: z.number().optional(),
  actual: amount.optional(),
  expected: amount.optional(),
  score: z.number().optional(),
  feedback: z.string().optional(),
  rootCauses: z.array(
    z.object({
      service: z.string().optional(),
      region: z.string().optional(),
      account: z.string().optional(),
      accountName: z.string().optional(),
      usageType: z.string().optional(),
      contribution: amount.optional(),
    }),
  ),
});

export const costAnalysisOutput = z.object({
  timestamp: z.string().describe("ISO 8601, when the question was asked"),
  analysisType: z.enum(analyses),
  meta: z.object({
    accountId: z.string().optional(),
    region: z.string(),
    asOf: z.string().describe("ISO 8601, when the oldest of the data was fetched from AWS"),
    currency,
    metric: z.enum(costMetrics),
    headline: z.enum(["net", "beforeCredits"]),
    ceRequests: count.describe("Paid requests sent for this answer, pages and retries included"),
    estimatedApiCostUsd: z.number(),
    cacheAgeSeconds: z.number().describe("Age of the oldest data; 0 if all are new"),
    groupBy: z.string(),
    filters: z.object({
      services: z.array(z.string()),
      accounts: z.array(z.string()),
      regions: z.array(z.string()),
      credits: z.enum(["include", "exclude", "both"]),
    }),
    requests: z
      .array(
        z.object({
          operation: z.string(),
          start: day,
          end: day,
          sent: z.object({ Start: z.string(), End: z.string().describe("Exclusive") }),
          pages: count,
        }),
      )
      .describe("What the answer rests on, with the dates as they were sent"),
    truncated: z.boolean().describe("AWS had more than was read: sums are too low"),
    notes: z.array(z.string()),
  }),
  period: plainPeriod,
  currentMonth: section({
    ...periodShape,
    dailyAverage: amount.optional().describe("Of the days before today"),
    yesterday: amount.optional(),
    last7Days: amount.describe("The seven days before today").optional(),
    daysAboveThreshold: count,
    timePeriods: z.array(
      z.object({
        start: day,
        end: day,
        amount,
        currency,
        aboveThreshold: z.boolean().optional().describe("Above `costThresholdAlert`"),
      }),
    ),
  }),
  previousMonth: plainPeriod,
  samePeriodLastMonth: section({
    ...periodShape,
    change: change.optional().describe("Of the current month against these days"),
  }),
  serviceBreakdown: section({
    groupBy: z.string(),
    start: day,
    end: day,
    comparedWith: z.object({ start: day, end: day }).optional(),
    items: z.array(breakdownRow).describe("The largest amounts first"),
    drivers: z
      .array(breakdownRow)
      .optional()
      .describe("The largest changes against the period compared with, up or down"),
    other: z
      .array(
        z.object({
          currency,
          count,
          amount,
          before: amount.optional(),
          change: amount.optional(),
        }),
      )
      .describe("The rows beyond `top`, summed per currency"),
  }),
  trends: section({
    currency,
    months: z.array(
      z.object({
        month: z.string().describe("YYYY-MM"),
        start: day,
        end: day,
        currency,
        total: amount,
        partial: z.boolean(),
        estimated: z.boolean(),
        changePercent: z.number().optional().describe("Against the month before, full months only"),
      }),
    ),
    averageFullMonth: amount.optional(),
    drivers: z
      .object({
        groupBy: z.string(),
        from: z.string(),
        to: z.string(),
        items: z.array(
          z.object({
            key: z.string(),
            label: z.string().optional(),
            currency,
            from: amount,
            to: amount,
            change: amount,
            changePercent: z.number().optional(),
          }),
        ),
      })
      .optional()
      .describe("The largest changes between the last two full months"),
  }),
  forecast: section({
    method: z
      .enum(["aws", "run-rate"])
      .describe("run-rate: AWS has no forecast; average of the last full days carried forward"),
    reason: sectionError.optional().describe("Why there is no forecast by AWS"),
    currency,
    predictionIntervalPercent: z.number().optional().describe("How sure low and high are"),
    runRatePerDay: amount.optional(),
    thisMonth: z
      .object({
        start: day,
        end: day,
        spent: amount.describe("Up to and including yesterday"),
        remaining: amount.describe("From today to the end of the month"),
        ...range,
      })
      .optional(),
    nextMonth: z.object({ month: z.string(), ...range }).optional(),
    ahead: z.object({ days: count, start: day, end: day, ...range }).optional(),
  }),
  anomalies: section({
    start: day,
    end: day,
    count,
    totalImpact: amount,
    currency: currency.describe("The configured one: Cost Anomaly Detection names none"),
    items: z.array(anomaly),
    belowMinImpact: count.optional(),
    monitors: z
      .array(
        z.object({
          name: z.string(),
          type: z.string(),
          dimension: z.string().optional(),
          lastEvaluated: z.string().optional(),
        }),
      )
      .optional(),
  }),
  budgetAlerts: section({
    count,
    firing: count.describe("Budgets with a notification that fires"),
    alerts: z.array(
      z.object({
        budgetName: z.string(),
        budget,
        notifications: z.array(
          z.object({
            type: z.string(),
            operator: z.string(),
            threshold: z.number(),
            thresholdType: z.string(),
            firing: z.boolean(),
          }),
        ),
      }),
    ),
  }),
});

export type CostAnalysisOutput = z.infer<typeof costAnalysisOutput>;
export type SectionName = Exclude<keyof CostAnalysisOutput, "timestamp" | "analysisType" | "meta">;
export type Section<Name extends SectionName = SectionName> = NonNullable<CostAnalysisOutput[Name]>;
/** A section that has its data. */
export type OkSection<Name extends SectionName> = Extract<Section<Name>, { status: "ok" }>;
