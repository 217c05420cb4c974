import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { z } from "zod";
import { configSchema, createPlugin } from "../../../plugins/aws-operations/index.ts";
import { actionOf, type Service } from "../../../plugins/aws-operations/aws/services.ts";
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

const tools = createPlugin().getToolsConfig();
const inputOf = (tool: string) => tools[tool]?.inputSchema as z.ZodObject;

test("every argument and every setting is in a table", () => {
  for (const tool of Object.keys(tools)) {
    for (const name of Object.keys(inputOf(tool).shape)) expect(firstColumns).toContain(name);
  }
  const { outageConfig, securityConfig, ...settings } = configSchema.parse({
    awsAccessKey: "a",
    awsSecretKey: "b",
    awsSessionToken: "c",
    endpoint: "http://127.0.0.1:1",
    now: "2026-11-20",
    slackWebhookUrl: "https://example.com/x",
  });
  const { billingConfig, ...top } = settings;
  const parts = { billingConfig, outageConfig, securityConfig };
  const inParts = Object.entries(parts).flatMap(([part, values]) =>
    Object.keys(values).map((name) => `${part}.${name}`),
  );
  for (const name of [...Object.keys(top), ...inParts]) expect(firstColumns).toContain(name);
});

test("every code that an answer can have is in the table", () => {
  const errors = new URL("../../../plugins/aws-operations/aws/errors.ts", import.meta.url);
  const [, union = ""] = readFileSync(errors, "utf8").split("export type AwsErrorCode =");
  const codes = [...(union.split(";")[0] ?? "").matchAll(/"(\w+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(15);
  for (const code of codes) expect(firstColumns).toContain(code);
});

test("every call in a table of questions is one that its tool takes", () => {
  const tables = readme.split(/^\| Question .*Call of `(\w+)`.*$/m).slice(1);
  expect(tables.length).toBeGreaterThan(0);
  for (let index = 0; index < tables.length; index += 2) {
    const input = inputOf(tables[index] ?? "");
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

/** Each call that stands before a quotation, with the lines quoted. */
const quotations = [...readme.matchAll(/^`(aws_\w+)` `(\{.*\})`\n\n((?:>.*\n)+)/gm)].map(
  ([, name = "", json = "", lines = ""]) => [name, json, lines.trim().split("\n")] as const,
);

test.each(quotations)("what %s is quoted to answer to %s, it does", async (name, json, quoted) => {
  const plugin = pluginOn(await demo({ pageSize: 10_000 }));
  const { text } = await callTool(plugin, name, JSON.parse(json) as Record<string, unknown>);
  const lines = text.split("\n").map(tidy);
  for (const line of quoted.map(tidy)) expect(lines).toContain(line);
});

test("nothing is quoted without its call, and the questions are more than three", () => {
  const all = readme.split("\n").filter((line) => line.startsWith(">"));
  expect(quotations.flatMap(([, , lines]) => lines)).toEqual(all);
  expect(readme.match(/^\*\*.*\?\*\*$/gm)?.length).toBeGreaterThanOrEqual(3);
  expect(new Set(quotations.map(([name]) => name)).size).toBeGreaterThan(3);
});

test("a quoted call that follows an answer is one that it suggests", async () => {
  const plugin = pluginOn(await demo({ pageSize: 10_000 }));
  for (const [before, after] of [
    ["aws_service_health", { days: 1, regions: ["us-east-1"] }],
    [
      "aws_security_scan",
      { event: "AuthorizeSecurityGroupIngress", days: 90, regions: ["us-east-1"] },
    ],
  ] as const) {
    const json = quotations.find(([name]) => name === before)?.[1] ?? "";
    expect(quotations.map(([, one]) => JSON.parse(one) as unknown)).toContainEqual(after);
    const args = JSON.parse(json) as Record<string, unknown>;
    const { suggestedActions = [] } = (await callTool(plugin, before, args)).result;
    const step = { tool: "aws_api_activity", arguments: after };
    expect(suggestedActions).toContainEqual(expect.objectContaining(step));
  }
});
