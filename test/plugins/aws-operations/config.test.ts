import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { AccessKeys } from "../../../plugins/aws-operations/demo-account/access-keys.ts";
import {
  DEMO_ACCESS_KEY_ID,
  DEMO_SECRET_ACCESS_KEY,
} from "../../../plugins/aws-operations/demo-account/credentials.ts";
import {
  AWSPluginConfig,
  configSchema,
  createPlugin,
} from "../../../plugins/aws-operations/index.ts";
import { type LogLine, requestFor } from "./helpers-contract.ts";

afterEach(() => vi.unstubAllEnvs());

describe("the settings", () => {
  test("have the original's defaults", () => {
    expect(AWSPluginConfig.parse({})).toEqual({
      regions: ["us-east-1"],
      defaultRegion: "us-east-1",
      billingConfig: {
        costThresholdAlert: 1000,
        currency: "USD",
        defaultMetrics: ["UnblendedCost"],
        forecastDays: 30,
        anomalyDetectionEnabled: true,
      },
      outageConfig: {
        healthCheckRegions: ["us-east-1", "us-west-2"],
        alertChannels: [],
        autoEscalateP0: true,
        responseTimeThresholdSeconds: 300,
      },
      securityConfig: {
        scanIntervalsHours: 24,
        vulnerabilitySeverityThreshold: "MEDIUM",
        complianceFrameworks: ["SOC2", "ISO27001"],
        alertOnAdminActions: true,
      },
      enableCostOptimization: true,
      enableSecurityScanning: true,
      enableHealthMonitoring: true,
      emailNotifications: [],
    });
    expect(configSchema.parse({})).toMatchObject({
      awsRegion: "us-east-1",
      checkCredentials: true,
    });
  });

  test("may be spelled as in the original, at every level", () => {
    const settings = configSchema.parse({
      aws_access_key: "a",
      aws_secret_key: "b",
      aws_region: "eu-west-1",
      billing_config: {
        cost_threshold_alert: 5,
        forecast_days: 7,
        default_metrics: ["NetUnblendedCost"],
      },
      outage_config: { auto_escalate_p0: false },
      security_config: { scan_intervals_hours: 12 },
      slack_webhook_url: "https://hooks.slack.com/x",
    });
    expect(settings).toMatchObject({
      awsAccessKey: "a",
      awsSecretKey: "b",
      awsRegion: "eu-west-1",
      billingConfig: {
        costThresholdAlert: 5,
        forecastDays: 7,
        defaultMetrics: ["NetUnblendedCost"],
      },
      outageConfig: { autoEscalateP0: false },
      securityConfig: { scanIntervalsHours: 12 },
      slackWebhookUrl: "https://hooks.slack.com/x",
    });
    expect(settings).not.toHaveProperty("billing_config");
  });

  test("keep keys of the operator's own", () => {
    const settings = configSchema.parse({ cost_center: 7, billingConfig: { team: "x" } });
    expect(settings).toMatchObject({ cost_center: 7, billingConfig: { team: "x" } });
  });

  test("survive being parsed twice, as between host and plugin", () => {
    const once = configSchema.parse({ default_region: "eu-central-1", extra: 1 });
    expect(configSchema.parse(once)).toEqual(once);
    expect(once.awsRegion).toBe("eu-central-1");
  });

  test.each([
    [{ costThresholdAlert: 0 }, "Cost threshold must be positive"],
    [{ costThresholdAlert: -1 }, "Cost threshold must be positive"],
    [{ currency: "dollars" }, "three capital letters"],
    [{ forecastDays: 0 }, "forecastDays"],
    [{ defaultMetrics: [] }, "defaultMetrics"],
    [{ defaultMetrics: ["UsageQuantity"] }, "defaultMetrics"],
  ])("refuse %j", (billingConfig, message) => {
    const result = configSchema.safeParse({ billingConfig });
    expect(z.prettifyError(result.error as z.ZodError)).toContain(message);
  });

  test.each([
    [{ awsAccessKey: "a" }, "awsSecretKey"],
    [{ aws_secret_key: "b" }, "awsAccessKey"],
    [{ awsSessionToken: "c" }, "awsSessionToken"],
  ])("refuse half a key pair: %j", (settings, field) => {
    const result = configSchema.safeParse(settings);
    expect(result.error?.issues[0]?.path).toEqual([field]);
    expect(() => createPlugin(settings)).toThrow(/awsAccessKey and awsSecretKey/);
  });

  test.each([
    [{ regions: [] }, "regions"],
    [{ regions: ["Frankfurt"] }, "A region looks like us-east-1"],
    [{ defaultRegion: "frankfurt" }, "A region looks like us-east-1"],
    [{ outage_config: { health_check_regions: ["x"] } }, "healthCheckRegions"],
    [{ outageConfig: { responseTimeThresholdSeconds: -1 } }, "responseTimeThresholdSeconds"],
    [{ outageConfig: { autoEscalateP0: "yes" } }, "autoEscalateP0"],
    [{ securityConfig: { scanIntervalsHours: 0 } }, "scanIntervalsHours"],
    [{ securityConfig: { vulnerabilitySeverityThreshold: "SOME" } }, "vulnerabilitySeverity"],
    [{ securityConfig: { complianceFrameworks: [""] } }, "complianceFrameworks"],
    [{ slackWebhookUrl: "http://hooks.slack.com/x" }, "slackWebhookUrl"],
    [{ email_notifications: ["ops"] }, "emailNotifications"],
    [{ enableHealthMonitoring: "no" }, "enableHealthMonitoring"],
    [{ billing_config: { daily_request_budget_usd: -1 } }, "dailyRequestBudgetUsd"],
  ])("refuse %j, by its name", (settings, message) => {
    const result = configSchema.safeParse(settings);
    expect(z.prettifyError(result.error as z.ZodError)).toContain(message);
  });

  test("take a severity in any case, as in the original", () => {
    const { securityConfig } = configSchema.parse({
      security_config: { vulnerability_severity_threshold: "high" },
    });
    expect(securityConfig.vulnerabilitySeverityThreshold).toBe("HIGH");
  });

  test("that are nearly written right are kept and warned about, at every level", async () => {
    const lines: LogLine[] = [];
    const plugin = createPlugin({
      cost_center: 7,
      enable_cost_optimisation: false,
      billing_config: { cost_treshold_alert: 5 },
      outageConfig: { alertChannel: ["#ops"] },
      checkCredentials: false,
    });
    await plugin.onPluginLoad({
      ...requestFor({}, { lines }),
      id: "aws-operations",
      resourceUpdated: () => undefined,
      definitionsChanged: () => undefined,
    });
    expect(plugin.config).toMatchObject({ billingConfig: { cost_treshold_alert: 5 } });
    expect(lines).toEqual(
      [
        '"enable_cost_optimisation" is not a setting and has no effect. Did you mean "enableCostOptimization"?',
        '"billingConfig.cost_treshold_alert" is not a setting and has no effect. Did you mean "billingConfig.costThresholdAlert"?',
        '"outageConfig.alertChannel" is not a setting and has no effect. Did you mean "outageConfig.alertChannels"?',
      ].map((message) => ({ level: "warn", message, fields: undefined })),
    );
    await plugin.onPluginUnload();
  });

  test("can be shown to an editor as JSON Schema", () => {
    const schema = z.toJSONSchema(configSchema, { io: "input" });
    expect(Object.keys(schema.properties ?? {})).toContain("billingConfig");
    expect(schema.additionalProperties).toEqual({});
  });
});

