import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { DemoAccount } from "../../../plugins/aws-operations/demo-account/index.ts";
import { AWSPluginConfig, configSchema } from "../../../plugins/aws-operations/index.ts";
import type { AWSOperationsPlugin } from "../../../plugins/aws-operations/plugin.ts";
import { bodies, callTool, demo, pluginOn } from "./helpers.ts";

// Every setting of the original: its default, both spellings, what it refuses, what one sees of it, and where it is described.

interface Setting {
  readonly path: string;
  readonly standard: unknown;
  readonly other: unknown;
  readonly refused: unknown;
  /** What an operator sees of it, and what that is with the other value. */
  readonly seen: (plugin: AWSOperationsPlugin, account: DemoAccount) => unknown;
  readonly changed: unknown;
}

type Data = Record<string, never>;

const dataOf = async (plugin: AWSOperationsPlugin, tool: string, args = {}): Promise<Data> =>
  (await callTool(plugin, tool, args)).data as Data;

const metaOf = (tool: string, member: string) => async (plugin: AWSOperationsPlugin) =>
  (await dataOf(plugin, tool))["meta"]?.[member];

/** Kept for alerts: the account's status shows the value, and says that nothing acts on it yet. */
const keptAs = (setting: string) => async (plugin: AWSOperationsPlugin) => {
  const { notActingYet } = (await dataOf(plugin, "aws_account_status"))["settings"] as unknown as {
    notActingYet: { setting: string; value: string }[];
  };
  return notActingYet.find((one) => one.setting === setting)?.value;
};

/** Of the names that a group takes away with it, those that are there. */
const offered = (names: readonly string[]) => (plugin: AWSOperationsPlugin) => {
  const all = { ...plugin.getToolsConfig(), ...plugin.getPrompts() };
  return names.filter((name) => Object.hasOwn(all, name));
};

const settings: readonly Setting[] = [
  {
    path: "regions",
    standard: ["us-east-1"],
    other: ["eu-west-1", "us-west-2"],
    refused: [],
    seen: metaOf("aws_resource_inventory", "regions"),
    changed: ["eu-west-1", "us-west-2"],
  },
  {
    path: "defaultRegion",
    standard: "us-east-1",
    other: "eu-west-1",
    refused: "Ireland",
    seen: metaOf("aws_resource_inventory", "regions"),
    changed: ["eu-west-1"],
  },
  {
    path: "enableCostOptimization",
    standard: true,
    other: false,
    refused: "no",
    seen: offered(["aws_unused_resources", "aws_commitments", "cost_optimization"]),
    changed: [],
  },
  {
    path: "enableSecurityScanning",
    standard: true,
    other: false,
    refused: "no",
    seen: offered(["aws_security_scan", "aws_iam_review", "aws_api_activity", "security_analysis"]),
    changed: [],
  },
  {
    path: "enableHealthMonitoring",
    standard: true,
    other: false,
    refused: "no",
    seen: offered(["aws_service_health", "outage_response", "incident_review"]),
    changed: [],
  },
  {
    path: "slackWebhookUrl",
    standard: undefined,
    other: "https://hooks.slack.com/services/x",
    refused: "http://hooks.slack.com/services/x",
    seen: keptAs("slackWebhookUrl"),
    changed: "set",
  },
  {
    path: "emailNotifications",
    standard: [],
    other: ["ops@example.com"],
    refused: ["ops"],
    seen: keptAs("emailNotifications"),
    changed: "1",
  },
  {
    path: "billingConfig.costThresholdAlert",
    standard: 1000,
    other: 400,
    refused: 0,
    seen: async (plugin) => {
      const { text } = await callTool(plugin, "aws_cost_analysis", { analysis: "alerts" });
      return /threshold of (\$[\d,.]+)/.exec(text)?.[1];
    },
    changed: "$400.00",
  },
  {
    path: "billingConfig.currency",
    standard: "USD",
    other: "EUR",
    refused: "euro",
    seen: async (plugin) => (await callTool(plugin, "aws_cost_analysis")).text.includes("in EUR"),
    changed: true,
  },
  {
    path: "billingConfig.defaultMetrics",
    standard: ["UnblendedCost"],
    other: ["AmortizedCost", "UnblendedCost"],
    refused: ["UsageQuantity"],
    seen: async (plugin, account) => {
      await callTool(plugin, "aws_cost_analysis");
      return bodies(account, "GetCostAndUsage")[0]?.["Metrics"];
    },
    changed: ["AmortizedCost", "UnblendedCost"],
  },
  {
    path: "billingConfig.forecastDays",
    standard: 30,
    other: 7,
    refused: 0,
    seen: async (plugin) => {
      const data = await dataOf(plugin, "aws_cost_analysis", { analysis: "forecast" });
      return (data["forecast"] as unknown as { ahead: { end: string } }).ahead.end;
    },
    changed: "2026-11-26",
  },
  {
    path: "billingConfig.anomalyDetectionEnabled",
    standard: true,
    other: false,
    refused: "no",
    seen: async (plugin, account) => {
      const data = await dataOf(plugin, "aws_cost_analysis", { analysis: "anomalies" });
      return [data["anomalies"]?.["status"], bodies(account, "GetAnomalies").length];
    },
    changed: ["skipped", 0],
  },
  {
    path: "outageConfig.healthCheckRegions",
    standard: ["us-east-1", "us-west-2"],
    other: ["eu-west-1"],
    refused: ["Ireland"],
    seen: metaOf("aws_service_health", "regions"),
    changed: ["eu-west-1"],
  },
  {
    path: "outageConfig.alertChannels",
    standard: [],
    other: ["#ops"],
    refused: [""],
    seen: keptAs("outageConfig.alertChannels"),
    changed: "1",
  },
  {
    path: "outageConfig.autoEscalateP0",
    standard: true,
    other: false,
    refused: "no",
    seen: keptAs("outageConfig.autoEscalateP0"),
    changed: "false",
  },
  {
    path: "outageConfig.responseTimeThresholdSeconds",
    standard: 300,
    other: 60,
    refused: -1,
    seen: keptAs("outageConfig.responseTimeThresholdSeconds"),
    changed: "60",
  },
  {
    path: "securityConfig.scanIntervalsHours",
    standard: 24,
    other: 6,
    refused: 0,
    seen: keptAs("securityConfig.scanIntervalsHours"),
    changed: "6",
  },
  {
    path: "securityConfig.vulnerabilitySeverityThreshold",
    standard: "MEDIUM",
    other: "CRITICAL",
    refused: "SOME",
    seen: metaOf("aws_security_scan", "minSeverity"),
    changed: "CRITICAL",
  },
  {
    path: "securityConfig.complianceFrameworks",
    standard: ["SOC2", "ISO27001"],
    other: ["SOC2"],
    refused: [""],
    seen: async (plugin) => {
      const { compliance } = await dataOf(plugin, "aws_security_scan");
      return (compliance as unknown as { framework: string }[]).map(({ framework }) => framework);
    },
    changed: ["SOC2"],
  },
  {
    path: "securityConfig.alertOnAdminActions",
    standard: true,
    other: false,
    refused: "no",
    seen: keptAs("securityConfig.alertOnAdminActions"),
    changed: "false",
  },
];

