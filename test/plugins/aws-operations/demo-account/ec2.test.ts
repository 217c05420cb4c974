import * as sdk from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { resourcesIn } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { LISTINGS } from "./ec2-calls.ts";
import { ec2In, REGIONS } from "./ec2-helpers.ts";
import { allOf, failureOf, openDemo, replaceBodies } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const i = (number: number): string => `i-0a1b2c3d4e5f6${number.toString().padStart(4, "0")}`;
const vol = (number: number): string => `vol-0a1b2c3d4e5f7${number.toString().padStart(4, "0")}`;

describe("over all its pages, a list holds what the account has in the region", () => {
  test.each(LISTINGS)("%s", async (_name, { list, expected }) => {
    const { account } = await openDemo(NOW);
    for (const region of REGIONS) {
      const all = expected(resourcesIn(account.estate, region));
      const { items, pages } = await list(ec2In(account, region));
      expect(items).toEqual(all);
      // A caller who reads one page only misses something of every longer list.
      if (all.length > 4) expect(pages).toBeGreaterThan(1);
    }
  });
});

const idsOf = async (
  client: sdk.EC2Client,
  Filters: sdk.Filter[],
): Promise<(string | undefined)[]> => {
  const pages = sdk.paginateDescribeInstances({ client }, { Filters });
  const { items } = await allOf(pages, ({ Reservations = [] }) =>
    Reservations.flatMap(({ Instances = [] }) => Instances),
  );
  return items.map(({ InstanceId }) => InstanceId?.slice(-2));
};

const ALL = ["01", "02", "03", "04", "05", "06"];

describe("filters", () => {
  test.each<[string, sdk.Filter[], string[]]>([
    ["a value", [{ Name: "instance-state-name", Values: ["stopped"] }], ["06"]],
    ["one of several values", [{ Name: "instance-id", Values: [i(1), i(4), "x"] }], ["01", "04"]],
    [
      "all filters together",
      [
        { Name: "instance-type", Values: ["c6g.large"] },
        { Name: "availability-zone", Values: ["us-east-1b"] },
      ],
      ["05", "06"],
    ],
    ["a star", [{ Name: "instance-type", Values: ["m6i.*"] }], ["01", "02", "03"]],
    ["question marks", [{ Name: "instance-type", Values: ["c?g.l????"] }], ["04", "05", "06"]],
    ["a star that was meant", [{ Name: "instance-type", Values: [String.raw`c6g\*`] }], []],
    ["a tag", [{ Name: "tag:Name", Values: ["demo-search-*"] }], ["04", "05", "06"]],
    ["a tag whose key has a dot", [{ Name: "tag:a.b", Values: ["*"] }], []],
    ["a tag's presence", [{ Name: "tag-key", Values: ["Environment"] }], ALL],
    [
      "something in a list",
      [{ Name: "block-device-mapping.volume-id", Values: ["vol-0a1b2c3d4e5f70002"] }],
      ["06"],
    ],
    ["a boolean", [{ Name: "ebs-optimized", Values: ["true"] }], ALL],
    ["the case of a value", [{ Name: "instance-state-name", Values: ["Stopped"] }], []],
  ])("choose by %s", async (_what, filters, expected) => {
    const { account } = await openDemo(NOW);
    expect(await idsOf(ec2In(account, "us-east-1"), filters)).toEqual(expected);
  });

  test("choose the groups that are open to the world", async () => {
    const { account } = await openDemo(NOW);
    const client = ec2In(account, "us-east-1");
    const openTo = async (name: string, cidr: string) => {
      const Filters = [{ Name: name, Values: [cidr] }];
      const { SecurityGroups = [] } = await client.send(
        new sdk.DescribeSecurityGroupsCommand({ Filters }),
      );
      return SecurityGroups.map(({ GroupName }) => GroupName);
    };
    expect(await openTo("ip-permission.cidr", "0.0.0.0/0")).toEqual(["demo-web", "demo-database"]);
    expect(await openTo("ip-permission.from-port", "3306")).toEqual(["demo-database"]);
  });

  test("that stars make long are matched without end to no call", async () => {
    const { account } = await openDemo(NOW);
    const Values = [`${"*a".repeat(500)}b`];
    expect(await idsOf(ec2In(account, "us-east-1"), [{ Name: "tag-value", Values }])).toEqual([]);
  });

  test("unknown to the operation are refused", async () => {
    const { account } = await openDemo(NOW);
    const call = idsOf(ec2In(account, "us-east-1"), [{ Name: "volume-type", Values: ["gp2"] }]);
    expect(await failureOf(call)).toEqual({
      name: "InvalidParameterValue",
      message: "The filter 'volume-type' is invalid",
      status: 400,
    });
  });
});

