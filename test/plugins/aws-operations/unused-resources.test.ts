import type * as sdk from "@aws-sdk/client-ec2";
import {
  hourlyPrice,
  RIGHTSIZINGS,
} from "../../../plugins/aws-operations/demo-account/data/rightsizing.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AgentPlugin } from "agentflow-mcp/plugin";
import {
  resourcesIn,
  type DemoAccount,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import {
  gp3Saving,
  successorOf,
  volumePerMonth,
} from "../../../plugins/aws-operations/ec2/prices.ts";
import * as awsPlugin from "../../../plugins/aws-operations/index.ts";
import { checkNames } from "../../../plugins/aws-operations/unused-resources/checks.ts";
import { unusedOutput } from "../../../plugins/aws-operations/unused-resources/output.ts";
import { createTestHost } from "../../../src/testing.ts";
import { ownWords } from "./answer-text.ts";
import { askTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";

const tool = "aws_unused_resources";
const used = ["us-east-1", "eu-west-1", "us-west-2"];

function unused(plugin: AgentPlugin, args: Record<string, unknown> = {}) {
  return askTool(plugin, [tool, unusedOutput], args);
}

/** What the account itself says of its three regions. */
function estate(account: DemoAccount) {
  const all = used.map((region) => resourcesIn(account.estate, region));
  const instances = all.flatMap((each) => each.instances.map(({ instance }) => instance));
  const stopped = new Set(
    instances.filter(({ State }) => State?.Name === "stopped").map(({ InstanceId }) => InstanceId),
  );
  return { all, volumes: all.flatMap(({ volumes }) => volumes), stopped };
}

/** GiB by type, and the IOPS that are paid for: from the prices as AWS publishes them. */
const price = ({ VolumeType, Size = 0, Iops = 0 }: sdk.Volume): number =>
  VolumeType === "gp3"
    ? Size * 0.08 + Math.max(0, Iops - 3000) * 0.005
    : VolumeType === "io1"
      ? Size * 0.125 + Iops * 0.065
      : Size * 0.1;

const idsOf = (section: { items: readonly { id: string }[] }) =>
  section.items.map(({ id }) => id).toSorted();

describe("what goes wrong", () => {
  test("spoils only the checks that need what could not be read", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeAddresses", kind: "access-denied", times: "always" });
    const { data, text, result } = await unused(pluginOn(account));
    expect(failureOf(data.unassociated_addresses)).toMatchObject({ code: "ACCESS_DENIED" });
    expect(okay(data.unattached_volumes).count).toBe(2);
    expect(result.error).toBeUndefined();
    expect(text).toContain("Elastic IP addresses that nothing uses: not available (ACCESS_DENIED)");
  });

  test("leaves open whose volumes are gone, and does not say that they are", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeVolumes", kind: "access-denied", times: "always" });
    const { data, text } = await unused(pluginOn(account), { checks: ["snapshots"] });
    const snapshots = okay(data.snapshots);
    expect(snapshots.items.map(({ reason }) => reason).join()).not.toContain("gone");
    expect(snapshots.count).toBe(2);
    expect(text).toContain("Whether the volumes of snapshots still exist is unknown");
  });

  test("in one region leaves the others", async () => {
    const account = await demo();
    account.faults.add({
      operation: "DescribeVolumes",
      region: "eu-west-1",
      kind: "http",
      times: "always",
    });
    const { data, text } = await unused(pluginOn(account), {
      checks: ["unattached_volumes"],
      regions: used,
    });
    expect(okay(data.unattached_volumes).failures).toMatchObject([
      { region: "eu-west-1", code: "UPSTREAM" },
    ]);
    expect(text).toContain("Volumes attached to nothing in eu-west-1: not available (UPSTREAM)");
  });

  test("with everything is an error", async () => {
    const account = await demo();
    account.faults.add({ kind: "bad-credentials", times: "always" });
    const { result } = await unused(pluginOn(account));
    expect(result.error).toMatchObject({ code: "BAD_CREDENTIALS" });
    expect(result.fallback).toBe(true);
  });

  test("with part of it is never said to be nothing", async () => {
    const account = await demo({ variant: "empty" });
    account.faults.add({ operation: "DescribeVolumes", kind: "access-denied", times: "always" });
    const { text } = await unused(pluginOn(account));
    expect(text).toContain("Nothing was found in what could be read");
    expect(text).not.toContain("Nothing was found that could be given up");
  });
});

