import { z } from "zod";
import { checkKeys, connectionShape, profiles, region } from "./connection.ts";
import { eitherSpelling, slipsIn, toCamelCase } from "./spelling.ts";

/** Metrics that are an amount of money. Quantities are left out: adding hours to gigabytes means nothing. */
export const costMetrics = [
  "UnblendedCost",
  "AmortizedCost",
  "BlendedCost",
  "NetUnblendedCost",
  "NetAmortizedCost",
] as const;

export type CostMetric = (typeof costMetrics)[number];

const billingShape = {
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
  dailyRequestBudgetUsd: z
    .number()
    .min(0)
    .nullish()
    .describe(
      "What paid requests to AWS may cost per UTC day, in US dollars; what goes beyond is refused. Default: no limit.",
    ),
};
export const BillingConfig = eitherSpelling(billingShape);
export type BillingConfig = z.infer<typeof BillingConfig>;

const texts = z.array(z.string().min(1));
const regions = z.array(region).min(1);

const outageShape = {
  healthCheckRegions: regions
    .default(["us-east-1", "us-west-2"])
    .describe("Where aws_service_health looks if a call names no regions."),
  alertChannels: texts.default([]),
  autoEscalateP0: z.boolean().default(true),
  responseTimeThresholdSeconds: z.int().min(0).default(300),
};

const securityShape = {
  scanIntervalsHours: z.int().min(1).default(24),
  vulnerabilitySeverityThreshold: z
    .preprocess(
      (value) => (typeof value === "string" ? value.toUpperCase() : value),
      z.enum(["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
    )
    .default("MEDIUM")
    .describe("How urgent findings must be to be listed, where a call does not say."),
  complianceFrameworks: texts
    .default(["SOC2", "ISO27001"])
    .describe("Whose controls findings name: SOC2 and ISO27001 are known."),
  alertOnAdminActions: z.boolean().default(true),
};

const SecurityConfig = eitherSpelling(securityShape);
export type SecurityConfig = z.infer<typeof SecurityConfig>;

const parts = {
  billingConfig: billingShape,
  outageConfig: outageShape,
  securityConfig: securityShape,
};

const pluginShape = {
  regions: regions
    .default(["us-east-1"])
    .describe("Regions that are asked where a call names none."),
  defaultRegion: region.default("us-east-1").describe("The region when `awsRegion` is not given."),
  billingConfig: BillingConfig.prefault({}),
  outageConfig: eitherSpelling(outageShape).prefault({}),
  securityConfig: SecurityConfig.prefault({}),
  enableCostOptimization: z
    .boolean()
    .default(true)
    .describe("False: the tools and prompts for saving costs are not offered."),
  enableSecurityScanning: z.boolean().default(true),
  enableHealthMonitoring: z
    .boolean()
    .default(true)
    .describe("False: aws_service_health and the prompt outage_response are not offered."),
  slackWebhookUrl: z.url({ protocol: /^https$/ }).nullish(),
  emailNotifications: z.array(z.email()).default([]),
};

/** The settings of the plugin's parts, with their defaults. Unknown keys are kept. */
export const AWSPluginConfig = eitherSpelling(pluginShape);
export type AWSPluginConfig = z.infer<typeof AWSPluginConfig>;

const allKeys = {
  ...connectionShape,
  profiles,
  now: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), "An ISO 8601 time, 2026-11-20T12:00:00Z")
    .optional()
    .describe("Fixes the clock, for demos and tests."),
  checkCredentials: z
    .boolean()
    .default(true)
    .describe("Check the credentials shortly after start and log the result."),
  ...pluginShape,
};

/** Everything the plugin can be configured with: the connection to AWS and {@link AWSPluginConfig}. */
export const configSchema = z.preprocess(
  withRegion,
  z.looseObject(allKeys).superRefine((settings, context) => {
    checkKeys(settings, (path, message) =>
      context.addIssue({ code: "custom", path: [path], message }),
    );
  }),
);
export type AWSOperationsConfig = z.infer<typeof configSchema>;

/** Settings that have no effect because they are misspelt: one sentence each. */
export function configSlips(config: AWSOperationsConfig): string[] {
  const inParts = Object.entries(parts).flatMap(([name, shape]) =>
    slipsIn(config[name as keyof typeof parts], shape, `${name}.`),
  );
  return [...slipsIn(config, allKeys), ...inParts];
}

/** Spells the keys in camelCase and lets `defaultRegion` stand in for `awsRegion`, and that for `regions`. */
function withRegion(value: unknown): unknown {
  const settings = toCamelCase(value, allKeys);
  if (typeof settings !== "object" || settings === null) return settings;
  const { awsRegion, defaultRegion, regions: asked } = settings as Record<string, unknown>;
  const own = awsRegion ?? defaultRegion;
  if (own === undefined) return settings;
  return { ...settings, awsRegion: own, regions: asked ?? [own] };
}
