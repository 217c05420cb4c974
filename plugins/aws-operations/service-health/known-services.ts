import { awsError } from "../aws/errors.ts";
import { nearest } from "../aws/nearest.ts";

interface KnownService {
  readonly title: string;
  /** What people call it, besides its own key. */
  readonly words?: readonly string[];
  /** As AWS Health names it. */
  readonly codes: readonly string[];
  /** Where CloudWatch has its metrics. */
  readonly namespaces?: readonly string[];
}

/** Services by the names that a call gives them. Not all that there are: those that people ask about when something is down. */
const known = {
  alb: {
    title: "Application Load Balancer",
    words: ["application load balancer", "load balancer", "elbv2"],
    codes: ["ELASTICLOADBALANCING"],
    namespaces: ["AWS/ApplicationELB"],
  },
  apigateway: {
    title: "API Gateway",
    words: ["api gateway", "apigw", "rest api", "http api"],
    codes: ["APIGATEWAY"],
    namespaces: ["AWS/ApiGateway"],
  },
  cloudfront: { title: "CloudFront", codes: ["CLOUDFRONT"], namespaces: ["AWS/CloudFront"] },
  dynamodb: {
    title: "DynamoDB",
    words: ["dynamo"],
    codes: ["DYNAMODB"],
    namespaces: ["AWS/DynamoDB"],
  },
  ebs: { title: "EBS", words: ["volume"], codes: ["EBS"], namespaces: ["AWS/EBS"] },
  ec2: { title: "EC2", words: ["instance"], codes: ["EC2"], namespaces: ["AWS/EC2"] },
  ecs: { title: "ECS", words: ["fargate"], codes: ["ECS", "FARGATE"], namespaces: ["AWS/ECS"] },
  eks: { title: "EKS", words: ["kubernetes"], codes: ["EKS"], namespaces: ["AWS/EKS"] },
  elasticache: {
    title: "ElastiCache",
    words: ["redis", "valkey", "memcached"],
    codes: ["ELASTICACHE"],
    namespaces: ["AWS/ElastiCache"],
  },
  elb: {
    title: "Classic Load Balancer",
    words: ["classic load balancer"],
    codes: ["ELASTICLOADBALANCING"],
    namespaces: ["AWS/ELB"],
  },
  iam: { title: "IAM", codes: ["IAM"] },
  kinesis: { title: "Kinesis", codes: ["KINESIS"], namespaces: ["AWS/Kinesis"] },
  lambda: { title: "Lambda", words: ["function"], codes: ["LAMBDA"], namespaces: ["AWS/Lambda"] },
  nlb: {
    title: "Network Load Balancer",
    words: ["network load balancer"],
    codes: ["ELASTICLOADBALANCING"],
    namespaces: ["AWS/NetworkELB"],
  },
  rds: {
    title: "RDS",
    words: ["aurora", "database", "db instance", "postgres", "postgresql", "mysql", "mariadb"],
    codes: ["RDS"],
    namespaces: ["AWS/RDS"],
  },
  route53: { title: "Route 53", words: ["route 53", "dns"], codes: ["ROUTE53"] },
  s3: { title: "S3", words: ["bucket"], codes: ["S3"], namespaces: ["AWS/S3"] },
  sns: { title: "SNS", codes: ["SNS"], namespaces: ["AWS/SNS"] },
  sqs: { title: "SQS", words: ["queue"], codes: ["SQS"], namespaces: ["AWS/SQS"] },
  stepfunctions: {
    title: "Step Functions",
    words: ["step function", "state machine", "states"],
    codes: ["STATES"],
    namespaces: ["AWS/States"],
  },
  vpc: {
    title: "VPC",
    words: ["nat gateway", "vpn"],
    codes: ["VPC", "NATGATEWAY", "VPN"],
    namespaces: ["AWS/NATGateway"],
  },
} as const satisfies Readonly<Record<string, KnownService>>;

export type KnownServiceName = keyof typeof known;

/** A service that a call is about. */
export interface AskedService {
  /** Undefined for one that is known to AWS Health alone, by its code. */
  readonly name: KnownServiceName | undefined;
  readonly title: string;
  readonly codes: readonly string[];
  readonly namespaces: readonly string[];
}