describe("what is found", () => {
  test("are the volumes that nothing is attached to, and those of stopped instances", async () => {
    const account = await demo();
    const { data } = await unused(pluginOn(account), { regions: used });
    const { volumes, stopped } = estate(account);
    const unattached = volumes.filter(({ State }) => State === "available");
    const idle = volumes.filter(({ Attachments = [] }) => stopped.has(Attachments[0]?.InstanceId));
    expect(idsOf(okay(data.unattached_volumes))).toEqual(
      unattached.map(({ VolumeId = "" }) => VolumeId).toSorted(),
    );
    expect(idsOf(okay(data.volumes_of_stopped_instances))).toEqual(
      idle.map(({ VolumeId = "" }) => VolumeId).toSorted(),
    );
    expect(stopped.size).toBe(4);
  });

  test("are addresses without a user, a security group without one, and no NAT gateway", async () => {
    const { data } = await unused(pluginOn(await demo()), { regions: used });
    expect(idsOf(okay(data.unassociated_addresses))).toEqual([
      "eipalloc-0a1b2c3d4e5f00003",
      "eipalloc-0a1b2c3d4e5f00004",
    ]);
    // The group of a database shows in a network interface alone; `default` cannot be deleted.
    expect(okay(data.security_groups).items.map(({ name }) => name)).toEqual(["demo-old-bastion"]);
    expect(okay(data.nat_gateways).count).toBe(0);
  });

  test("are instances stopped for longer than asked, told by their reason", async () => {
    const plugin = pluginOn(await demo());
    const at = async (stoppedDays: number) => {
      const { data } = await unused(plugin, {
        regions: used,
        stoppedDays,
        checks: ["stopped_instances"],
      });
      return idsOf(okay(data.stopped_instances)).map((id) => id.slice(-2));
    };
    expect(await at(30)).toEqual(["13", "14"]);
    expect(await at(40)).toEqual(["14"]);
    expect(await at(0)).toEqual(["06", "12", "13", "14"]);
    expect(await at(3650)).toEqual([]);
  });

  test("are old snapshots and those whose volume is gone; an image's is not counted", async () => {
    const plugin = pluginOn(await demo());
    const { data } = await unused(plugin, { regions: used, checks: ["snapshots"] });
    const { items, monthlySavingUsd, isAtMost } = okay(data.snapshots);
    expect(items.map(({ id, monthlySavingUsd: saving }) => [id.slice(-1), saving])).toEqual([
      ["3", 15],
      ["2", 10],
      ["5", 5],
      ["6", undefined],
    ]);
    expect([monthlySavingUsd, isAtMost]).toEqual([30, true]);
    expect(items.at(-1)?.reason).toContain("image ami-0a1b2c3d4e5f20003");
    const late = await unused(plugin, { regions: used, checks: ["snapshots"], snapshotDays: 3650 });
    expect(idsOf(okay(late.data.snapshots)).map((id) => id.slice(-1))).toEqual(["3", "5"]);
  });

  test("are gp2 volumes and instances of earlier generations", async () => {
    const { data } = await unused(pluginOn(await demo()), { regions: used });
    expect(idsOf(okay(data.gp2_volumes)).map((id) => id.slice(-1))).toEqual(["4", "9"]);
    const [old] = okay(data.previous_generation).items;
    expect(old?.reason).toContain("m6i.large takes its place");
    expect(old?.monthlySavingUsd).toBeUndefined();
  });

  test("is nothing in an empty account, which sends the reader to the other regions", async () => {
    const { text, result } = await unused(pluginOn(await demo({ variant: "empty" })));
    expect(text).toContain("Nothing was found that could be given up");
    expect(result.suggestedActions).toMatchObject([{ tool, arguments: { regions: ["all"] } }]);
  });
});

