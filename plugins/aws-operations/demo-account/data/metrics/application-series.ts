import type { Incident } from "../incident.ts";
import {
  CHECKOUT_FUNCTION,
  LOAD_BALANCER,
  ORDERS_DATABASE,
  ORDERS_QUEUE,
  PARTNERS_API,
  PUBLIC_BUCKET,
  REPORTS_DATABASE,
  SESSIONS_TABLE,
  THUMBNAIL_FUNCTION,
} from "../names.ts";
import { MINUTE_MS } from "../times.ts";
import { gauge, share, spread, together } from "./sample.ts";
import { failures, seriesOf, wave, type Minute, type Sampler, type Series } from "./series.ts";

/** Functions, load balancer, API, databases, table, queue and bucket. Only the checkout function is unwell. */
export function applicationSeries(incident: Incident): readonly Series[] {
  const failingSince = incident.failingSince.getTime() / MINUTE_MS;
  const checkout = functionSeries(CHECKOUT_FUNCTION, 240, (minute) =>
    minute >= failingSince
      ? { errorRate: 0.18, lowMs: 900, highMs: 6_000 }
      : { errorRate: 0.002, lowMs: 80, highMs: 700 },
  );
  const thumbnails = functionSeries(THUMBNAIL_FUNCTION, 45, () => ({
    errorRate: 0.004,
    lowMs: 300,
    highMs: 2_400,
  }));
  return [
    ...checkout,
    ...thumbnails,
    ...allFunctions([...checkout, ...thumbnails]),
    ...loadBalancerSeries(),
    ...apiSeries(),
    ...databaseSeries(ORDERS_DATABASE, "us-east-1", 64),
    ...databaseSeries(REPORTS_DATABASE, "eu-west-1", 11),
    ...tableSeries("GetItem", 410, 3.2),
    ...tableSeries("PutItem", 95, 5.6),
    ...queueSeries(),
    ...bucketSeries(),
  ];
}

/** How many requests there are in a minute. */
type Traffic = (minute: Minute) => number;

const traffic =
  (key: string, perMinute: number): Traffic =>
  (minute) =>
    Math.round(perMinute * wave(key, minute));

const counted =
  (requests: Traffic): Sampler =>
  (minute) =>
    share(requests(minute), requests(minute));

/** The requests that fail, among all of them. */
const failed =
  (key: string, requests: Traffic, rateAt: (minute: Minute) => number): Sampler =>
  (minute) => {
    const total = requests(minute);
    return share(failures(key, minute, total, rateAt(minute)), total);
  };

/** The requests that fail; nothing for a minute in which none does. */
const onlyFailed =
  (key: string, requests: Traffic, rate: number): Sampler =>
  (minute) => {
    const count = failures(key, minute, requests(minute), rate);
    return share(count, count);
  };

/** How long requests take. */
const delays =
  (key: string, requests: Traffic, low: number, high: number): Sampler =>
  (minute) =>
    spread(requests(minute), low, high * wave(key, minute, 0.1));

interface FunctionState {
  readonly errorRate: number;
  readonly lowMs: number;
  readonly highMs: number;
}

function functionSeries(
  name: string,
  perMinute: number,
  stateAt: (minute: Minute) => FunctionState,
): Series[] {
  const of = seriesOf("us-east-1", "AWS/Lambda", { FunctionName: name });
  const calls = traffic(name, perMinute);
  return [
    of("Invocations", "Count", counted(calls)),
    of(
      "Errors",
      "Count",
      failed(`${name} errors`, calls, (minute) => stateAt(minute).errorRate),
    ),
    of(
      "Throttles",
      "Count",
      failed(`${name} throttles`, calls, () => 0),
    ),
    of("Duration", "Milliseconds", (minute) => {
      const { lowMs, highMs } = stateAt(minute);
      return delays(`${name} duration`, calls, lowMs, highMs)(minute);
    }),
    of("ConcurrentExecutions", "Count", (minute) => {
      const { lowMs, highMs } = stateAt(minute);
      const { sum } = spread(calls(minute), lowMs, highMs);
      return gauge(Math.ceil(sum / MINUTE_MS));
    }),
  ];
}

