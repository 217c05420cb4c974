import {
  CHECKOUT_FUNCTION,
  failingSince,
  ORDERS_DATABASE,
  PARTNERS_API,
  PUBLIC_BUCKET,
  sick,
} from "./outage-facts.ts";
import type { Question } from "./question.ts";
import { adminRoles, adminUsers, ids, running, vpcs, volumes } from "./account-facts.ts";
import {
  budgets,
  change,
  growth,
  isEc2,
  isEc2Other,
  spentOn,
  thisMonth,
  usd,
} from "./cost-facts.ts";

/** The examples of the original's four categories. */
export const originals = [
  "Why is my AWS bill so high this month?",
  "Show me cost breakdown by service",
  "What's driving the EC2 costs?",
  "Set up a budget alert",
  "Compare costs with last month",
  "S3 is responding slowly",
  "Lambda functions are timing out",
  "RDS connection issues",
  "EC2 instances are unhealthy",
  "API Gateway returning 500 errors",
  "Review my IAM policies",
  "Check for security vulnerabilities",
  "Who has admin access?",
  "Audit recent API calls",
  "Security group configuration",
  "List all running EC2 instances",
  "Create a new VPC",
  "Resize EBS volume",
  "Check unused resources",
  "Optimize resource allocation",
];

type InWords = Omit<Question, "question" | "call"> & {
  /** The main tool of the category, which gets the question and nothing else. */
  readonly tool: string;
  readonly analysis: string;
};

const costs = "aws_cost_analysis";
const health = "aws_service_health";
const scan = "aws_security_scan";
const inventory = "aws_resource_inventory";

/** What the main tool of its category makes of each example. */
export const inWords: Readonly<Record<string, InWords>> = {
  "Why is my AWS bill so high this month?": {
    tool: costs,
    analysis: "overview",
    text: [usd(spentOn(thisMonth)), `EC2 - Other ${change(growth(isEc2Other))}`],
  },
  "Show me cost breakdown by service": {
    tool: costs,
    analysis: "breakdown",
    text: [usd(spentOn(thisMonth))],
    data: { meta: { groupBy: "SERVICE" } },
  },
  "What's driving the EC2 costs?": {
    tool: costs,
    analysis: "overview",
    text: [usd(spentOn(thisMonth, isEc2)), "EU-NatGateway-Bytes"],
    data: { meta: { groupBy: "USAGE_TYPE" } },
  },
  "Set up a budget alert": {
    tool: costs,
    analysis: "alerts",
    text: budgets.map(({ name }) => name),
    next: "aws_change_plan",
  },
  "Compare costs with last month": {
    tool: costs,
    analysis: "overview",
    text: [`${usd(growth())} more than in the same 19 days of last month`],
  },
  "S3 is responding slowly": {
    tool: health,
    analysis: "service_health",
    text: ["Cannot tell", `${PUBLIC_BUCKET} (us-east-1): as before`],
  },
  "Lambda functions are timing out": {
    tool: health,
    analysis: "service_health",
    text: ["It is yours", `${CHECKOUT_FUNCTION} (us-east-1): worse since ${failingSince}`],
    next: "aws_api_activity",
  },
  "RDS connection issues": {
    tool: health,
    analysis: "service_health",
    text: ["Cannot tell", `${ORDERS_DATABASE} (us-east-1): as before`],
    next: inventory,
  },
  "EC2 instances are unhealthy": {
    tool: health,
    analysis: "service_health",
    text: [`${sick}: the instance's own check fails`, "an open issue with EC2 in us-east-1"],
    next: inventory,
  },
  "API Gateway returning 500 errors": {
    tool: health,
    analysis: "service_health",
    text: ["Cannot tell", `${PARTNERS_API} (us-east-1): as before`],
  },
  "Audit recent API calls": {
    tool: scan,
    analysis: "security_scan",
    text: ["findings"],
    next: "aws_api_activity",
  },
  "Review my IAM policies": {
    tool: scan,
    analysis: "iam_review",
    text: ["demo-deploy", "demo-temporary", ...adminUsers],
    data: { meta: { checks: ["wildcard_policies", "admins"] } },
  },
  "Check for security vulnerabilities": {
    tool: scan,
    analysis: "security_scan",
    text: ["demo-public-assets", "SSH (tcp 22) from 0.0.0.0/0"],
    data: { meta: { checks: ["external_access", "unused_access", "public_exposure", "iam"] } },
  },
  "Who has admin access?": {
    tool: scan,
    analysis: "iam_review",
    text: [...adminUsers, ...adminRoles],
    without: ["demo-public-assets", "dora.novak"],
  },
  "Security group configuration": {
    tool: scan,
    analysis: "security_scan",
    text: ["SSH (tcp 22) from 0.0.0.0/0", "MySQL (tcp 3306) from 0.0.0.0/0"],
    data: { meta: { checks: ["public_exposure"] } },
    next: inventory,
  },
  "List all running EC2 instances": {
    tool: inventory,
    analysis: "inventory",
    text: ids("InstanceId", running),
    data: { instances: { status: "ok", count: running.length } },
  },
  "Create a new VPC": {
    tool: inventory,
    analysis: "inventory",
    text: ids("VpcId", vpcs),
    next: "aws_change_plan",
  },
  "Resize EBS volume": {
    tool: inventory,
    analysis: "inventory",
    text: ids("VolumeId", volumes),
    next: "aws_change_plan",
  },
  "Check unused resources": {
    tool: inventory,
    analysis: "inventory",
    text: ["stopped 4", "unassociated 2"],
    next: "aws_unused_resources",
  },
  "Optimize resource allocation": {
    tool: inventory,
    analysis: "inventory",
    text: ["stopped 4", "unassociated 2"],
    next: "aws_unused_resources",
  },
};
