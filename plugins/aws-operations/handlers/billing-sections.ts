import { isFiring } from "../tools/budgets.ts";
import type { OkSection, Section, SectionName } from "../tools/cost-analysis-output.ts";
import { awsError, isToolError } from "../tools/errors.ts";
import { moneyFromNumber, sum, toNumber } from "../tools/money.ts";
import type { BillingSource } from "./billing-source.ts";
import { forecastSection } from "./forecast-section.ts";
import {
  breakdownSection,
  currentMonthSection,
  periodSection,
  previousMonthSection,
  samePeriodSection,
} from "./period-sections.ts";
import { trendSection } from "./trend-section.ts";

/** The sections of one answer, by name; a failed one says why. */
export type Sections = { [Name in SectionName]?: Section<Name> | undefined };

/** Runs the sections of the analysis at the same time. None fails because another does. */
export async function runSections(
  source: BillingSource,
  onCrash: (section: SectionName, error: unknown) => void,
): Promise<Sections> {
  const running = Object.entries(sectionsOf(source)).map(async ([name, run]) => {
    try {
      return [name, await run()] as const;
    } catch (error) {
      if (!isToolError(error)) onCrash(name as SectionName, error);
      return [name, toFailure(error)] as const;
    }
  });
  return Object.fromEntries(await Promise.all(running));
}

/** Whether nothing of what was tried came back. */
export function allFailed(sections: Sections): boolean {
  const states = new Set(Object.values(sections).map((section) => section?.status));
  return states.has("error") && !states.has("ok");
}

function sectionsOf(source: BillingSource): Partial<Record<SectionName, () => Promise<Section>>> {
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
    case "alerts":
      return {
        anomalies: () =>
          source.config.anomalyDetectionEnabled
            ? anomalySection(source)
            : Promise.resolve({
                status: "skipped",
                reason: "anomalyDetectionEnabled is false in the plugin's configuration.",
              }),
        budgetAlerts: () => budgetSection(source),
      };
  }
}

function toFailure(error: unknown): Extract<Section, { status: "error" }> {
  const known = isToolError(error)
    ? { code: error.code, message: error.message, retryable: error.retryable }
    : {
        code: "INTERNAL",
        message: "This part failed. Details are in the server's log.",
        retryable: false,
      };
  return { status: "error", error: known };
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
  const known = costs?.budget.unit ?? costExplorer.seenCurrency;
  if (known !== undefined) return { currency: known };
  const currency = costExplorer.region.startsWith("cn-") ? "CNY" : config.currency;
  return { currency, currencyAssumed: true };
}
