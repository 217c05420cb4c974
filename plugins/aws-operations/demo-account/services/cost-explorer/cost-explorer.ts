import { DEMO_ACCOUNT_ID, DEMO_REGION } from "../../credentials.ts";
import { awsJson } from "../../protocol/aws-json.ts";
import { AwsError } from "../../protocol/errors.ts";
import { spelling } from "../../protocol/protocol.ts";
import type { Shape } from "../../protocol/shape.ts";
import { operation, type AccountView, type Operation, type Service } from "../service.ts";
import { getAnomalies, getAnomalyMonitors } from "./anomalies.ts";
import { getCostAndUsage } from "./cost-and-usage.ts";
import { getDimensionValues } from "./dimension-values.ts";
import { getCostForecast, noHistory } from "./forecast.ts";
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
    ["GetCostForecast", enabled(shapes.costForecastRequest, getCostForecast)],
    ["GetDimensionValues", enabled(shapes.dimensionValuesRequest, getDimensionValues)],
    ["GetAnomalies", enabled(shapes.anomaliesRequest, getAnomalies)],
    ["GetAnomalyMonitors", enabled(shapes.anomalyMonitorsRequest, getAnomalyMonitors)],
  ]),
  faults: {
    "not-enabled": () => notEnabled(),
    "data-unavailable": (name) => (name === "GetCostForecast" ? noHistory() : noData()),
  },
};

const notEnabled = (): AwsError =>
  new AwsError("AccessDeniedException", "User not enabled for cost explorer access");

const noData = (): AwsError =>
  new AwsError(
    "DataUnavailableException",
    "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be ingested yet",
  );

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