describe("the saving", () => {
  test("is the sum over resources, each once, and says what it is estimated from", async () => {
    const account = await demo();
    const { data, text } = await unused(pluginOn(account), { regions: ["all"] });
    const { volumes, stopped } = estate(account);
    const givenUp = volumes.filter(
      ({ State, Attachments = [] }) =>
        State === "available" || stopped.has(Attachments[0]?.InstanceId),
    );
    const expected = givenUp.reduce((sum, volume) => sum + price(volume), 0) + 2 * 3.65;
    expect(data.totals.monthlySavingUsd).toBeCloseTo(expected, 2);
    expect(data.totals.snapshotsAtMostUsd).toBe(30);
    expect(text).toContain(`**About $${expected.toFixed(2)} a month could be saved`);
    expect(text).toContain("and at most $30.00 on snapshots (estimates)");
    expect(data.meta.prices).toMatch(/^estimates .* us-east-1 as of 20\d\d-\d\d/);
    expect(text).toContain(data.meta.prices);
    const ids = checkNames.flatMap((name) => okay(data[name]).items.map(({ id }) => id));
    expect(data.totals.resources).toBe(new Set(ids).size);
    expect(data.meta.ceRequests).toBe(0);
    expect(text.length).toBeLessThan(4500);
  });

  test.each([
    [{ VolumeType: "gp3", Size: 100, Iops: 3000, Throughput: 125 }, 8],
    [{ VolumeType: "gp3", Size: 100, Iops: 5000, Throughput: 225 }, 22],
    [{ VolumeType: "io2", Size: 10, Iops: 100 }, 7.75],
    [{ VolumeType: "of tomorrow", Size: 10 }, undefined],
  ] as const)("of a volume %j is %d", (volume, amount) => {
    expect(volumePerMonth(volume as sdk.Volume)).toBe(amount);
  });

  test("of gp3 counts the IOPS that a large gp2 volume has without being paid for", () => {
    expect(gp3Saving({ VolumeType: "gp2", Size: 100, Iops: 300 })).toBe(2);
    expect(gp3Saving({ VolumeType: "gp2", Size: 2000, Iops: 6000 })).toBe(25);
  });

  test("of an instance type follows its size, and is unknown where the size is", () => {
    expect(successorOf("m4.large")).toEqual({ type: "m6i.large", perMonth: 2.92 });
    expect(successorOf("m4.4xlarge")).toEqual({ type: "m6i.4xlarge", perMonth: 23.36 });
    expect(successorOf("m4.metal")).toEqual({ type: "m6i.metal", perMonth: undefined });
    expect(successorOf("m7g.large")).toBeUndefined();
    expect(successorOf("constructor.large")).toBeUndefined();
  });
});

test("the checks share what they read, and names stand in the marked block alone", async () => {
  const account = await demo({ pageSize: 1000 });
  const { text, result } = await unused(pluginOn(account));
  const sent = operations(account).filter((operation) => operation.startsWith("Describe"));
  expect(sent.toSorted()).toEqual([...new Set(sent)].toSorted());
  expect(text).toContain("demo-scratch-exe.txt");
  expect(ownWords(text)).not.toMatch(/demo-|scratch/);
  expect(JSON.stringify(result.suggestedActions)).not.toMatch(/demo-/);
});

test("only the checks that are asked for run; an unknown one is named", async () => {
  const account = await demo();
  const { data } = await unused(pluginOn(account), { checks: "unassociated_addresses" });
  expect(checkNames.filter((name) => data[name] !== undefined)).toEqual(["unassociated_addresses"]);
  expect(operations(account)).not.toContain("DescribeVolumes");
  await expect(unused(pluginOn(account), { checks: ["everything"] })).rejects.toThrow("checks");
});

test("a real client gets it through the host; an operator can switch it off", async () => {
  const account = await demo();
  const connect = async (settings: Record<string, unknown>) => {
    const host = await createTestHost({
      plugins: { "aws-operations": awsPlugin },
      config: {
        plugins: {
          "aws-operations": {
            awsAccessKey: account.accessKeyId,
            awsSecretKey: account.secretAccessKey,
            endpoint: account.endpoint,
            now: noon.toISOString(),
            ...settings,
          },
        },
      },
    });
    onTestFinished(() => host.close());
    return host.client;
  };
  const client = await connect({ regions: used });
  const { tools } = await client.listTools();
  const listed = tools.find(({ name }) => name === tool);
  expect(JSON.stringify(listed?.outputSchema).length).toBeLessThan(6000);
  const result = await client.callTool({ name: tool, arguments: {} });
  expect(result.structuredContent).toMatchObject({
    meta: { regions: used },
    unattached_volumes: { status: "ok", count: 3 },
  });
  const off = await connect({ enable_cost_optimization: false });
  expect((await off.listTools()).tools.map(({ name }) => name)).not.toContain(tool);
});