describe("ids", () => {
  test("choose, in the account's own order", async () => {
    const { account } = await openDemo(NOW);
    const client = ec2In(account, "eu-west-1");
    const { Volumes } = await client.send(
      new sdk.DescribeVolumesCommand({ VolumeIds: [vol(7), vol(5)] }),
    );
    expect(Volumes?.map(({ VolumeId }) => VolumeId)).toEqual([vol(5), vol(7)]);
  });

  test.each<[string, string, (client: sdk.EC2Client) => Promise<unknown>]>([
    [
      "of another region",
      "InvalidInstanceID.NotFound: The instance ID 'i-0a1b2c3d4e5f60007' does not exist",
      (client) => client.send(new sdk.DescribeInstancesCommand({ InstanceIds: [i(7)] })),
    ],
    [
      "that is none",
      'InvalidInstanceID.Malformed: Invalid id: "i-1" (expecting "i-...")',
      (client) => client.send(new sdk.DescribeInstancesCommand({ InstanceIds: ["i-1"] })),
    ],
    [
      "of another kind",
      'InvalidParameterValue: Invalid id: "i-0a1b2c3d4e5f60001" (expecting "vol-...")',
      (client) => client.send(new sdk.DescribeVolumesCommand({ VolumeIds: [i(1)] })),
    ],
    [
      "of a group that is gone",
      "InvalidGroup.NotFound: The security group 'sg-0a1b2c3d4e5fe0099' does not exist",
      (client) =>
        client.send(new sdk.DescribeSecurityGroupsCommand({ GroupIds: ["sg-0a1b2c3d4e5fe0099"] })),
    ],
    [
      "of a NAT gateway that is gone",
      "NatGatewayNotFound: The NAT gateway 'nat-0a1b2c3d4e5f90099' does not exist",
      (client) =>
        client.send(
          new sdk.DescribeNatGatewaysCommand({ NatGatewayIds: ["nat-0a1b2c3d4e5f90099"] }),
        ),
    ],
    [
      "of an address that is somebody else's",
      "InvalidAddress.NotFound: The address '192.0.2.1' does not exist",
      (client) => client.send(new sdk.DescribeAddressesCommand({ PublicIps: ["192.0.2.1"] })),
    ],
  ])("%s are an error that names them", async (_what, error, call) => {
    const { account } = await openDemo(NOW);
    const { name, message, status } = await failureOf(call(ec2In(account, "us-east-1")));
    expect([`${name}: ${message}`, status]).toEqual([error, 400]);
  });
});

const describeInstances = (client: sdk.EC2Client, input: sdk.DescribeInstancesCommandInput) =>
  client.send(new sdk.DescribeInstancesCommand(input));

describe("pages", () => {
  test.each<[number, string]>([
    [
      4,
      "Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.",
    ],
    [
      1001,
      "Value ( 1001 ) for parameter MaxResults is invalid. Expecting a value smaller than or equal to 1000.",
    ],
  ])("of %i are refused", async (MaxResults, message) => {
    const { account } = await openDemo(NOW);
    const failure = await failureOf(describeInstances(ec2In(account, "us-east-1"), { MaxResults }));
    expect(failure).toEqual({ name: "InvalidParameterValue", message, status: 400 });
  });

  test("of ids are refused", async () => {
    const { account } = await openDemo(NOW);
    const input = { MaxResults: 5, InstanceIds: [i(1)] };
    const failure = await failureOf(describeInstances(ec2In(account, "us-east-1"), input));
    expect(failure.name).toBe("InvalidParameterCombination");
  });

  test("go on only where they began: same operation, same parameters, same region", async () => {
    const { account } = await openDemo(NOW);
    const client = ec2In(account, "us-east-1");
    const { NextToken } = await describeInstances(client, {});
    expect(NextToken).toEqual(expect.stringMatching(/^[\w-]{40,}$/));
    const Filters = [{ Name: "vpc-id", Values: ["*"] }];
    const elsewhere = ec2In(account, "eu-west-1");
    for (const call of [
      () => describeInstances(client, { NextToken: "made up" }),
      () => describeInstances(client, { NextToken, Filters }),
      () => describeInstances(elsewhere, { NextToken }),
      () => client.send(new sdk.DescribeSubnetsCommand({ NextToken })),
    ]) {
      expect(await failureOf(call())).toEqual({
        name: "InvalidParameterValue",
        message: "Unable to parse pagination token",
        status: 400,
      });
    }
    await expect(describeInstances(client, { NextToken })).resolves.toBeDefined();
  });

  test("are as large as the demo process wants them", async () => {
    const { account } = await openDemo(NOW, { pageSize: 10_000 });
    const answer = await describeInstances(ec2In(account, "us-east-1"), {});
    expect(answer.NextToken).toBeUndefined();
    expect(answer.Reservations?.flatMap(({ Instances }) => Instances)).toHaveLength(6);
  });
});

