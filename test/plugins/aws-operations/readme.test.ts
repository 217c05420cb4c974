import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configSchema } from "../../../plugins/aws-operations/index.ts";
import { BillingConfig } from "../../../plugins/aws-operations/config/index.ts";
import { actionOf, type Service } from "../../../plugins/aws-operations/aws/services.ts";
import { accountStatusInput } from "../../../plugins/aws-operations/account-status/tool.ts";
import { apiActivityInput } from "../../../plugins/aws-operations/api-activity/input.ts";
import { commitmentsInput } from "../../../plugins/aws-operations/commitments/tool.ts";
import { costCompareInput } from "../../../plugins/aws-operations/cost-compare/tool.ts";
import { costAnalysisInput } from "../../../plugins/aws-operations/cost-analysis/tool.ts";
import { inventoryInput } from "../../../plugins/aws-operations/resource-inventory/tool.ts";
import { serviceHealthInput } from "../../../plugins/aws-operations/service-health/input.ts";
import { unusedInput } from "../../../plugins/aws-operations/unused-resources/tool.ts";
import { ask, callTool, demo, pluginOn } from "./helpers.ts";

const readme = readFileSync(
  new URL("../../../plugins/aws-operations/README.md", import.meta.url),
  "utf8",
);

/** What stands in backticks in the first column of a table. */
const firstColumns = new Set(
  readme
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)])
    .map(([, name]) => name),
);

test("the policy is the one of the resource, and allows all that the tools ask of AWS", async () => {
  const block = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const account = await demo();
  const plugin = pluginOn(account);
  const policy = JSON.parse(block) as { Statement: { Action: string[] }[] };
  expect(policy).toEqual(JSON.parse(plugin.getResources()["aws://iam-policy"]?.text ?? ""));
  const allowed = policy.Statement.flatMap(({ Action }) => Action);
  for (const analysis of ["overview", "breakdown", "trends", "forecast", "anomalies", "alerts"]) {
    await ask(plugin, { analysis });
  }
  await ask(plugin, { analysis: "anomalies", start: "2026-11-19" });
  for (const name of Object.keys(plugin.getToolsConfig())) await callTool(plugin, name);
  // Signatures call CloudWatch by another name than policies do.
  const used = account.log.map(({ service, operation }) =>
    actionOf((service === "monitoring" ? "cloudwatch" : service) as Service, operation),
  );
  for (const action of new Set(used)) {
    expect([...allowed, "sts:GetCallerIdentity"]).toContain(action);
  }
});

const inputs = {
  aws_cost_analysis: costAnalysisInput,
  aws_cost_compare: costCompareInput,
  aws_commitments: commitmentsInput,
  aws_account_status: accountStatusInput,
  aws_api_activity: apiActivityInput,
  aws_resource_inventory: inventoryInput,
  aws_service_health: serviceHealthInput,
  aws_unused_resources: unusedInput,
};

test("every argument and every setting is in a table", () => {
  for (const { shape } of Object.values(inputs)) {
    for (const name of Object.keys(shape)) expect(firstColumns).toContain(name);
  }
  const {
    billingConfig: _,
    outageConfig,
    securityConfig,
    ...settings
  } = configSchema.parse({
    awsAccessKey: "a",
    awsSecretKey: "b",
    awsSessionToken: "c",
    endpoint: "http://127.0.0.1:1",
    now: "2026-11-20",
    slackWebhookUrl: "https://example.com/x",
  });
  const names = [
    ...Object.keys(settings),
    ...Object.keys(BillingConfig.parse({})).map((name) => `billingConfig.${name}`),
  ];
  const later = [...Object.keys(outageConfig), ...Object.keys(securityConfig)];
  for (const name of names) {
    expect(firstColumns.has(name) || readme.includes(`\`${name}\``), name).toBe(true);
  }
  for (const name of later) expect(readme).toContain(`\`${name}\``);
});

test("every call in a table of questions is one that its tool takes", () => {
  const tables = readme.split(/^\| Question .*Call of `(\w+)`.*$/m).slice(1);
  expect(tables.length).toBeGreaterThan(0);
  for (let index = 0; index < tables.length; index += 2) {
    const input = inputs[tables[index] as keyof typeof inputs];
    const rows = (tables[index + 1] ?? "").split(/\n(?!\|)/)[0] ?? "";
    const calls = [...rows.matchAll(/\| `(\{.*?\})`/g)].map(([, json]) => json ?? "");
    expect(calls.length).toBeGreaterThan(2);
    for (const call of calls) expect(input.safeParse(JSON.parse(call)).error).toBeUndefined();
  }
});

test("every call of the table of resources works", async () => {
  const plugin = pluginOn(await demo({ pageSize: 1000 }));
  const calls = [...readme.matchAll(/\| `(aws_\w+) (\{.*?\})`\s+\|$/gm)];
  expect(calls).toHaveLength(6);
  for (const [, name = "", json = ""] of calls) {
    const args = JSON.parse(json) as Record<string, unknown>;
    expect((await callTool(plugin, name, args)).result.error).toBeUndefined();
  }
});

test.each([
  [{ analysis: "overview" }, 1],
  [{ analysis: "trends" }, 4],
  [{ analysis: "anomalies" }, 1],
  [{ analysis: "anomalies", start: "2026-11-19" }, 2],
])("the table of prices holds: %j takes %d request(s)", async (args, requests) => {
  const account = await demo({ pageSize: 10_000 });
  expect((await ask(pluginOn(account), args)).data.meta.ceRequests).toBe(requests);
});

/** Without the quote mark and the padding of tables. */
function tidy(line: string): string {
  return line
    .replace(/^>\s?/, "")
    .replaceAll(/\s*\|\s*/g, "|")
    .replaceAll(/-{3,}/g, "---");
}

test("the example is what the demo account answers", async () => {
  const { text } = await ask(pluginOn(await demo({ pageSize: 10_000 })), { top: 3 });
  const example = readme.split("\n").filter((line) => line.startsWith(">"));
  const lines = text.split("\n").map(tidy);
  for (const line of example.map(tidy)) expect(lines).toContain(line);
});
