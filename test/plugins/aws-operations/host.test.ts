import { expect, onTestFinished, test } from "vitest";
import * as plugin from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { demo, noon } from "./helpers.ts";

/** The plugin on a demo account, in the real host, with a real client. */
async function connect() {
  const account = await demo();
  const host = await createTestHost({
    plugins: { "aws-operations": plugin },
    config: {
      plugins: {
        "aws-operations": {
          awsAccessKey: account.accessKeyId,
          awsSecretKey: account.secretAccessKey,
          endpoint: account.endpoint,
          now: noon.toISOString(),
          billing_config: { cost_threshold_alert: 500 },
        },
      },
    },
  });
  onTestFinished(() => host.close());
  return { account, host, client: host.client };
}

test("a client sees the tool, the prompts and the categories", async () => {
  const { client, account } = await connect();
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("aws_cost_analysis");
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toContain("billing_analysis");
  const { resources } = await client.listResources();
  expect(JSON.stringify(resources)).toContain("AWS_RESOURCE_MANAGEMENT");
  // Listing is free: nothing has gone to AWS.
  expect(account.log).toEqual([]);
});

test("a client gets the costs, as text and as data that its own validation takes", async () => {
  const { client } = await connect();
  await client.listTools();
  const result = await client.callTool({ name: "aws_cost_analysis", arguments: {} });
  expect(result.isError ?? false).toBe(false);
  expect(result.structuredContent).toMatchObject({
    analysisType: "overview",
    currentMonth: { status: "ok", end: "2026-11-20" },
  });
  const text = JSON.stringify(result.content);
  expect(text).toContain("so far. Up to yesterday");
  expect(text).toContain("above the threshold of $500.00");
  expect(text).toContain("Find out why EC2 - Other grew");
  expect(text.length).toBeLessThan(5000);
});

test("a client gets an error that says what to do", async () => {
  const { client, account } = await connect();
  account.faults.add({ operation: "GetCostAndUsage", kind: "access-denied", times: "always" });
  const result = await client.callTool({ name: "aws_cost_analysis", arguments: {} });
  expect(result.isError).toBe(true);
  expect(JSON.stringify(result.content)).toContain("may not call ce:GetCostAndUsage");
});

test("the host repeats a throttled request, not the whole call", async () => {
  const { client, account } = await connect();
  account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", skip: 2, times: 1 });
  const result = await client.callTool({ name: "aws_cost_analysis", arguments: {} });
  const { meta } = result.structuredContent as {
    meta: { ceRequests: number; requests: { pages: number }[] };
  };
  expect(meta.ceRequests).toBe((meta.requests[0]?.pages ?? 0) + 1);
});

test("wrong arguments are named before anything is sent", async () => {
  const { client, account } = await connect();
  const result = await client.callTool({
    name: "aws_cost_analysis",
    arguments: { analysis: "all", colour: "red" },
  });
  expect(result.isError).toBe(true);
  expect(JSON.stringify(result.content)).toMatch(/analysis.*colour/);
  expect(account.log).toEqual([]);
});