/** What Lambda reports for all functions of the region together, without a dimension. */
function allFunctions(functions: readonly Series[]): Series[] {
  const of = seriesOf("us-east-1", "AWS/Lambda", {});
  return ["Invocations", "Errors", "Throttles", "Duration"].map((name) => {
    const parts = functions.filter((one) => one.name === name);
    return of(name, name === "Duration" ? "Milliseconds" : "Count", (minute) =>
      together(parts.map(({ sampleAt }) => sampleAt(minute))),
    );
  });
}

function loadBalancerSeries(): Series[] {
  const of = seriesOf("us-east-1", "AWS/ApplicationELB", { LoadBalancer: LOAD_BALANCER });
  const requests = traffic("storefront", 900);
  return [
    of("RequestCount", "Count", counted(requests)),
    of("HTTPCode_Target_5XX_Count", "Count", onlyFailed("storefront 5xx", requests, 0.0004)),
    of("HTTPCode_ELB_5XX_Count", "Count", onlyFailed("storefront elb 5xx", requests, 0.000_05)),
    of("TargetResponseTime", "Seconds", delays("storefront latency", requests, 0.02, 0.6)),
  ];
}

function apiSeries(): Series[] {
  const of = seriesOf("us-east-1", "AWS/ApiGateway", { ApiName: PARTNERS_API });
  const calls = traffic("partners", 120);
  return [
    of("Count", "Count", counted(calls)),
    of(
      "4XXError",
      "Count",
      failed("partners 4xx", calls, () => 0.02),
    ),
    of(
      "5XXError",
      "Count",
      failed("partners 5xx", calls, () => 0.001),
    ),
    of("Latency", "Milliseconds", delays("partners latency", calls, 40, 450)),
    of("IntegrationLatency", "Milliseconds", delays("partners latency", calls, 30, 420)),
  ];
}

function databaseSeries(name: string, region: string, connections: number): Series[] {
  const of = seriesOf(region, "AWS/RDS", { DBInstanceIdentifier: name });
  const around =
    (key: string, usual: number): Sampler =>
    (minute) =>
      gauge(usual * wave(`${name} ${key}`, minute));
  const open = traffic(`${name} connections`, connections);
  return [
    of("DatabaseConnections", "Count", (minute) => gauge(open(minute))),
    of("CPUUtilization", "Percent", around("cpu", 34)),
    of("ReadLatency", "Seconds", around("reads", 0.0012)),
    of("WriteLatency", "Seconds", around("writes", 0.0021)),
  ];
}

function tableSeries(operation: string, perMinute: number, ms: number): Series[] {
  const dimensions = { TableName: SESSIONS_TABLE, Operation: operation };
  const of = seriesOf("us-east-1", "AWS/DynamoDB", dimensions);
  const requests = traffic(`sessions ${operation}`, perMinute);
  return [
    of(
      "SuccessfulRequestLatency",
      "Milliseconds",
      delays(`sessions ${operation} latency`, requests, ms / 2, ms * 3),
    ),
    // Like AWS, nothing for a minute in which none is throttled.
    of(
      "ThrottledRequests",
      "Count",
      onlyFailed(`sessions ${operation} throttled`, requests, 0.0003),
    ),
  ];
}

function queueSeries(): Series[] {
  const of = seriesOf("eu-west-1", "AWS/SQS", { QueueName: ORDERS_QUEUE });
  const sent = traffic("orders queue", 40);
  return [
    of("NumberOfMessagesSent", "Count", counted(sent)),
    of("ApproximateNumberOfMessagesVisible", "Count", (minute) =>
      gauge(Math.round(sent(minute) / 8)),
    ),
    of("ApproximateAgeOfOldestMessage", "Seconds", (minute) =>
      gauge(Math.round(9 * wave("orders age", minute))),
    ),
  ];
}

function bucketSeries(): Series[] {
  const dimensions = { BucketName: PUBLIC_BUCKET, FilterId: "EntireBucket" };
  const of = seriesOf("us-east-1", "AWS/S3", dimensions);
  const requests = traffic("bucket", 300);
  return [
    of("AllRequests", "Count", counted(requests)),
    of(
      "4xxErrors",
      "Count",
      failed("bucket 4xx", requests, () => 0.004),
    ),
    of(
      "5xxErrors",
      "Count",
      failed("bucket 5xx", requests, () => 0.0002),
    ),
    of("FirstByteLatency", "Milliseconds", delays("bucket latency", requests, 12, 95)),
    of("TotalRequestLatency", "Milliseconds", delays("bucket latency", requests, 15, 240)),
  ];
}
