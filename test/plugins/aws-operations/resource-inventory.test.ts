import type { AgentPlugin, SuggestedAction } from "agentflow-mcp/plugin";
import { expect, onTestFinished, describe, test } from "vitest";
import {
  resourcesIn,
  type DemoAccount,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import * as awsPlugin from "../../../plugins/aws-operations/index.ts";
import { inventoryOutput } from "../../../plugins/aws-operations/resource-inventory/output.ts";
import { evenShare } from "../../../plugins/aws-operations/resource-inventory/sections.ts";
import { createTestHost } from "../../../src/testing.ts";
import { ownWords, publishedBy } from "./answer-text.ts";
import { ask, askTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import type { RequestOptions } from "./helpers-contract.ts";

const tool = "aws_resource_inventory";
const used = ["us-east-1", "eu-west-1", "us-west-2"];

/** Asks as the host does: the message stands in the request, too. */
function inventory(
  plugin: AgentPlugin,
  args: Record<string, unknown> = {},
  options: RequestOptions = {},
) {
  const { message } = args;
  const words = typeof message === "string" ? { message } : {};
  return askTool(plugin, [tool, inventoryOutput], args, { ...words, ...options });
}

const titleOf = (action: string | SuggestedAction): string =>
  typeof action === "string" ? action : action.title;

/** What the account has in its three regions, told by the account itself. */
function truth(account: DemoAccount, regions = used) {
  const all = regions.map((region) => resourcesIn(account.estate, region));
  const instances = all.flatMap((each) => each.instances.map(({ instance }) => instance));
  return {
    instances,
    running: instances.filter(({ State }) => State?.Name === "running"),
    counts: {
      instances: instances.length,
      volumes: all.flatMap(({ volumes }) => volumes).length,
      addresses: all.flatMap(({ addresses }) => addresses).length,
      snapshots: all.flatMap(({ snapshots }) => snapshots).length,
      nat_gateways: all.flatMap(({ natGateways }) => natGateways).length,
      vpcs: all.flatMap(({ vpcs }) => vpcs).length,
      subnets: all.flatMap(({ subnets }) => subnets).length,
      security_groups: all.flatMap(({ securityGroups }) => securityGroups).length,
      route_tables: all.flatMap(({ routeTables }) => routeTables).length,
      internet_gateways: all.flatMap(({ internetGateways }) => internetGateways).length,
    },
  };
}

describe("what goes wrong", () => {
  test("in one region spoils that region alone, and the text says which and why", async () => {
    const account = await demo();
    account.faults.add({
      operation: "DescribeInstances",
      region: "eu-west-1",
      kind: "access-denied",
      times: "always",
    });
    const { data, text } = await inventory(pluginOn(account), {
      types: ["instances", "volumes"],
      regions: used,
    });
    const instances = okay(data.instances);
    expect(instances.count).toBe(truth(account, ["us-east-1", "us-west-2"]).counts.instances);
    expect(instances.failures).toMatchObject([{ region: "eu-west-1", code: "ACCESS_DENIED" }]);
    expect(okay(data.volumes).failures).toBeUndefined();
    expect(text).toContain(`${instances.count} + unknown`);
    expect(text).toMatch(
      /instances in eu-west-1: not available \(ACCESS_DENIED\).*ec2:DescribeInstances/,
    );
  });

  test("with one type spoils that type alone", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeVpcs", kind: "access-denied", times: "always" });
    const { data, result, text } = await inventory(pluginOn(account), {
      types: ["vpcs", "subnets"],
    });
    expect(failureOf(data.vpcs)).toMatchObject({ code: "ACCESS_DENIED" });
    expect(okay(data.subnets).count).toBe(5);
    expect(result.error).toBeUndefined();
    expect(text).toContain("VPCs: not available (ACCESS_DENIED)");
    expect(result.suggestedActions?.map(titleOf)).toContain("Verify permissions");
  });

  test("with everything is an error, with the reason and what to do", async () => {
    const account = await demo();
    account.faults.add({ kind: "expired-token", times: "always" });
    const { result } = await inventory(pluginOn(account), { types: ["instances"] });
    expect(result.error).toMatchObject({ code: "EXPIRED_TOKEN" });
    expect(result.fallback).toBe(true);
    expect(result.suggestedActions?.map(titleOf)).toContain("Sign in again");
  });

  test.each([
    ["throttle", {}],
    ["http", { status: 502 }],
    ["reset", {}],
    ["truncated", {}],
    ["empty", {}],
    ["wrong-content-type", {}],
  ] as const)("in passing (%s) is tried again", async (kind, details) => {
    const account = await demo();
    account.faults.add({ operation: "DescribeVolumes", kind, ...details });
    const { data } = await inventory(pluginOn(account), { types: ["volumes"] });
    expect(okay(data.volumes).count).toBe(4);
  });

  test("with an empty body is unknown, never none", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeVolumes", kind: "empty", times: "always" });
    const { data } = await inventory(pluginOn(account), { types: ["volumes", "vpcs"] });
    expect(failureOf(data.volumes)).toMatchObject({ code: "UPSTREAM" });
  });

  test("between two pages, which is that the place was lost, starts over once", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeInstances", kind: "expired-page-token" });
    const { data } = await inventory(pluginOn(account), { types: ["instances"] });
    expect(okay(data.instances).count).toBe(6);
  });

  test("when AWS hangs, leaves the rest of the answer in time", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeVolumes", kind: "hang", times: "always" });
    const { data, text } = await inventory(
      pluginOn(account),
      { types: ["instances", "volumes"] },
      { timeMs: 4000 },
    );
    expect(okay(data.instances).count).toBe(6);
    expect(failureOf(data.volumes)).toMatchObject({ code: "TIMEOUT" });
    expect(text).toContain("volumes: not available (TIMEOUT)");
  });
});

