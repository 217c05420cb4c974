import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { ENABLED_REGIONS } from "../../data/regions.ts";
import { awsJson } from "../../protocol/aws-json.ts";
import { pageTokenCode, spelling } from "../../protocol/protocol.ts";
import { queryCompatible } from "../../protocol/query-compatible.ts";
import { operation, type Service } from "../service.ts";
import { describeAlarms } from "./describe-alarms.ts";
import { getMetricData } from "./get-metric-data.ts";
import { getMetricStatistics } from "./get-metric-statistics.ts";
import { listMetrics } from "./list-metrics.ts";
import * as shapes from "./shapes.ts";

export const cloudWatch: Service = {
  signingName: "monitoring",
  regions: ENABLED_REGIONS,
  protocol: spelling(queryCompatible(awsJson("1.0")), pageTokenCode("InvalidNextToken")),
  permission: (name) => ({
    action: `cloudwatch:${name}`,
    resource:
      name === "DescribeAlarms" ? `arn:aws:cloudwatch:us-east-1:${DEMO_ACCOUNT_ID}:alarm:*` : "*",
  }),
  operations: new Map([
    ["DescribeAlarms", operation(shapes.describeAlarmsRequest, describeAlarms)],
    ["GetMetricData", operation(shapes.getMetricDataRequest, getMetricData)],
    ["GetMetricStatistics", operation(shapes.getMetricStatisticsRequest, getMetricStatistics)],
    ["ListMetrics", operation(shapes.listMetricsRequest, listMetrics)],
  ]),
};
