import { isFiring } from "../tools/budgets.ts";
import type { OkSection } from "../tools/cost-analysis-output.ts";
import { awsError } from "../tools/errors.ts";
import { moneyFromNumber, sum, toNumber } from "../tools/money.ts";
import type { BillingSource } from "./billing-source.ts";

export async function anomalySection(source: BillingSource): Promise<OkSection<"anomalies">> {
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
    currency: source.config.currency,
    items,
    ...(hidden > 0 && { belowMinImpact: hidden }),
    ...(monitors !== undefined && { monitors: [...monitors] }),
  };
}

export async function budgetSection(source: BillingSource): Promise<OkSection<"budgetAlerts">> {
  const alerts = await source.costExplorer.getBudgetAlerts(source.scope);
  return {
    status: "ok",
    count: alerts.length,
    firing: alerts.filter(isFiring).length,
    alerts: [...alerts],
  };
}