describe("regions", () => {
  test("are listed if they are enabled; all of them on request", async () => {
    const { account } = await openDemo(NOW);
    const client = ec2In(account, "us-east-1");
    const { Regions = [] } = await client.send(new sdk.DescribeRegionsCommand({}));
    expect(Regions.map(({ RegionName }) => RegionName)).toEqual(
      expect.arrayContaining([...REGIONS]),
    );
    expect(new Set(Regions.map(({ OptInStatus }) => OptInStatus))).toEqual(
      new Set(["opt-in-not-required"]),
    );
    const { Regions: all = [] } = await client.send(
      new sdk.DescribeRegionsCommand({ AllRegions: true }),
    );
    expect(all).toHaveLength(Regions.length + 1);
    const { Regions: [other] = [] } = await client.send(
      new sdk.DescribeRegionsCommand({
        AllRegions: true,
        Filters: [{ Name: "opt-in-status", Values: ["not-opted-in"] }],
      }),
    );
    expect(other).toEqual({
      RegionName: "ap-east-1",
      Endpoint: "ec2.ap-east-1.amazonaws.com",
      OptInStatus: "not-opted-in",
    });
  });

  test("that are not enabled, or do not exist, do not know the caller", async () => {
    const { account } = await openDemo(NOW);
    for (const region of ["ap-east-1", "mars-north-1"]) {
      const call = ec2In(account, region).send(new sdk.DescribeInstancesCommand({}));
      expect(await failureOf(call)).toEqual({
        name: "AuthFailure",
        message: "AWS was not able to validate the provided access credentials",
        status: 401,
      });
    }
  });

  test("without resources answer with empty lists", async () => {
    const { account } = await openDemo(NOW);
    const client = ec2In(account, "sa-east-1");
    for (const [operation, { list }] of LISTINGS) {
      if (operation !== "DescribeSnapshots") expect((await list(client)).items).toEqual([]);
    }
  });
});

test("without an owner, snapshots are everybody's", async () => {
  const { account } = await openDemo(NOW, { pageSize: 100 });
  const client = ec2In(account, "us-east-1");
  const owners = async (OwnerIds?: string[]) => {
    const answer = await client.send(
      new sdk.DescribeSnapshotsCommand(OwnerIds === undefined ? {} : { OwnerIds }),
    );
    return new Set(answer.Snapshots?.map(({ OwnerId }) => OwnerId));
  };
  expect(await owners()).toEqual(new Set([account.accountId, "137112412989"]));
  expect(await owners(["self"])).toEqual(new Set([account.accountId]));
  expect(await owners(["amazon"])).toEqual(new Set(["137112412989"]));
});

test("stopped instances have a status only on request", async () => {
  const { account } = await openDemo(NOW, { pageSize: 100 });
  const client = ec2In(account, "us-east-1");
  const status = (IncludeAllInstances: boolean) =>
    client.send(new sdk.DescribeInstanceStatusCommand({ IncludeAllInstances }));
  const { InstanceStatuses: running = [] } = await status(false);
  expect(running.map(({ InstanceId }) => InstanceId)).toEqual([1, 2, 3, 4, 5].map(i));
  const { InstanceStatuses: all = [] } = await status(true);
  expect(all.at(-1)).toMatchObject({
    InstanceId: i(6),
    InstanceStatus: { Status: "not-applicable" },
  });
});

test("a dry run, and what is no parameter, are answered as such", async () => {
  const { account } = await openDemo(NOW);
  const client = ec2In(account, "us-east-1");
  const dry = await failureOf(client.send(new sdk.DescribeVpcsCommand({ DryRun: true })));
  expect(dry).toMatchObject({ name: "DryRunOperation", status: 412 });
  replaceBodies(client, () => "Action=DescribeVpcs&Version=2016-11-15&Colour=red");
  const unknown = await failureOf(client.send(new sdk.DescribeVpcsCommand({})));
  expect(unknown.message).toBe("The parameter Colour is not recognized");
});

test("an empty account has nothing, and a new one nothing older than itself", async () => {
  const { account: empty } = await openDemo(NOW, { variant: "empty" });
  const { account: young } = await openDemo(NOW, { variant: "new" });
  const opened = Date.parse("2026-11-14T00:00:00Z");
  for (const region of REGIONS) {
    for (const [, { list }] of LISTINGS) {
      expect((await list(ec2In(empty, region))).items).toEqual([]);
    }
    const { instances, volumes, snapshots } = resourcesIn(young.estate, region);
    const times = [
      ...instances.map(({ instance }) => instance.LaunchTime),
      ...volumes.map(({ CreateTime }) => CreateTime),
      ...snapshots.map(({ StartTime }) => StartTime),
    ];
    for (const time of times) expect(time?.getTime()).toBeGreaterThanOrEqual(opened);
  }
});
