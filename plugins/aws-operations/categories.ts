import type { IntentCategory } from "agentflow-mcp/plugin";

/** The kinds of AWS requests: billing, outages, security and resources. */
export function getAwsCategories(): IntentCategory[] {
  return [
    {
      name: "AWS_BILLING",
      description: "AWS cost, billing, and budget-related questions",
      examples: [
        "Why is my AWS bill so high this month?",
        "Show me cost breakdown by service",
        "What's driving the EC2 costs?",
        "Set up a budget alert",
        "Compare costs with last month",
      ],
      confidenceThreshold: 0.7,
      keywords: [
        "bill",
        "billing",
        "cost",
        "expensive",
        "budget",
        "spend",
        "charge",
        "fee",
        "price",
        "money",
        "dollar",
        "usage",
      ],
      patterns: [String.raw`\$\d+`, "bill.*high", "cost.*breakdown", "budget.*alert"],
    },
    {
      name: "AWS_OUTAGE",
      description: "AWS service outages, performance issues, and health checks",
      examples: [
        "S3 is responding slowly",
        "Lambda functions are timing out",
        "RDS connection issues",
        "EC2 instances are unhealthy",
        "API Gateway returning 500 errors",
      ],
      confidenceThreshold: 0.8,
      keywords: [
        "down",
        "slow",
        "timeout",
        "error",
        "failed",
        "outage",
        "unavailable",
        "503",
        "500",
        "connection",
        "latency",
      ],
      patterns: [
        "(s3|lambda|rds|ec2|api gateway).*down",
        "timeout",
        String.raw`5\d\d.*error`,
        "connection.*failed",
      ],
    },
    {
      name: "AWS_SECURITY",
      description: "AWS security, IAM, and compliance questions",
      examples: [
        "Review my IAM policies",
        "Check for security vulnerabilities",
        "Who has admin access?",
        "Audit recent API calls",
        "Security group configuration",
      ],
      confidenceThreshold: 0.6,
      keywords: [
        "security",
        "iam",
        "policy",
        "permission",
        "access",
        "audit",
        "vulnerability",
        "compliance",
        "role",
        "group",
        "admin",
      ],
      patterns: ["iam.*policy", "security.*group", "admin.*access", "audit.*log"],
    },
    {
      name: "AWS_RESOURCE_MANAGEMENT",
      description: "EC2, EBS, VPC, and other resource management",
      examples: [
        "List all running EC2 instances",
        "Create a new VPC",
        "Resize EBS volume",
        "Check unused resources",
        "Optimize resource allocation",
      ],
      confidenceThreshold: 0.6,
      keywords: [
        "ec2",
        "ebs",
        "vpc",
        "instance",
        "volume",
        "subnet",
        "create",
        "delete",
        "resize",
        "optimize",
        "list",
      ],
      patterns: ["(create|delete|list).*instance", "resize.*volume", "vpc.*configuration"],
    },
  ];
}

/** Questions that a category is for. */
export function examplesOf(category: string): readonly string[] {
  return getAwsCategories().find(({ name }) => name === category)?.examples ?? [];
}
