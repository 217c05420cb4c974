import {
  CHECKOUT_FUNCTION,
  deedsSince,
  events,
  failingSince,
  firing,
  minuteOf,
  ORDERS_DATABASE,
  PARTNERS_API,
  PUBLIC_BUCKET,
  sick,
  silent,
} from "./outage-facts.ts";
import type { Question } from "./question.ts";

const health = "aws_service_health";
const activity = "aws_api_activity";

const openIssue = events.find(({ status, category }) => status === "open" && category === "issue");
const upcoming = events.filter(({ status }) => status === "upcoming");
const inIreland = { regions: ["eu-west-1"] };

export const outageQuestions: readonly Question[] = [
  {
    question: "S3 is responding slowly",
    call: [health, { services: ["s3"] }],
    text: ["Cannot tell", `${PUBLIC_BUCKET} (us-east-1): as before`, "FirstByteLatency"],
  },
  {
    question: "Lambda functions are timing out",
    call: [health, { services: ["lambda"] }],
    text: ["It is yours", `${CHECKOUT_FUNCTION} (us-east-1): worse since ${failingSince}`],
    next: activity,
  },
  {
    question: "RDS connection issues",
    call: [health, { services: ["rds"] }],
    text: ["Cannot tell", `${ORDERS_DATABASE} (us-east-1): as before`, "DatabaseConnections"],
  },
  {
    question: "EC2 instances are unhealthy",
    call: [health, { services: ["ec2"] }],
    text: [
      "AWS has an open issue with EC2 in us-east-1",
      minuteOf(openIssue?.start ?? new Date(0)),
      `${sick}: the instance's own check fails`,
    ],
    next: "aws_resource_inventory",
  },
  {
    question: "API Gateway returning 500 errors",
    call: [health, { services: ["api gateway"] }],
    text: ["Cannot tell", `${PARTNERS_API} (us-east-1): as before`, "5XXError"],
  },
  {
    question: "Which alarms are firing?",
    call: [health, { regions: ["us-east-1", "eu-west-1"] }],
    text: [
      `${firing.length} alarms in ALARM`,
      ...firing.filter(({ name }) => name.startsWith("demo-checkout")).map(({ name }) => name),
    ],
    without: silent.map(({ name }) => name),
  },
  {
    question: "Does AWS plan any maintenance of ours?",
    call: [health, { status: ["upcoming"] }],
    text: upcoming.flatMap(({ service, start, entities }) => [
      service,
      minuteOf(start),
      ...entities.map(({ value }) => value),
    ]),
  },
  {
    question: "What did AWS break in Ireland last week?",
    call: [health, { status: ["closed"], sinceDays: 7, ...inIreland }],
    text: events
      .filter(({ region, status }) => region === "eu-west-1" && status === "closed")
      .flatMap(({ service, start }) => [service, minuteOf(start)]),
  },
];

export const activityQuestions: readonly Question[] = [
  {
    question: "Audit recent API calls",
    call: [activity, {}],
    text: deedsSince("2026-11-13", ({ service }) => service === "s3" || service === "iam"),
    next: "aws_iam_review",
  },
  {
    question: "Who opened SSH to the world?",
    call: [activity, { event: "AuthorizeSecurityGroupIngress", days: 90 }],
    text: deedsSince("2026-08-23", ({ name }) => name === "AuthorizeSecurityGroupIngress"),
  },
  {
    question: "What did Ben Ortiz change in the last month?",
    call: [activity, { user: "ben.ortiz", days: 30 }],
    text: deedsSince(
      "2026-10-21",
      ({ actor, name }) =>
        actor.kind === "user" && actor.name === "ben.ortiz" && name !== "ConsoleLogin",
    ),
    without: ["dora.novak"],
  },
  {
    question: "Who failed to sign in this week?",
    call: [activity, { event: "ConsoleLogin", days: 7 }],
    text: deedsSince("2026-11-13", ({ name, error }) => name === "ConsoleLogin" && !!error),
  },
  {
    question: "Who made the bucket public?",
    call: [activity, { resource: PUBLIC_BUCKET, days: 30 }],
    text: deedsSince("2026-10-21", ({ name }) => name === "PutBucketPolicy"),
  },
  {
    question: "Which administrative actions were there in the last 90 days?",
    call: [activity, { adminOnly: true, days: 90, limit: 100 }],
    text: deedsSince("2026-08-23", ({ name }) => name === "AttachUserPolicy"),
    data: { meta: { truncated: false } },
  },
];