const perMonth = (type: string, region: string): number => hourlyPrice(type, region) * 730;

describe("rightsizing", () => {
  const all = RIGHTSIZINGS.map(({ instance: { id, region, type }, target }) => ({
    id,
    region,
    saving: perMonth(type, region) - (target ? perMonth(target.sameFamily, region) : 0),
  }));

  test("is not asked for, and not paid for, unless the call wants it", async () => {
    const account = await demo();
    const { data } = await unused(pluginOn(account));
    expect(data.rightsizing).toBeUndefined();
    expect(operations(account)).not.toContain("GetRightsizingRecommendation");
    expect(data.meta.ceRequests).toBe(0);
  });

  test("says what AWS would do with each instance, for one paid request, whose answer is kept", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { regions: used });
    const { data, text } = await unused(plugin, { rightsizing: true });
    const section = okay(data.rightsizing);
    expect(section.count).toBe(all.length);
    for (const { id, region, saving } of all) {
      const item = section.items.find((each) => each.id === id);
      expect(item?.region).toBe(region);
      expect(item?.monthlySavingUsd).toBeCloseTo(saving, 2);
    }
    expect(section.monthlySavingUsd).toBeCloseTo(
      all.reduce((sum, { saving }) => sum + saving, 0),
      1,
    );
    expect(text).toContain("Instances larger than what they do");
    expect(text).toContain("m6i.large would do");
    expect(text).toContain("AWS would terminate it");
    expect(data.meta.ceRequests).toBe(1);
    expect((await unused(plugin, { rightsizing: true })).data.meta.ceRequests).toBe(0);
  });

  test("counts an instance once, beside what the other checks have found", async () => {
    const plugin = pluginOn(await demo(), { regions: used });
    const before = (await unused(plugin)).data.totals;
    const { totals } = (await unused(plugin, { rightsizing: true })).data;
    expect(totals.resources).toBe(before.resources + all.length);
    expect(totals.monthlySavingUsd).toBeGreaterThan(before.monthlySavingUsd);
  });

  test("keeps to the regions of the call, and says that there is more", async () => {
    const { data, text } = await unused(pluginOn(await demo()), {
      rightsizing: true,
      regions: ["eu-west-1"],
    });
    const here = all.filter(({ region }) => region === "eu-west-1");
    expect(okay(data.rightsizing).items.map(({ id }) => id)).toEqual(here.map(({ id }) => id));
    expect(text).toContain(`${all.length - here.length} more in regions that were not asked about`);
  });

  test.each(["AccessDeniedException", "ValidationException"])(
    "that nobody has switched on (%s) is said, with the remedy, and spoils nothing else",
    async (code) => {
      const account = await demo();
      account.faults.add({
        kind: "error",
        operation: "GetRightsizingRecommendation",
        code,
        message: "Rightsizing EC2 recommendation is an opt-in only feature.",
        times: "always",
      });
      const { data, text, result } = await unused(pluginOn(account), { rightsizing: true });
      expect(data.rightsizing).toMatchObject({
        status: "error",
        error: { code: "RIGHTSIZING_NOT_ENABLED", retryable: false },
      });
      expect(okay(data.unattached_volumes).count).toBeGreaterThan(0);
      expect(text).toContain("Cost Explorer preferences");
      expect(JSON.stringify(result.suggestedActions)).toContain("Enable rightsizing");
      const sent = operations(account).filter((each) => each === "GetRightsizingRecommendation");
      expect(sent).toHaveLength(1);
    },
  );

  test("keeps the currency of another partition, and adds it to no dollars", async () => {
    const plugin = pluginOn(await demo({ variant: "cny" }), { regions: used });
    const { data } = await unused(plugin, { rightsizing: true });
    const section = okay(data.rightsizing);
    expect(section.monthlySavingUsd).toBe(0);
    expect(section.items[0]?.reason).toMatch(/which saves [\d.,]+ CNY/);
  });
});
