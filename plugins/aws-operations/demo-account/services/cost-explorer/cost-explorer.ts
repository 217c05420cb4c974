import { DEMO_ACCOUNT_ID, DEMO_REGION } from "../../credentials.ts";
import { awsJson } from "../../protocol/aws-json.ts";
import { AwsError } from "../../protocol/errors.ts";
import { spelling } from "../../protocol/protocol.ts";
import type { Shape } from "../../protocol/shape.ts";
import { operation, type AccountView, type Operation, type Service } from "../service.ts";
import { getAnomalies, getAnomalyMonitors } from "./anomalies.ts";
import * as commitments from "./commitment-shapes.ts";
import { noData } from "./commitments.ts";
import { getCostAndUsageComparisons } from "./cost-and-usage-comparisons.ts";
import { getCostAndUsage } from "./cost-and-usage.ts";
import { getCostComparisonDrivers } from "./cost-comparison-drivers.ts";
import { getDimensionValues } from "./dimension-values.ts";
import { getCostForecast, noHistory } from "./forecast.ts";
import { getSavingsPlansPurchaseRecommendation } from "./purchase-recommendation.ts";
import { getReservationCoverage, getReservationUtilization } from "./reservations.ts";
import { getRightsizingRecommendation } from "./rightsizing.ts";
import { getSavingsPlansCoverage } from "./savings-plans-coverage.ts";
import { getSavingsPlansUtilization } from "./savings-plans-utilization.ts";
import * as shapes from "./shapes.ts";

export const costExplorer: Service = {
  signingName: "ce",
  protocol: spelling(awsJson("1.1"), {
    throttled: { code: "LimitExceededException" },
  }),
  permission: (name) => ({
    action: `ce:${name}`,
    resource: `arn:aws:ce:${DEMO_REGION}:${DEMO_ACCOUNT_ID}:/${name}`,
  }),
  operations: new Map([
    ["GetCostAndUsage", enabled(shapes.costAndUsageRequest, getCostAndUsage)],
    [
      "GetCostAndUsageComparisons",
      enabled(shapes.costAndUsageComparisonsRequest, getCostAndUsageComparisons),
    ],
    [
      "GetCostComparisonDrivers",
      enabled(shapes.costComparisonDriversRequest, getCostComparisonDrivers),
    ],
    ["GetCostForecast", enabled(shapes.costForecastRequest, getCostForecast)],
    ["GetDimensionValues", enabled(shapes.dimensionValuesRequest, getDimensionValues)],
    ["GetAnomalies", enabled(shapes.anomaliesRequest, getAnomalies)],
    ["GetAnomalyMonitors", enabled(shapes.anomalyMonitorsRequest, getAnomalyMonitors)],
    [
      "GetSavingsPlansCoverage",
      enabled(commitments.savingsPlansCoverageRequest, getSavingsPlansCoverage),
    ],
    [
      "GetSavingsPlansUtilization",
      enabled(commitments.savingsPlansUtilizationRequest, getSavingsPlansUtilization),
    ],
    [
      "GetReservationCoverage",
      enabled(commitments.reservationCoverageRequest, getReservationCoverage),
    ],
    [
      "GetReservationUtilization",
      enabled(commitments.reservationUtilizationRequest, getReservationUtilization),
    ],
    [
      "GetSavingsPlansPurchaseRecommendation",
      enabled(
        commitments.savingsPlansPurchaseRecommendationRequest,
        getSavingsPlansPurchaseRecommendation,
      ),
    ],
    [
      "GetRightsizingRecommendation",
      enabled(commitments.rightsizingRecommendationRequest, getRightsizingRecommendation),
    ],
  ]),
  faults: {
    "not-enabled": () => notEnabled(),
    "data-unavailable": (name) => (name === "GetCostForecast" ? noHistory() : noData()),
  },
};

const notEnabled = (): AwsError =>
  new AwsError("AccessDeniedException", "User not enabled for cost explorer access");

/** Nobody has ever opened Cost Explorer in the empty account. */
function enabled<Input>(
  input: Shape<Input>,
  run: (request: Input, account: AccountView) => object,
): Operation {
  return operation(input, (request, account) => {
    if (account.variant === "empty") throw notEnabled();
    return run(request, account);
  });
}
