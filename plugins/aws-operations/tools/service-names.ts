/** What people call a service, and what it is called on the bill. */
const names: Readonly<Record<string, readonly string[]>> = {
  athena: ["Amazon Athena"],
  bedrock: ["Amazon Bedrock"],
  cloudfront: ["Amazon CloudFront"],
  cloudtrail: ["AWS CloudTrail"],
  cloudwatch: ["AmazonCloudWatch"],
  dynamodb: ["Amazon DynamoDB"],
  ebs: ["EC2 - Other"],
  ec2: ["Amazon Elastic Compute Cloud - Compute", "EC2 - Other"],
  ecr: ["Amazon EC2 Container Registry (ECR)"],
  ecs: ["Amazon Elastic Container Service"],
  efs: ["Amazon Elastic File System"],
  eks: ["Amazon Elastic Container Service for Kubernetes", "Amazon Elastic Kubernetes Service"],
  elasticache: ["Amazon ElastiCache"],
  elb: ["Amazon Elastic Load Balancing"],
  glue: ["AWS Glue"],
  kms: ["AWS Key Management Service"],
  lambda: ["AWS Lambda"],
  opensearch: ["Amazon OpenSearch Service"],
  rds: ["Amazon Relational Database Service"],
  redshift: ["Amazon Redshift"],
  route53: ["Amazon Route 53"],
  s3: ["Amazon Simple Storage Service"],
  sagemaker: ["Amazon SageMaker"],
  sns: ["Amazon Simple Notification Service"],
  sqs: ["Amazon Simple Queue Service"],
  vpc: ["Amazon Virtual Private Cloud"],
};

/** Names as Cost Explorer has them; one that is not a known short name is taken as it is. */
export function serviceNames(services: readonly string[]): string[] {
  return [...new Set(services.flatMap((name) => names[shorten(name)] ?? [name.trim()]))];
}

function shorten(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(amazon|aws)\s+/, "")
    .replaceAll(/[\s_-]/g, "");
}
