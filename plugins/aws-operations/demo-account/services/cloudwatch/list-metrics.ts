import type { ListMetricsOutput } from "@aws-sdk/client-cloudwatch";
import { listPage } from "../list-page.ts";
import type { AccountView } from "../service.ts";
import { seriesIn } from "./metrics.ts";
import type { ListMetricsRequest } from "./shapes.ts";

const MAX_PAGE_SIZE = 500;

export function listMetrics(request: ListMetricsRequest, account: AccountView): ListMetricsOutput {
  const { Namespace, MetricName, Dimensions = [] } = request;
  const found = seriesIn(account).filter(
    ({ namespace, name, dimensions }) =>
      (Namespace === undefined || Namespace === namespace) &&
      (MetricName === undefined || MetricName === name) &&
      Dimensions.every(({ Name, Value }) =>
        Value === undefined ? Object.hasOwn(dimensions, Name) : dimensions[Name] === Value,
      ),
  );
  const { NextToken: token, ...identity } = request;
  const bound = { ...identity, region: account.region };
  const page = listPage(found, MAX_PAGE_SIZE, { token, identity: bound }, account);
  return {
    Metrics: page.items.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}