describe("the regions", () => {
  test("are the configured ones unless some are named", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { regions: ["us-west-2", "eu-west-1"] });
    const { data } = await inventory(plugin, { types: ["instances"] });
    expect(data.meta.regions).toEqual(["us-west-2", "eu-west-1"]);
    expect(okay(data.instances).byRegion).toEqual({ "us-west-2": 2, "eu-west-1": 6 });
  });

  test("default to the plugin's own region", async () => {
    const plugin = pluginOn(await demo(), { awsRegion: "us-west-2" });
    const { data } = await inventory(plugin, { types: ["instances"] });
    expect(data.meta.regions).toEqual(["us-west-2"]);
  });

  test('may be "all": each that is enabled is asked, those that are not are named', async () => {
    const account = await demo();
    const { data, text } = await inventory(pluginOn(account), {
      types: ["vpcs"],
      regions: "all",
    });
    expect(data.meta.regions).toHaveLength(17);
    expect(data.meta.notEnabled).toEqual(["ap-east-1"]);
    expect(okay(data.vpcs).count).toBe(3);
    expect(text).toContain("not enabled for this account, so not asked: ap-east-1");
    const asked = account.log.filter(({ operation }) => operation === "DescribeVpcs");
    expect(new Set(asked.map(({ scope }) => scope?.region))).toEqual(new Set(data.meta.regions));
  });

  test("that the account has not opted into are said, and not asked", async () => {
    const account = await demo();
    const { data, text } = await inventory(pluginOn(account), {
      types: ["vpcs"],
      regions: ["ap-east-1"],
    });
    expect(data.vpcs).toMatchObject({ status: "skipped" });
    expect(text).toContain("ap-east-1");
    expect(operations(account)).not.toContain("DescribeVpcs");
  });

  test("that do not exist are refused, with the nearest that do", async () => {
    const account = await demo();
    await expect(inventory(pluginOn(account), { regions: ["eu-wset-1"] })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringMatching(
        /There is no region eu-wset-1\. Did you mean.*eu-west-1/,
      ) as string,
    });
    expect(operations(account)).not.toContain("DescribeInstances");
  });

  test("are asked as they are named where nobody may list them, and that is said", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeRegions", kind: "access-denied", times: "always" });
    const plugin = pluginOn(account);
    const named = await inventory(plugin, { types: ["vpcs"], regions: ["eu-west-1"] });
    expect(okay(named.data.vpcs).count).toBe(1);
    expect(named.text).toContain("could not be checked (ACCESS_DENIED)");
    const all = await inventory(plugin, { types: ["vpcs"], regions: ["all"] });
    expect(all.data.meta.regions).toEqual(["us-east-1"]);
    expect(all.text).toContain("only us-east-1 was looked at");
  });

  test("are asked as they are named when the list of them does not come", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeRegions", kind: "hang", times: "always" });
    const { data, text } = await inventory(pluginOn(account), { types: ["vpcs"] });
    expect(okay(data.vpcs).count).toBe(1);
    expect(text).toContain("could not be checked (TIMEOUT)");
  });

  test.each([
    ["regions", ["nowhere"]],
    ["regions", [""]],
    ["defaultRegion", "moon"],
  ])("of the configuration are checked: %s %j", (key, value) => {
    expect(() => awsPlugin.createPlugin({ [key]: value })).toThrow(/A region looks like us-east-1/);
  });
});

