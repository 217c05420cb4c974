import { DEMO_ACCOUNT_ID } from "../credentials.ts";
import { HOSTILE_NAME, HOSTILE_NOTE } from "./hostile-texts.ts";
import { instanceId, ORDERS_DATABASE, THUMBNAIL_FUNCTION } from "./names.ts";
import { before, HOUR_MS, MINUTE_MS } from "./times.ts";

interface HealthEntity {
  readonly value: string;
  readonly status: "IMPAIRED" | "UNIMPAIRED" | "UNKNOWN" | "PENDING" | "RESOLVED";
}

export interface HealthEvent {
  readonly arn: string;
  readonly service: string;
  readonly typeCode: string;
  readonly category: "issue" | "accountNotification" | "scheduledChange";
  readonly region: string;
  readonly availabilityZone?: string;
  readonly start: Date;
  /** Absent while an issue is open. */
  readonly end?: Date;
  readonly updated: Date;
  readonly status: "open" | "upcoming" | "closed";
  readonly scope: "PUBLIC" | "ACCOUNT_SPECIFIC";
  readonly actionability: "ACTION_REQUIRED" | "ACTION_MAY_BE_REQUIRED" | "INFORMATIONAL";
  readonly personas: readonly ("OPERATIONS" | "SECURITY" | "BILLING")[];
  readonly description: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly entities: readonly HealthEntity[];
}

const DAY_MS = 24 * HOUR_MS;

/**
 * What AWS Health knows of an account that was started at a time: two open events, one upcoming and
 * three that are over, the last updated first.
 */
export function healthEvents(startedAt: Date): readonly HealthEvent[] {
  const ago = (ms: number): Date => before(startedAt, ms);
  const ahead = (ms: number): Date => before(startedAt, -ms);
  return [
    {
      arn: eventArn("us-east-1", "EC2", "AWS_EC2_OPERATIONAL_ISSUE", "VKTXI_DEMO01"),
      service: "EC2",
      typeCode: "AWS_EC2_OPERATIONAL_ISSUE",
      category: "issue",
      region: "us-east-1",
      start: ago(2 * HOUR_MS + 10 * MINUTE_MS),
      updated: ago(12 * MINUTE_MS),
      status: "open",
      scope: "PUBLIC",
      actionability: "INFORMATIONAL",
      personas: ["OPERATIONS"],
      description:
        "Current severity level: Degraded\n\nWe are investigating increased API error rates and launch latencies for EC2 instances in a single Availability Zone (use1-az4) of the US-EAST-1 Region. Running instances are not affected unless listed under affected resources.",
      entities: [
        { value: instanceId(1), status: "UNKNOWN" },
        { value: instanceId(2), status: "UNKNOWN" },
      ],
    },
    {
      arn: eventArn("us-east-1", "RDS", "AWS_RDS_MAINTENANCE_SCHEDULED", "DEMO02"),
      service: "RDS",
      typeCode: "AWS_RDS_MAINTENANCE_SCHEDULED",
      category: "scheduledChange",
      region: "us-east-1",
      start: ahead(5 * DAY_MS),
      end: ahead(5 * DAY_MS + HOUR_MS),
      updated: ago(3 * HOUR_MS),
      status: "upcoming",
      scope: "ACCOUNT_SPECIFIC",
      actionability: "ACTION_MAY_BE_REQUIRED",
      personas: ["OPERATIONS"],
      description:
        "One or more of your Amazon RDS DB instances are scheduled for an operating system update during the maintenance window. A Multi-AZ instance fails over once; other instances are unavailable for a few minutes.",
      metadata: { deferralDeadline: ahead(4 * DAY_MS).toISOString() },
      entities: [
        { value: ORDERS_DATABASE, status: "PENDING" },
        { value: `${ORDERS_DATABASE}-replica`, status: "PENDING" },
      ],
    },
    {
      arn: eventArn("us-east-1", "LAMBDA", "AWS_LAMBDA_RUNTIME_DEPRECATION_NOTICE", "DEMO03"),
      service: "LAMBDA",
      typeCode: "AWS_LAMBDA_RUNTIME_DEPRECATION_NOTICE",
      category: "accountNotification",
      region: "us-east-1",
      start: ago(9 * DAY_MS),
      updated: ago(20 * HOUR_MS),
      status: "open",
      scope: "ACCOUNT_SPECIFIC",
      actionability: "ACTION_REQUIRED",
      personas: ["OPERATIONS", "SECURITY"],
      // What customers type into their resources comes back in notices about them.
      description: `The runtime of the following functions reaches its end of support in 60 days; move them to a newer one.\n\n${THUMBNAIL_FUNCTION} (description: "${HOSTILE_NOTE} ${HOSTILE_NAME}")`,
      entities: [
        {
          value: `arn:aws:lambda:us-east-1:${DEMO_ACCOUNT_ID}:function:${THUMBNAIL_FUNCTION}`,
          status: "PENDING",
        },
      ],
    },
    {
      arn: eventArn("global", "CLOUDFRONT", "AWS_CLOUDFRONT_OPERATIONAL_ISSUE", "FQWNB_DEMO04"),
      service: "CLOUDFRONT",
      typeCode: "AWS_CLOUDFRONT_OPERATIONAL_ISSUE",
      category: "issue",
      region: "global",
      start: ago(2 * DAY_MS + 3 * HOUR_MS),
      end: ago(2 * DAY_MS),
      updated: ago(2 * DAY_MS),
      status: "closed",
      scope: "PUBLIC",
      actionability: "INFORMATIONAL",
      personas: ["OPERATIONS"],
      description:
        "Between the start and the end of this event, changes to CloudFront distributions took longer than usual to propagate. Content was served as before. The issue is resolved.",
      entities: [],
    },
    {
      arn: eventArn("eu-west-1", "S3", "AWS_S3_OPERATIONAL_ISSUE", "LHPRS_DEMO05"),
      service: "S3",
      typeCode: "AWS_S3_OPERATIONAL_ISSUE",
      category: "issue",
      region: "eu-west-1",
      start: ago(3 * DAY_MS + 5 * HOUR_MS),
      end: ago(3 * DAY_MS + 3 * HOUR_MS),
      updated: ago(3 * DAY_MS + 2 * HOUR_MS),
      status: "closed",
      scope: "PUBLIC",
      actionability: "INFORMATIONAL",
      personas: ["OPERATIONS"],
      description:
        "Between the start and the end of this event we experienced elevated error rates for PUT requests in the EU-WEST-1 Region. The issue is resolved and the service operates normally.",
      entities: [],
    },
    {
      arn: eventArn("us-west-2", "EC2", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED", "DEMO06"),
      service: "EC2",
      typeCode: "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
      category: "scheduledChange",
      region: "us-west-2",
      availabilityZone: "us-west-2a",
      start: ago(44 * DAY_MS),
      end: ago(40 * DAY_MS),
      updated: ago(40 * DAY_MS),
      status: "closed",
      scope: "ACCOUNT_SPECIFIC",
      actionability: "ACTION_REQUIRED",
      personas: ["OPERATIONS"],
      description:
        "EC2 has detected degradation of the underlying hardware hosting the instance associated with this event. Stop it before the end of this event.",
      entities: [{ value: instanceId(13), status: "RESOLVED" }],
    },
  ];
}

const eventArn = (region: string, service: string, typeCode: string, id: string): string =>
  `arn:aws:health:${region}::event/${service}/${typeCode}/${typeCode}_${id}`;
