import type { KnownServiceName } from "./known-services.ts";

/** When the table was last compared with AWS's documentation. */
export const metricsAsOf = "2026-11-20";

export interface ServiceMetric {
  readonly name: string;
  /**
   * `requests`: how much there is to do; `errors`: how much of it fails; `latency`: how long it takes, or waits; `load`: in percent of what
   * there is; `level`: a number that is neither good nor bad.
   */
  readonly kind: "requests" | "errors" | "latency" | "load" | "level";
  /** Default: `Sum` for requests and errors, `p95` for latency, `Average` for the others. */
  readonly statistic?: string;
  /** Unit of a latency. */
  readonly unit?: "ms" | "s";
  /** A latency below this is no trouble, however much it has grown. */
  readonly floor?: number;
}

export interface ServiceMetrics {
  readonly namespace: string;
  /** What tells the resources apart: exactly these. CloudWatch adds nothing up by itself. */
  readonly dimensions: readonly string[];
  /** The first is reported wherever there is such a resource. */
  readonly metrics: readonly [ServiceMetric, ...ServiceMetric[]];
  /** Where they are only reported if somebody has switched them on. */
  readonly unless?: string;
}

/** The metrics that AWS reports by itself, and that say how a service does. */
export const serviceMetrics: {
  readonly [Name in KnownServiceName]?: readonly ServiceMetrics[];
} = {
  alb: [
    {
      namespace: "AWS/ApplicationELB",
      dimensions: ["LoadBalancer"],
      metrics: [
        { name: "RequestCount", kind: "requests" },
        { name: "HTTPCode_Target_5XX_Count", kind: "errors" },
        { name: "HTTPCode_ELB_5XX_Count", kind: "errors" },
        { name: "TargetResponseTime", kind: "latency", unit: "s", floor: 0.2 },
      ],
    },
  ],
  apigateway: [
    {
      namespace: "AWS/ApiGateway",
      dimensions: ["ApiName"],
      metrics: [
        { name: "Count", kind: "requests" },
        { name: "5XXError", kind: "errors" },
        { name: "Latency", kind: "latency", unit: "ms", floor: 200 },
      ],
    },
    {
      namespace: "AWS/ApiGateway",
      dimensions: ["ApiId"],
      metrics: [
        { name: "Count", kind: "requests" },
        { name: "5xx", kind: "errors" },
        { name: "Latency", kind: "latency", unit: "ms", floor: 200 },
      ],
    },
  ],
  dynamodb: [
    {
      namespace: "AWS/DynamoDB",
      dimensions: ["TableName", "Operation"],
      metrics: [
        { name: "SuccessfulRequestLatency", kind: "requests", statistic: "SampleCount" },
        { name: "ThrottledRequests", kind: "errors" },
        { name: "SystemErrors", kind: "errors" },
        {
          name: "SuccessfulRequestLatency",
          kind: "latency",
          statistic: "Average",
          unit: "ms",
          floor: 20,
        },
      ],
    },
  ],
  ec2: [
    {
      namespace: "AWS/EC2",
      dimensions: ["InstanceId"],
      metrics: [{ name: "CPUUtilization", kind: "load" }],
    },
  ],
  elb: [
    {
      namespace: "AWS/ELB",
      dimensions: ["LoadBalancerName"],
      metrics: [
        { name: "RequestCount", kind: "requests" },
        { name: "HTTPCode_Backend_5XX", kind: "errors" },
        { name: "HTTPCode_ELB_5XX", kind: "errors" },
        { name: "Latency", kind: "latency", unit: "s", floor: 0.2 },
      ],
    },
  ],
  kinesis: [
    {
      namespace: "AWS/Kinesis",
      dimensions: ["StreamName"],
      metrics: [
        { name: "IncomingRecords", kind: "requests" },
        { name: "WriteProvisionedThroughputExceeded", kind: "errors" },
        {
          name: "GetRecords.IteratorAgeMilliseconds",
          kind: "latency",
          statistic: "Maximum",
          unit: "ms",
          floor: 60_000,
        },
      ],
    },
  ],
  lambda: [
    {
      namespace: "AWS/Lambda",
      dimensions: ["FunctionName"],
      metrics: [
        { name: "Invocations", kind: "requests" },
        { name: "Errors", kind: "errors" },
        { name: "Throttles", kind: "errors" },
        { name: "Duration", kind: "latency", unit: "ms", floor: 200 },
      ],
    },
  ],
  nlb: [
    {
      namespace: "AWS/NetworkELB",
      dimensions: ["LoadBalancer"],
      metrics: [
        { name: "NewFlowCount", kind: "requests" },
        { name: "TCP_ELB_Reset_Count", kind: "errors" },
      ],
    },
  ],
  rds: [
    {
      namespace: "AWS/RDS",
      dimensions: ["DBInstanceIdentifier"],
      metrics: [
        { name: "CPUUtilization", kind: "load" },
        { name: "DatabaseConnections", kind: "level" },
        { name: "ReadLatency", kind: "latency", statistic: "Average", unit: "s", floor: 0.02 },
        { name: "WriteLatency", kind: "latency", statistic: "Average", unit: "s", floor: 0.02 },
      ],
    },
  ],
  s3: [
    {
      namespace: "AWS/S3",
      dimensions: ["BucketName", "FilterId"],
      metrics: [
        { name: "AllRequests", kind: "requests" },
        { name: "5xxErrors", kind: "errors" },
        { name: "FirstByteLatency", kind: "latency", unit: "ms", floor: 200 },
      ],
      unless: "S3 reports requests only of buckets whose request metrics are switched on",
    },
  ],
  sns: [
    {
      namespace: "AWS/SNS",
      dimensions: ["TopicName"],
      metrics: [
        { name: "NumberOfMessagesPublished", kind: "requests" },
        { name: "NumberOfNotificationsFailed", kind: "errors" },
      ],
    },
  ],
  sqs: [
    {
      namespace: "AWS/SQS",
      dimensions: ["QueueName"],
      metrics: [
        { name: "NumberOfMessagesSent", kind: "requests" },
        {
          name: "ApproximateAgeOfOldestMessage",
          kind: "latency",
          statistic: "Maximum",
          unit: "s",
          floor: 60,
        },
      ],
    },
  ],
  stepfunctions: [
    {
      namespace: "AWS/States",
      dimensions: ["StateMachineArn"],
      metrics: [
        { name: "ExecutionsStarted", kind: "requests" },
        { name: "ExecutionsFailed", kind: "errors" },
        { name: "ExecutionsTimedOut", kind: "errors" },
        { name: "ExecutionTime", kind: "latency", unit: "ms", floor: 1000 },
      ],
    },
  ],
};

const usual = {
  requests: "Sum",
  errors: "Sum",
  latency: "p95",
  load: "Average",
  level: "Average",
} as const;

/** As CloudWatch names it: `Sum`, `p95`. */
export function statisticOf({ kind, statistic }: ServiceMetric): string {
  return statistic ?? usual[kind];
}