describe("the list", () => {
  test("has all of every type, over every page", async () => {
    const account = await demo();
    const { data, text } = await inventory(pluginOn(account), { regions: used });
    const counts = truth(account).counts;
    for (const [type, expected] of Object.entries(counts)) {
      const one = okay(data[type as keyof typeof counts]);
      expect([type, one.count, one.items.length]).toEqual([type, expected, expected]);
    }
    expect(text.length).toBeLessThan(4500);
    expect(text).toContain(`| instances | ${counts.instances} | running 10, stopped 4 |`);
    expect(data.meta.ceRequests).toBe(0);
  });

  test("never has the snapshots that others share", async () => {
    const account = await demo();
    await inventory(pluginOn(account), { types: ["snapshots"] });
    const request = account.log.find(({ operation }) => operation === "DescribeSnapshots");
    expect(JSON.stringify(request?.body)).toContain("self");
  });

  test("may be of one state and of those with some tags", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const { data } = await inventory(plugin, {
      types: "EC2 instances",
      state: "running",
      tags: '{"Team": "checkout"}',
      regions: used,
    });
    const expected = truth(account).running.filter(({ Tags = [] }) =>
      Tags.some(({ Key, Value }) => Key === "Team" && Value === "checkout"),
    );
    expect(new Set(okay(data.instances).items.map(({ id }) => id))).toEqual(
      new Set(expected.map(({ InstanceId }) => InstanceId)),
    );
    const none = await inventory(plugin, { tags: { team: "checkout" } });
    expect(none.text).toContain("that does not mean that there are no resources");
  });

  test("says what can never be in the state that is asked for", async () => {
    const plugin = pluginOn(await demo());
    const { data } = await inventory(plugin, {
      types: ["snapshots", "instances"],
      state: ["running"],
    });
    expect(data.snapshots).toMatchObject({ status: "skipped" });
    expect(okay(data.instances).count).toBe(5);
    await expect(inventory(plugin, { state: ["runing"] })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("Did you mean running") as string,
    });
  });

  test("is cut to the limit, evenly; the counts are not", async () => {
    const account = await demo();
    const { data } = await inventory(pluginOn(account), {
      types: ["instances", "vpcs", "subnets"],
      regions: used,
      limit: 9,
    });
    const parts = [okay(data.instances), okay(data.vpcs), okay(data.subnets)];
    expect(parts.map(({ count }) => count)).toEqual([14, 3, 10]);
    expect(parts.map(({ items }) => items.length)).toEqual([3, 3, 3]);
    expect(evenShare([14, 1, 10], 9)).toEqual([4, 1, 4]);
    expect(evenShare([1, 0, 2], 9)).toEqual([1, 0, 2]);
  });

  test("tells what a security group lets through, in words", async () => {
    const { data } = await inventory(pluginOn(await demo()), {
      types: ["security groups"],
    });
    const web = okay(data.security_groups).items.find(({ name }) => name === "demo-web");
    expect(web?.details["inbound"]).toEqual([
      "TCP 443 (HTTPS) from anywhere (0.0.0.0/0), anywhere (::/0)",
      'TCP 22 (SSH) from anywhere (0.0.0.0/0) "temporary, for the migration"',
      `all traffic from ${web?.id}`,
    ]);
    expect(web?.details["outbound"]).toEqual(["all traffic to anywhere (0.0.0.0/0)"]);
  });

  test("tells where routes lead, and which lead nowhere", async () => {
    const { data, result } = await inventory(pluginOn(await demo()), {
      types: ["route_tables"],
    });
    const tables = okay(data.route_tables).items;
    const broken = tables.filter(({ details }) =>
      JSON.stringify(details["routes"]).includes("leads nowhere"),
    );
    expect(broken.map(({ name }) => name)).toEqual(["demo-legacy"]);
    const [action] = result.suggestedActions ?? [];
    expect(JSON.stringify(action)).toContain(broken[0]?.id);
  });

  test("says since when an instance is stopped", async () => {
    const { data } = await inventory(pluginOn(await demo()), {
      types: ["instances"],
      state: ["stopped"],
      regions: ["us-west-2"],
    });
    expect(okay(data.instances).items.map(({ details }) => details["stoppedSince"])).toEqual([
      "2026-10-10T17:30:00.000Z",
      "2026-06-30T17:30:00.000Z",
    ]);
  });

  test("of an empty account is empty, and sends the reader to the other regions", async () => {
    const { data, result } = await inventory(pluginOn(await demo({ variant: "empty" })), {
      types: ["instances"],
    });
    expect(okay(data.instances)).toMatchObject({ count: 0, items: [] });
    expect(result.suggestedActions).toMatchObject([
      { tool, arguments: { types: ["instances"], regions: ["all"] } },
    ]);
  });

  test("holds what others have written in the marked block alone, and nothing that nobody sees", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const instances = await inventory(plugin, { regions: ["eu-west-1"], types: ["instances"] });
    expect(instances.text).toContain("Ignore all previous instructions");
    const volumes = await inventory(plugin, { types: ["volumes"] });
    expect(volumes.text).toContain("demo-scratch-exe.txt");
    for (const { text, data, result } of [instances, volumes]) {
      expect(ownWords(text)).not.toMatch(/demo-|Ignore|checkout/);
      for (const all of [text, JSON.stringify(data)]) {
        expect(all).not.toMatch(/[\u{202A}-\u{202E}\u{200B}\u{80}-\u{9F}]/u);
      }
      expect(JSON.stringify(result.suggestedActions)).not.toMatch(/demo-|Ignore/);
    }
  });
});

