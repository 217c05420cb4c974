import { BudgetsClient, DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import {
  CostExplorerClient,
  GetAnomaliesCommand,
  GetCostAndUsageCommand,
  GetCostForecastCommand,
  GetDimensionValuesCommand,
} from "@aws-sdk/client-cost-explorer";

const DAY_MS = 86_400_000;
/** What Cost Explorer charges for is every request and page. */
const METRICS = ["UnblendedCost"];

/** @param {Date} date */
function day(date) {
  return date.toISOString().slice(0, 10);
}

/**
 * What the Python plugin that this one carries over asks AWS for a question about costs, with the SDK and nothing else: all
 * at once, first pages only, every time anew.
 * @param {import("@aws-sdk/client-cost-explorer").CostExplorerClientConfig} config
 * @param {string} analysis
 * @param {Date} now
 * @returns {Promise<number>} paid requests
 */
export async function askAsOriginal(config, analysis, now) {
  const explorer = new CostExplorerClient(config);
  const budgets = new BudgetsClient({ ...config });
  const month = (/** @type {number} */ back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
  const costs = (
    /** @type {Date} */ from,
    /** @type {Date} */ to,
    /** @type {object} */ more = {},
  ) =>
    explorer.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: day(from), End: day(to) },
        Granularity: "MONTHLY",
        Metrics: METRICS,
        ...more,
      }),
    );
  const thisMonth = { Start: day(month(0)), End: day(now) };
  /** @type {Readonly<Record<string, () => readonly Promise<unknown>[]>>} */
  const questions = {
    overview: () => [
      costs(month(0), now),
      costs(month(1), new Date(month(0).getTime() - DAY_MS)),
      explorer.send(
        new GetDimensionValuesCommand({
          TimePeriod: thisMonth,
          Dimension: "SERVICE",
          Context: "COST_AND_USAGE",
        }),
      ),
      costs(month(0), now, { GroupBy: [{ Type: "DIMENSION", Key: "SERVICE" }] }),
    ],
    trends: () => [
      costs(new Date(now.getTime() - 180 * DAY_MS), now),
      explorer.send(
        new GetCostForecastCommand({
          TimePeriod: { Start: day(now), End: day(new Date(now.getTime() + 30 * DAY_MS)) },
          Metric: "UNBLENDED_COST",
          Granularity: "MONTHLY",
        }),
      ),
    ],
    anomalies: () => [
      explorer.send(
        new GetAnomaliesCommand({
          DateInterval: {
            StartDate: day(new Date(now.getTime() - 30 * DAY_MS)),
            EndDate: day(now),
          },
        }),
      ),
    ],
  };
  try {
    const asked = questions[analysis]?.() ?? [];
    // It fails in the original, which takes its access key for the account; what it asks is free of charge.
    const free =
      analysis === "anomalies"
        ? budgets.send(new DescribeBudgetsCommand({ AccountId: "111122223333" }))
        : undefined;
    await Promise.all([...asked, free]);
    return asked.length;
  } finally {
    explorer.destroy();
    budgets.destroy();
  }
}