describe("createPlugin", () => {
  test("takes settings at the top level, in config, or both", () => {
    const own = { awsRegion: "eu-west-1", billingConfig: { forecastDays: 7 } };
    for (const options of [own, { config: own }, { ...own, config: own }]) {
      const { config, costExplorer } = createPlugin(options);
      expect(config.billingConfig.forecastDays).toBe(7);
      expect(costExplorer.region).toBe("eu-west-1");
    }
    const mixed = createPlugin({
      awsRegion: "eu-west-1",
      config: { billing_config: { currency: "EUR" } },
    });
    expect(mixed.config).toMatchObject({
      awsRegion: "eu-west-1",
      billingConfig: { currency: "EUR" },
    });
  });

  test("needs no options at all", () => {
    expect(createPlugin().getPluginInfo()).toMatchObject({
      name: "aws_operations",
      version: "1.2.0",
    });
  });

  test("refuses the demo account's keys without an endpoint to send them to", () => {
    const keys = { awsAccessKey: DEMO_ACCESS_KEY_ID, awsSecretKey: DEMO_SECRET_ACCESS_KEY };
    expect(() => createPlugin(keys)).toThrow(/demo account's keys/);
    expect(() => createPlugin({ ...keys, endpoint: "http://127.0.0.1:1" })).not.toThrow();
    vi.stubEnv("AWS_ENDPOINT_URL_COST_EXPLORER", "http://127.0.0.1:1");
    expect(() => createPlugin(keys)).not.toThrow();
  });

  test("refuses the keys of the roles that the demo user assumes, too, and no others that begin like them", () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const caller = { arn: "arn:aws:sts::111122223333:assumed-role/a/b", userId: "A", account: "1" };
    const { accessKeyId, secretAccessKey } = new AccessKeys().issue(caller, expiresAt);
    const keys = { awsAccessKey: accessKeyId, awsSecretKey: secretAccessKey };
    expect(() => createPlugin(keys)).toThrow(/demo account's keys/);
    expect(() => createPlugin({ ...keys, endpoint: "http://127.0.0.1:1" })).not.toThrow();
    expect(() => createPlugin({ ...keys, awsAccessKey: "ASIADEMOCRATICSTATES" })).not.toThrow();
  });

  test("refuses the demo account's keys from the environment too, before anything is sent", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", DEMO_ACCESS_KEY_ID);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", DEMO_SECRET_ACCESS_KEY);
    const { costExplorer } = createPlugin();
    await expect(costExplorer.verifyCredentials()).rejects.toMatchObject({
      code: "DEMO_CREDENTIALS",
    });
    await costExplorer.close();
  });
});