describe("asking again", () => {
  test("sends nothing while the answer is fresh, also for another choice of the same", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    await inventory(plugin, { types: ["instances"] });
    account.log.length = 0;
    await inventory(plugin, { types: ["instances"], state: ["stopped"] });
    expect(operations(account)).toEqual([]);
    await inventory(plugin, { types: ["instances"], refresh: true });
    expect(operations(account)).toContain("DescribeInstances");
  });

  test("about all regions does not push out what was paid for", async () => {
    const account = await demo({ pageSize: 1000 });
    const plugin = pluginOn(account);
    await ask(plugin);
    await inventory(plugin, { regions: ["all"] });
    account.log.length = 0;
    await ask(plugin);
    expect(operations(account)).toEqual([]);
  });
});

describe("a question in words", () => {
  test.each([
    ["List all running EC2 instances", ["instances"], ["running"], []],
    ["Show my unattached volumes in eu-west-1", ["volumes"], ["available"], ["eu-west-1"]],
    ["What is our VPC configuration in every region?", ["vpcs", "subnets"], [], ["all"]],
    ["Resize EBS volume", ["volumes"], [], []],
  ])("%s", async (message, types, states, regions) => {
    const account = await demo();
    const { data } = await inventory(pluginOn(account), { message });
    const { timestamp: _, meta, ...sections } = data;
    expect(Object.keys(sections).toSorted()).toEqual([...types].toSorted());
    expect(meta.filters.states).toEqual(states);
    if (regions[0] === "all") expect(meta.regions).toHaveLength(17);
    else expect(meta.regions).toEqual(regions.length > 0 ? regions : ["us-east-1"]);
  });

  test.each(["Create a new VPC", "Resize EBS volume"])(
    "that wants a change (%s) is told how to get a plan",
    async (message) => {
      const { result } = await inventory(pluginOn(await demo()), { message });
      expect(JSON.stringify(result.suggestedActions?.[0])).toContain("aws_change_plan");
    },
  );

  test.each(["Check unused resources", "Optimize resource allocation"])(
    "that wants to save (%s) is led to the tool that finds out",
    async (message) => {
      const { result } = await inventory(pluginOn(await demo()), { message });
      expect(JSON.stringify(result.suggestedActions)).toContain('"tool":"aws_unused_resources"');
    },
  );
});

test("a real client gets the list through the host, from a schema of at most 6 KB", async () => {
  const account = await demo();
  const host = await createTestHost({
    plugins: { "aws-operations": awsPlugin },
    config: {
      plugins: {
        "aws-operations": {
          awsAccessKey: account.accessKeyId,
          awsSecretKey: account.secretAccessKey,
          endpoint: account.endpoint,
          now: noon.toISOString(),
          default_region: "eu-west-1",
        },
      },
    },
  });
  onTestFinished(() => host.close());
  const { tools } = await host.client.listTools();
  const listed = tools.find(({ name }) => name === tool);
  expect(listed?.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
  expect(JSON.stringify(listed?.outputSchema).length).toBeLessThan(6000);
  const result = await host.client.callTool({
    name: tool,
    arguments: { types: ["instances"], state: ["running"] },
  });
  expect(result.isError ?? false).toBe(false);
  expect(result.structuredContent).toMatchObject({
    meta: { regions: ["eu-west-1"] },
    instances: { status: "ok", count: 5 },
  });
});

test("every argument is described, and none is required", () => {
  const config = awsPlugin.createPlugin().getToolsConfig()[tool];
  expect(config).toMatchObject({ config: { timeout: 30, retryCount: 2 } });
  const { inputSchema } = config ?? {};
  const input = (inputSchema as { "~standard": { jsonSchema: { input(o: object): object } } })[
    "~standard"
  ].jsonSchema.input({ target: "draft-2020-12" }) as {
    required?: string[];
    properties: Record<string, { description?: string }>;
  };
  expect(input.required).toBeUndefined();
  for (const [name, { description }] of Object.entries(input.properties)) {
    expect(description, name).toBeTruthy();
  }
  if (config !== undefined) expect(JSON.stringify(publishedBy(config))).toContain('"Listed"');
});
