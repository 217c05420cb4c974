import { isFiring } from "../cost-explorer/budgets.ts";
import { awsError } from "../aws/errors.ts";
import type { OkSection, Section, SectionName } from "./output.ts";
import { moneyFromNumber, sum, toNumber } from "../cost-explorer/money.ts";
import type { BillingSource } from "./source.ts";
import { forecastSection } from "./forecast-section.ts";
import {
  breakdownSection,
  currentMonthSection,
  periodSection,
  previousMonthSection,
  samePeriodSection,
} from "./period-sections.ts";
import { trendSection } from "./trend-section.ts";

type Runs = { readonly [Name in SectionName]?: () => Promise<Section<Name>> };

/** The sections of the analysis, each to be run. */
export function sectionsOf(source: BillingSource): Runs {
  const { analysis, period } = source.query;
  switch (analysis) {
    case "overview":
    case "breakdown":
      if (period !== undefined) {
        return {
          period: () => periodSection(source, period),
          serviceBreakdown: () => breakdownSection(source),
        };
      }
      return {
        currentMonth: () => currentMonthSection(source),
        previousMonth: () => previousMonthSection(source),
        samePeriodLastMonth: () => samePeriodSection(source),
        serviceBreakdown: () => breakdownSection(source),
      };
    case "trends":
    case "forecast":
      return {
        trends: () => trendSection(source),
        forecast: () => forecastSection(source),
      };
    case "anomalies":
      return unusual(source);
    case "alerts":
      return { currentMonth: () => currentMonthSection(source), ...unusual(source) };
  }
}

function unusual(source: BillingSource): Pick<Runs, "anomalies" | "budgetAlerts"> {
  const isOff = !source.config.anomalyDetectionEnabled;
  const reason = "anomalyDetectionEnabled is false in the plugin's configuration.";
  return {
    anomalies: () =>
      isOff ? Promise.resolve({ status: "skipped", reason }) : anomalySection(source),
    budgetAlerts: () => budgetSection(source),
  };
}

async function anomalySection(source: BillingSource): Promise<OkSection<"anomalies">> {
  const { anomalyPeriod, minImpact } = source.query;
  const { anomalies, monitors } = await source.costExplorer.getAnomalies(
    anomalyPeriod,
    source.scope,
  );
  if (monitors?.length === 0) {
    throw awsError(
      "NO_ANOMALY_MONITOR",
      'Cost Anomaly Detection has no monitor in this account, so "no anomalies" is unknown, not zero. ' +
        "Create one, which is free, in Billing → Cost Anomaly Detection.",
    );
  }
  const items = anomalies.filter(({ impact }) => impact >= minImpact);
  const hidden = anomalies.length - items.length;
  return {
    status: "ok",
    ...anomalyPeriod,
    count: items.length,
    totalImpact: toNumber(sum(items.map(({ impact }) => moneyFromNumber(impact)))),
    ...(await currencyOf(source)),
    items,
    ...(hidden > 0 && { belowMinImpact: hidden }),
    ...(monitors !== undefined && { monitors: [...monitors] }),
  };
}

async function budgetSection(source: BillingSource): Promise<OkSection<"budgetAlerts">> {
  const alerts = await source.budgets();
  return {
    status: "ok",
    count: alerts.length,
    firing: alerts.filter(isFiring).length,
    alerts: [...alerts],
  };
}

/** Cost Anomaly Detection names no currency: that of the budgets, of costs read before, or the likely one. */
async function currencyOf(
  source: BillingSource,
): Promise<{ currency: string; currencyAssumed?: boolean }> {
  const { costExplorer, config } = source;
  const budgets = await source.budgets().catch(() => []);
  const costs = budgets.find(({ budget }) => budget.type === "COST" && budget.unit !== undefined);
  const unit = costs?.budget.unit;
  if (unit !== undefined) return { currency: unit };
  return costExplorer.likelyCurrency(config.currency, source.scope.profile);
}
