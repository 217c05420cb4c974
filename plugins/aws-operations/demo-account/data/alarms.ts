import type { ComparisonOperator, StateValue, Statistic } from "@aws-sdk/client-cloudwatch";
import { DEMO_ACCOUNT_ID } from "../credentials.ts";
import type { Spike } from "./anomaly.ts";
import { dateOf } from "./days.ts";
import { incidentBefore } from "./incident.ts";
import { IMPAIRED_INSTANCE, impairedSince } from "./metrics/infrastructure-series.ts";
import { HOSTILE_NAME, HOSTILE_NOTE } from "./hostile-texts.ts";
import {
  CHECKOUT_FUNCTION,
  instanceId,
  IRELAND_NETWORK,
  LOAD_BALANCER,
  ORDERS_DATABASE,
  PARTNERS_API,
  REPORTS_DATABASE,
  THUMBNAIL_FUNCTION,
} from "./names.ts";
import { before, HOUR_MS, MINUTE_MS } from "./times.ts";

interface Alarm {
  readonly name: string;
  readonly region: string;
  readonly description: string;
  readonly state: StateValue;
  /** When it came into its state. */
  readonly since: Date;
  readonly configuredAt: Date;
}

/** Watches one metric, or the share of one in another. */
export interface DemoMetricAlarm extends Alarm {
  readonly watched: Watched;
  /** Seconds. */
  readonly period: number;
  readonly periods: number;
  readonly operator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: "missing" | "notBreaching";
}

interface Watched {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** A statistic or a percentile such as `p95`. */
  readonly statistic: Statistic | `p${number}`;
  /** In percent of the sum of this metric in the same place. */
  readonly shareOf?: string;
}

export interface DemoCompositeAlarm extends Alarm {
  readonly rule: string;
  /** The alarms that the rule names. */
  readonly children: readonly string[];
}

export interface Alarms {
  readonly metric: readonly DemoMetricAlarm[];
  readonly composite: readonly DemoCompositeAlarm[];
}

const ALARM_TOPIC = "demo-oncall";
const CONFIGURED_DAYS_AGO = 150;

/** The alarms of an account that was started at a time; their states are those of its metrics. */
export function alarmsOf(startedAt: Date, spike: Spike | undefined): Alarms {
  const configuredAt = before(startedAt, CONFIGURED_DAYS_AGO * 24 * HOUR_MS);
  const { failingSince } = incidentBefore(startedAt);
  // Three periods of five minutes have to be bad first.
  const noticed = new Date(failingSince.getTime() + 15 * MINUTE_MS);
  const calm = before(startedAt, 12 * 24 * HOUR_MS);
  const alarm = (
    name: string,
    watched: Watched,
    threshold: number,
    more: Partial<DemoMetricAlarm> = {},
  ): DemoMetricAlarm => ({
    name,
    region: "us-east-1",
    description: "",
    state: "OK",
    since: calm,
    configuredAt,
    watched,
    period: 300,
    periods: 3,
    operator: "GreaterThanThreshold",
    threshold,
    treatMissingData: "missing",
    ...more,
  });
  const failing = { state: "ALARM", since: noticed } as const;
  const sparse = { treatMissingData: "notBreaching" } as const;
  const ireland = { region: "eu-west-1" } as const;
  return {
    metric: [
      alarm("demo-checkout-errors", lambda(CHECKOUT_FUNCTION, "Errors", "Sum"), 25, {
        description: "Checkout fails. Runbook: https://wiki.example.com/checkout",
        ...failing,
      }),
      alarm("demo-checkout-duration", lambda(CHECKOUT_FUNCTION, "Duration", "p95"), 3_000, failing),
      alarm(
        "demo-checkout-error-rate",
        { ...lambda(CHECKOUT_FUNCTION, "Errors", "Sum"), shareOf: "Invocations" },
        5,
        failing,
      ),
      alarm("demo-thumbnailer-errors", lambda(THUMBNAIL_FUNCTION, "Errors", "Sum"), 25),
      alarm(
        "demo-storefront-5xx",
        {
          namespace: "AWS/ApplicationELB",
          metric: "HTTPCode_Target_5XX_Count",
          dimensions: { LoadBalancer: LOAD_BALANCER },
          statistic: "Sum",
        },
        50,
        sparse,
      ),
      alarm(
        "demo-partners-api-5xx",
        {
          namespace: "AWS/ApiGateway",
          metric: "5XXError",
          dimensions: { ApiName: PARTNERS_API },
          statistic: "Sum",
        },
        20,
        sparse,
      ),
      alarm("demo-orders-db-connections", connections(ORDERS_DATABASE), 180),
      alarm("demo-checkout-web-1-cpu", ec2(instanceId(1), "CPUUtilization"), 85),
      alarm("demo-search-2-status", ec2(IMPAIRED_INSTANCE, "StatusCheckFailed", "Maximum"), 0, {
        state: "ALARM",
        since: new Date(impairedSince(startedAt).getTime() + 15 * MINUTE_MS),
      }),
      alarm("demo-search-reindex-cpu", ec2(instanceId(6), "CPUUtilization"), 85, {
        state: "INSUFFICIENT_DATA",
      }),
      // Whoever may create an alarm writes what is read here.
      alarm(HOSTILE_NAME, ec2(instanceId(3), "CPUUtilization"), 5, {
        description: HOSTILE_NOTE,
        operator: "LessThanThreshold",
        state: "ALARM",
      }),
      alarm("demo-reports-db-connections", connections(REPORTS_DATABASE), 60, ireland),
      alarm("demo-checkout-eu-1-cpu", ec2(instanceId(7), "CPUUtilization"), 85, ireland),
      alarm(
        "demo-eu-nat-bytes",
        {
          namespace: "AWS/NATGateway",
          metric: "BytesOutToDestination",
          dimensions: { NatGatewayId: IRELAND_NETWORK.natGateway },
          statistic: "Sum",
        },
        20e9,
        {
          ...ireland,
          period: 3_600,
          ...(spike === undefined
            ? {}
            : { since: new Date(dateOf(spike.end + 1).getTime() + 3 * HOUR_MS) }),
        },
      ),
    ],
    composite: [
      {
        name: "demo-checkout-down",
        region: "us-east-1",
        description: "Checkout fails and is slow",
        ...failing,
        configuredAt,
        rule: 'ALARM("demo-checkout-errors") AND ALARM("demo-checkout-duration")',
        children: ["demo-checkout-errors", "demo-checkout-duration"],
      },
      {
        name: "demo-storefront-down",
        region: "us-east-1",
        description: "",
        state: "OK",
        since: calm,
        configuredAt,
        rule: 'ALARM("demo-storefront-5xx") OR ALARM("demo-orders-db-connections")',
        children: ["demo-storefront-5xx", "demo-orders-db-connections"],
      },
    ],
  };
}

const lambda = (name: string, metric: string, statistic: Watched["statistic"]): Watched => ({
  namespace: "AWS/Lambda",
  metric,
  dimensions: { FunctionName: name },
  statistic,
});

const ec2 = (id: string, metric: string, statistic: Statistic = "Average"): Watched => ({
  namespace: "AWS/EC2",
  metric,
  dimensions: { InstanceId: id },
  statistic,
});

const connections = (database: string): Watched => ({
  namespace: "AWS/RDS",
  metric: "DatabaseConnections",
  dimensions: { DBInstanceIdentifier: database },
  statistic: "Average",
});

export const topicArn = (region: string): string =>
  `arn:aws:sns:${region}:${DEMO_ACCOUNT_ID}:${ALARM_TOPIC}`;