const rows = settings.map((setting) => [setting.path, setting] as const);

/** A setting by its path, as an operator writes it. */
function written(path: string, value: unknown, spell = (name: string) => name) {
  const [first = "", ...names] = path.split(".");
  const inner = names.reduceRight<unknown>((part, name) => ({ [spell(name)]: part }), value);
  return { [spell(first)]: inner };
}

const inSnakeCase = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What stands at a path. */
function at(config: unknown, path: string): unknown {
  return path.split(".").reduce((part, name) => (part as Record<string, unknown>)[name], config);
}

test("the table has every setting of the original", () => {
  const { billingConfig, outageConfig, securityConfig, ...rest } = AWSPluginConfig.parse({
    slackWebhookUrl: "https://example.com/x",
  });
  const parts = { billingConfig, outageConfig, securityConfig };
  const all = Object.entries(parts).flatMap(([part, values]) =>
    Object.keys(values).map((name) => `${part}.${name}`),
  );
  const listed = settings.map(({ path }) => path);
  expect(listed.toSorted()).toEqual([...Object.keys(rest), ...all].toSorted());
});

test.each(rows)("%s has its default, and what is wrong is refused by its name", (path, setting) => {
  expect(at(configSchema.parse({}), path)).toEqual(setting.standard);
  const name = path.split(".").at(-1) ?? "";
  for (const spell of [undefined, inSnakeCase]) {
    const { error } = configSchema.safeParse(written(path, setting.refused, spell));
    expect(JSON.stringify(error?.issues)).toContain(name);
  }
});

test.each(rows)("%s has an effect that one can see, in either spelling", async (path, setting) => {
  const seenWith = async (options: Record<string, unknown>) => {
    const account = await demo();
    return setting.seen(pluginOn(account, options), account);
  };
  expect(await seenWith({})).not.toEqual(setting.changed);
  for (const spell of [undefined, inSnakeCase]) {
    expect(await seenWith(written(path, setting.other, spell))).toEqual(setting.changed);
  }
});

test.each(rows)("%s has a row in the README, with its default", (path, { standard }) => {
  const readme = readFileSync(
    new URL("../../../plugins/aws-operations/README.md", import.meta.url),
    "utf8",
  );
  const [, after] = readme.split(/^## Settings$/m);
  const row = after?.split("\n").find((line) => line.startsWith(`| \`${path}\``)) ?? "";
  const value = standard === undefined ? "" : JSON.stringify(standard).replaceAll(",", ", ");
  const bare = typeof standard === "string" ? standard : value;
  expect(row.split("|")[2]?.replaceAll("`", "").trim()).toBe(bare);
});
