import { z } from "zod";

/** Metrics that are an amount of money. Quantities are left out: adding hours to gigabytes means nothing. */
export const costMetrics = [
  "UnblendedCost",
  "AmortizedCost",
  "BlendedCost",
  "NetUnblendedCost",
  "NetAmortizedCost",
] as const;

export type CostMetric = (typeof costMetrics)[number];

export const BillingConfig = eitherSpelling({
  costThresholdAlert: z
    .number()
    .gt(0, "Cost threshold must be positive")
    .default(1000)
    .describe("Cost of one day, in `currency`, above which the day is marked."),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "A currency is three capital letters, for example USD")
    .default("USD")
    .describe("Currency of `costThresholdAlert` and `minImpact`. Amounts of AWS keep their own."),
  defaultMetrics: z
    .array(z.enum(costMetrics))
    .min(1)
    .default(["UnblendedCost"])
    .describe("What is asked for when a call names no metric; the first is the headline."),
  forecastDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe("How many days ahead a forecast looks, besides this month and the next."),
  anomalyDetectionEnabled: z
    .boolean()
    .default(true)
    .describe("False: no request to Cost Anomaly Detection, its section is skipped."),
});
export type BillingConfig = z.infer<typeof BillingConfig>;

const OutageConfig = eitherSpelling({
  healthCheckRegions: z.array(z.string()).default(["us-east-1", "us-west-2"]),
  alertChannels: z.array(z.string()).default([]),
  autoEscalateP0: z.boolean().default(true),
  responseTimeThresholdSeconds: z.int().min(0).default(300),
});

const SecurityConfig = eitherSpelling({
  scanIntervalsHours: z.int().min(1).default(24),
  vulnerabilitySeverityThreshold: z.string().default("MEDIUM"),
  complianceFrameworks: z.array(z.string()).default(["SOC2", "ISO27001"]),
  alertOnAdminActions: z.boolean().default(true),
});

/** The name of a region, as far as its form tells. */
export const regionName = z
  .string()
  .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "A region looks like us-east-1");

const pluginShape = {
  regions: z
    .array(regionName)
    .min(1)
    .default(["us-east-1"])
    .describe("Where tools look that are not told. Default: the plugin's own region."),
  defaultRegion: regionName
    .default("us-east-1")
    .describe("The region when `awsRegion` is not given."),
  billingConfig: BillingConfig.prefault({}),
  outageConfig: OutageConfig.prefault({}),
  securityConfig: SecurityConfig.prefault({}),
  enableCostOptimization: z
    .boolean()
    .default(true)
    .describe(
      "False: the tool aws_unused_resources and the prompt cost_optimization are not offered.",
    ),
  enableSecurityScanning: z.boolean().default(true),
  enableHealthMonitoring: z.boolean().default(true),
  slackWebhookUrl: z.string().nullish(),
  emailNotifications: z.array(z.string()).default([]),
};

/** The settings of the plugin's parts, with their defaults. Unknown keys are kept. */
export const AWSPluginConfig = eitherSpelling(pluginShape);
export type AWSPluginConfig = z.infer<typeof AWSPluginConfig>;

const connectionShape = {
  awsAccessKey: z
    .string()
    .min(1)
    .optional()
    .describe("With `awsSecretKey`; else the SDK's own chain: environment, profile, SSO, role."),
  awsSecretKey: z.string().min(1).optional(),
  awsSessionToken: z.string().min(1).optional().describe("For temporary keys."),
  awsRegion: regionName
    .default("us-east-1")
    .describe("Default: `defaultRegion`, which is us-east-1."),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("URL used instead of AWS for every service, for example the demo account's."),
  now: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), "An ISO 8601 time, 2026-11-20T12:00:00Z")
    .optional()
    .describe("Fixes the clock, for demos and tests."),
  checkCredentials: z
    .boolean()
    .default(true)
    .describe("Check the credentials shortly after start and log the result."),
};

const allKeys = { ...connectionShape, ...pluginShape };

/** Everything the plugin can be configured with: the connection to AWS and {@link AWSPluginConfig}. */
export const configSchema = z.preprocess(
  withRegion,
  z.looseObject(allKeys).superRefine((settings, context) => {
    const hasKey = settings.awsAccessKey !== undefined;
    const hasSecret = settings.awsSecretKey !== undefined;
    const message =
      "awsAccessKey and awsSecretKey belong together: give both, or neither to use the SDK's own credential chain";
    if (hasKey !== hasSecret) {
      context.addIssue({
        code: "custom",
        path: [hasKey ? "awsSecretKey" : "awsAccessKey"],
        message,
      });
    } else if (settings.awsSessionToken !== undefined && !hasKey) {
      context.addIssue({
        code: "custom",
        path: ["awsSessionToken"],
        message: "awsSessionToken needs awsAccessKey and awsSecretKey",
      });
    }
  }),
);
export type AWSOperationsConfig = z.infer<typeof configSchema>;

/** Spells the keys in camelCase and lets `defaultRegion` stand in for `awsRegion`, and that for `regions`. */
function withRegion(value: unknown): unknown {
  const settings = toCamelCase(value, allKeys);
  if (typeof settings !== "object" || settings === null) return settings;
  const { awsRegion, defaultRegion, regions } = settings as Record<string, unknown>;
  const own = awsRegion ?? defaultRegion;
  if (own === undefined) return settings;
  return { ...settings, awsRegion: own, regions: regions ?? [own] };
}

/**
 * An object schema whose fields may also be written in snake_case (`cost_threshold_alert`). Keys that it does not
 * know stay as they are. Where both spellings are given, the camelCase one counts.
 */
function eitherSpelling<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.preprocess((value) => toCamelCase(value, shape), z.looseObject(shape));
}

/** Renames the known snake_case keys of an object; anything else is returned as it is. */
function toCamelCase(value: unknown, known: Readonly<Record<string, unknown>>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const renamed: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const camel = key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (camel !== key && Object.hasOwn(known, camel)) {
      if (!Object.hasOwn(value, camel)) renamed[camel] = member;
    } else if (key !== "__proto__") {
      renamed[key] = member;
    }
  }
  return renamed;
}