const allNames = Object.keys(known) as KnownServiceName[];

/** By each word for it, the longest first: a step function is no function. */
const byWord: readonly (readonly [string, KnownServiceName])[] = Object.entries<KnownService>(known)
  .flatMap(([name, { words = [] }]) =>
    [name, ...words].map((word) => [word, name as KnownServiceName] as const),
  )
  .toSorted(([left], [right]) => right.length - left.length);

/** What everything else in a region rests on. */
const foundations: ReadonlySet<string> = new Set([
  "EC2",
  "EBS",
  "VPC",
  "IAM",
  "ROUTE53",
  "INTERNETCONNECTIVITY",
  "MULTIPLESERVICES",
]);

/** Whether an issue of that service may be felt in any other. */
export function isFoundation(code: string): boolean {
  return foundations.has(plainCode(code));
}

export function isCodeOf({ codes }: AskedService, code: string): boolean {
  return codes.some((one) => plainCode(one) === plainCode(code));
}

/** How Health names the service that somebody calls by its title, or that has a namespace of metrics. */
export function codesBehind(titleOrNamespace: string): readonly string[] {
  const found = Object.values<KnownService>(known).find(
    ({ title, namespaces = [] }) =>
      title === titleOrNamespace || namespaces.includes(titleOrNamespace),
  );
  return found?.codes ?? [];
}

function plainCode(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
}

/** The service that an argument names. One that is probably misspelt is refused; any other is taken as AWS Health's own code. */
export function serviceNamed(text: string): AskedService {
  const name = squeeze(text.replace(/^\s*(amazon|aws)\b/i, ""));
  const words = new Map(byWord.map(([word, service]) => [squeeze(word), service]));
  const found = words.get(name) ?? words.get(name.replace(/s$/, ""));
  if (found !== undefined) return asked(found);
  const likely = name.length > 4 ? nearest(name, words.keys()) : undefined;
  const meant = likely === undefined ? undefined : words.get(likely);
  if (meant !== undefined || !/^[a-z0-9]{2,30}$/.test(name)) {
    const advice =
      meant === undefined ? `Known: ${allNames.join(", ")}.` : `Did you mean ${meant}?`;
    throw awsError("BAD_REQUEST", `There is no service "${text}" here. ${advice}`);
  }
  return { name: undefined, title: name.toUpperCase(), codes: [name], namespaces: [] };
}

/** The services that a question in words speaks of. */
export function servicesIn(message: string): AskedService[] {
  let left = message.toLowerCase();
  const found = new Set<KnownServiceName>();
  for (const [word, name] of byWord) {
    const pattern = new RegExp(String.raw`\b${word.replaceAll(" ", String.raw`[\s-]`)}s?\b`, "g");
    const rest = left.replaceAll(pattern, " ");
    if (rest !== left) found.add(name);
    left = rest;
  }
  // Instances of what has just been named are no other service.
  if (found.size > 1 && !/\bec2\b/i.test(message)) found.delete("ec2");
  return [...found].map(asked);
}

const idPrefixes: Readonly<Record<string, KnownServiceName>> = {
  i: "ec2",
  vol: "ebs",
  nat: "vpc",
  eni: "vpc",
  subnet: "vpc",
};

/** The services that resources belong to, as far as their ids and ARNs tell. */
export function servicesOf(resources: readonly string[]): AskedService[] {
  const names = resources.flatMap((id) => {
    const code = /^arn:[\w-]+:([\w-]+):/.exec(id)?.[1];
    const prefix = /(?:^|\/)([a-z]+)-[0-9a-f]+$/.exec(id)?.[1];
    if (prefix !== undefined && idPrefixes[prefix] !== undefined) return idPrefixes[prefix];
    return allNames.find((name) => code !== undefined && isCodeOf(asked(name), code)) ?? [];
  });
  return [...new Set(names)].map(asked);
}

function asked(name: KnownServiceName): AskedService {
  const { title, codes, namespaces = [] }: KnownService = known[name];
  return { name, title, codes, namespaces };
}

function squeeze(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_-]/g, "");
}
