import {
  CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
} from "@aws-sdk/client-cost-explorer";
import type { AgentPlugin, Handler, ToolResult } from "agentflow-mcp/plugin";
import { Ajv2020 } from "ajv/dist/2020.js";
import { onTestFinished } from "vitest";
import { z } from "zod";
import {
  type DemoAccount,
  type DemoAccountOptions,
  startDemoAccount,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import type { AWSOperationsOptions } from "../../../plugins/aws-operations/plugin.ts";
import {
  type CostAnalysisOutput,
  costAnalysisOutput,
} from "../../../plugins/aws-operations/cost-analysis/output.ts";
import { type RequestOptions, requestFor } from "./helpers-contract.ts";

export { logInto, type LogLine, requestFor } from "./helpers-contract.ts";

const validate = new Ajv2020({ strict: false }).compile(
  // Stricter than what is published: nothing may be in the answer that is not in the schema.
  z.toJSONSchema(costAnalysisOutput) as object,
);

/** A Friday, late enough in the month for everything to have happened. */
export const noon = new Date("2026-11-20T12:00:00Z");

export interface Answer {
  readonly result: ToolResult;
  readonly data: CostAnalysisOutput;
  readonly text: string;
}

/** A demo account that ends with the test. */
export async function demo(
  options: Omit<DemoAccountOptions, "now"> & { readonly now?: Date | (() => Date) } = {},
): Promise<DemoAccount> {
  const { now = noon, ...rest } = options;
  const account = await startDemoAccount({
    ...rest,
    now: typeof now === "function" ? now : () => now,
  });
  onTestFinished(() => account.close());
  return account;
}

/** A plugin on a demo account, unloaded when the test ends. */
export function pluginOn(account: DemoAccount, options: AWSOperationsOptions = {}) {
  const plugin = createPlugin({
    awsAccessKey: account.accessKeyId,
    awsSecretKey: account.secretAccessKey,
    endpoint: account.endpoint,
    now: noon.toISOString(),
    checkCredentials: false,
    ...options,
  });
  onTestFinished(() => plugin.onPluginUnload());
  return plugin;
}

/** Calls the plugin's handler as the host does, and checks the data against the tool's own schema. */
export async function ask(
  plugin: { getHandlers(): readonly Handler[] },
  args: Record<string, unknown> = {},
  options: RequestOptions = {},
): Promise<Answer> {
  const handler = plugin.getHandlers()[0];
  if (handler === undefined) throw new Error("The plugin has no handler");
  const request = requestFor(args, options);
  const result = (await handler.handle(request)) as ToolResult;
  // What a client sees has gone through JSON, and clients check it against the JSON Schema.
  const data = JSON.parse(JSON.stringify(result.data)) as CostAnalysisOutput;
  if (!validate(data)) throw new Error(JSON.stringify(validate.errors));
  return { result, data, text: result.content as string };
}

/** Calls a tool as the host does, and checks that nothing is in its data that is not in the schema. */
export async function askTool<Schema extends z.ZodType>(
  plugin: AgentPlugin,
  [name, schema]: readonly [name: string, schema: Schema],
  args: Record<string, unknown> = {},
  options: RequestOptions = {},
): Promise<{ result: ToolResult; data: z.infer<Schema>; text: string }> {
  const answer = await callTool(plugin, name, args, options);
  const check = new Ajv2020({ strict: false }).compile(z.toJSONSchema(schema) as object);
  if (!check(answer.data)) throw new Error(JSON.stringify(check.errors));
  return { ...answer, data: answer.data as z.infer<Schema> };
}

/** Calls any tool as the host does: its arguments checked, by its own handler or by that of its category. */
export async function callTool(
  plugin: AgentPlugin,
  name: string,
  args: Record<string, unknown> = {},
  options: RequestOptions = {},
): Promise<{ result: ToolResult; data: Record<string, unknown>; text: string }> {
  const tool = plugin.getToolsConfig?.()[name];
  if (tool === undefined) throw new Error(`There is no tool ${name}`);
  const given = (tool.inputSchema as z.ZodType).parse(args) as Record<string, unknown>;
  const request = { ...requestFor(given, options), ...intentOf(tool.category) };
  let result = await tool.handler?.(given, request);
  if (tool.handler === undefined) {
    for (const handler of plugin.getHandlers?.() ?? []) {
      if (!(await handler.canHandle(request.intent, request))) continue;
      result = await handler.handle(request);
      break;
    }
  }
  const answer = result as ToolResult;
  const data = JSON.parse(JSON.stringify(answer.data ?? {})) as Record<string, unknown>;
  const schema = (tool.outputSchema as z.ZodType)["~standard"].jsonSchema;
  const check = new Ajv2020({ strict: false }).compile(
    schema.output({ target: "draft-2020-12" }) as object,
  );
  if (answer.data !== undefined && !check(data)) throw new Error(JSON.stringify(check.errors));
  return { result: answer, data, text: answer.content as string };
}

function intentOf(category = "") {
  return { intent: { type: category, confidence: 1 } };
}

/** The section, which must have its data. */
export function okay<T extends { status: string }>(
  section: T | undefined,
): Extract<T, { status: "ok" }> {
  if (section?.status !== "ok") throw new Error(`Not ok: ${JSON.stringify(section)}`);
  return section as Extract<T, { status: "ok" }>;
}

/** Why the section failed. */
export function failureOf<T extends { status: string }>(
  section: T | undefined,
): Extract<T, { status: "error" }> extends { error: infer E } ? E : never {
  if (section?.status !== "error") throw new Error(`Not failed: ${JSON.stringify(section)}`);
  return (section as unknown as { error: never }).error;
}

/** Operations that the account was asked for, oldest first. */
export function operations(account: DemoAccount): string[] {
  return account.log.map(({ operation }) => operation);
}

export function bodies(account: DemoAccount, operation: string): Record<string, unknown>[] {
  return account.log
    .filter((entry) => entry.operation === operation)
    .map(({ body }) => body as Record<string, unknown>);
}

/** What the account spent in a period, asked for in the plainest way. `end` is not included. */
export async function spent(
  account: DemoAccount,
  { start, end, filter }: { start: string; end: string; filter?: Expression },
): Promise<number> {
  const client = new CostExplorerClient({
    region: account.region,
    endpoint: account.endpoint,
    credentials: {
      accessKeyId: account.accessKeyId,
      secretAccessKey: account.secretAccessKey,
    },
  });
  const { ResultsByTime = [] } = await client.send(
    new GetCostAndUsageCommand({
      TimePeriod: { Start: start, End: end },
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      ...(filter !== undefined && { Filter: filter }),
    }),
  );
  client.destroy();
  account.log.length = 0;
  return ResultsByTime.reduce(
    (sum, { Total }) => sum + Number(Total?.["UnblendedCost"]?.Amount),
    0,
  );
}
