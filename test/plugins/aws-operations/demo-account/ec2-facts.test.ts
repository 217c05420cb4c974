import type * as sdk from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import {
  resourcesIn,
  type RegionResources,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { REGIONS } from "./ec2-helpers.ts";
import { fetchAll, openDemo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const DAY_MS = 86_400_000;

async function everywhere(now = NOW): Promise<readonly RegionResources[]> {
  const { account } = await openDemo(now);
  return REGIONS.map((region) => resourcesIn(account.estate, region));
}

const instancesOf = (regions: readonly RegionResources[]): sdk.Instance[] =>
  regions.flatMap(({ instances }) => instances.map(({ instance }) => instance));

const daysSince = (time: Date | string | undefined): number =>
  (Date.parse(NOW) - new Date(time ?? "").getTime()) / DAY_MS;

/** Every id in a value that looks like that of an EC2 resource. */
const idsIn = (value: unknown): string[] =>
  JSON.stringify(value).match(
    /"(?:i|vol|subnet|vpc|sg|eni|eipalloc|eipassoc|nat|igw|rtb)-0\w+"/g,
  ) ?? [];

describe("what there is to find", () => {
  test("fourteen instances in three regions, four of them stopped, two for more than 30 days", async () => {
    const regions = await everywhere();
    expect(regions.map(({ instances }) => instances.length)).toEqual([6, 6, 2]);
    const all = instancesOf(regions);
    expect(all.map(({ InstanceId }) => InstanceId)).toEqual(
      Array.from({ length: 14 }, (_, index) => `i-0a1b2c3d4e5f6${`${index + 1}`.padStart(4, "0")}`),
    );
    const stopped = all.filter(({ State }) => State?.Name === "stopped");
    const since = stopped.map(({ StateTransitionReason = "" }) => {
      const [, day, time] =
        /^User initiated \((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)$/.exec(StateTransitionReason) ??
        [];
      return Math.floor(daysSince(`${day}T${time}Z`));
    });
    expect(since).toEqual([11, 18, 40, 142]);
    const previous = all.filter(({ InstanceType = "" }) =>
      /^(?:t[12]|[cmr][1-4])\./.test(InstanceType),
    );
    expect(previous.map(({ InstanceType }) => InstanceType)).toEqual(["m4.large"]);
  });

  test("one instance fails its check, and the host of one is due for maintenance", async () => {
    const statuses = (await everywhere()).flatMap(({ instances }) =>
      instances.map(({ status }) => status),
    );
    const impaired = statuses.filter(({ InstanceStatus }) => InstanceStatus?.Status === "impaired");
    expect(impaired.map(({ InstanceId }) => InstanceId)).toEqual(["i-0a1b2c3d4e5f60005"]);
    const events = statuses.flatMap(({ InstanceId, Events = [] }) =>
      Events.map(({ Code, NotBefore }) => ({ InstanceId, Code, days: -daysSince(NotBefore) })),
    );
    expect(events).toEqual([
      { InstanceId: "i-0a1b2c3d4e5f60008", Code: "system-maintenance", days: 5.5 },
    ]);
  });

  test("nine volumes, three of them attached to nothing and two of type gp2", async () => {
    const volumes = (await everywhere()).flatMap((region) => region.volumes);
    expect(volumes).toHaveLength(9);
    expect(volumes.filter(({ State }) => State === "available")).toHaveLength(3);
    expect(volumes.filter(({ VolumeType }) => VolumeType === "gp2")).toHaveLength(2);
  });

  test("four addresses, two of them associated with nothing", async () => {
    const addresses = (await everywhere()).flatMap((region) => region.addresses);
    expect(addresses).toHaveLength(4);
    expect(addresses.filter(({ AssociationId }) => AssociationId === undefined)).toHaveLength(2);
  });

  test("six snapshots: four older than 90 days, three of them of volumes that are gone", async () => {
    const regions = await everywhere();
    const snapshots = regions.flatMap((region) => region.snapshots);
    const volumes = new Set(
      regions.flatMap((region) => region.volumes).map(({ VolumeId }) => VolumeId),
    );
    expect(snapshots).toHaveLength(6);
    expect(snapshots.filter(({ StartTime }) => daysSince(StartTime) > 90)).toHaveLength(4);
    expect(snapshots.filter(({ VolumeId }) => !volumes.has(VolumeId))).toHaveLength(3);
  });

  test("five security groups: SSH and MySQL open to the world, and one that nothing uses", async () => {
    const regions = await everywhere();
    const groups = regions.flatMap(({ securityGroups }) => securityGroups);
    expect(groups).toHaveLength(5);
    const openOn = (port: number) =>
      groups
        .filter(({ IpPermissions = [] }) =>
          IpPermissions.some(
            ({ FromPort, IpRanges = [], Ipv6Ranges = [] }) =>
              FromPort === port &&
              (IpRanges.some(({ CidrIp }) => CidrIp === "0.0.0.0/0") ||
                Ipv6Ranges.some(({ CidrIpv6 }) => CidrIpv6 === "::/0")),
          ),
        )
        .map(({ GroupName }) => GroupName);
    expect(openOn(22)).toEqual(["demo-web"]);
    expect(openOn(3306)).toEqual(["demo-database"]);
    const inUse = new Set(
      regions
        .flatMap(({ networkInterfaces }) => networkInterfaces)
        .flatMap(({ Groups = [] }) => Groups.map(({ GroupId }) => GroupId)),
    );
    expect(
      groups.filter(({ GroupId }) => !inUse.has(GroupId)).map(({ GroupName }) => GroupName),
    ).toEqual(["demo-old-bastion"]);
    // The database's group looks unused to whoever asks the instances alone.
    const byInstances = new Set(
      instancesOf(regions).flatMap(({ SecurityGroups = [] }) =>
        SecurityGroups.map(({ GroupId }) => GroupId),
      ),
    );
    expect(
      groups.filter(({ GroupId }) => !byInstances.has(GroupId)).map(({ GroupName }) => GroupName),
    ).toEqual(["demo-database", "demo-old-bastion"]);
  });

  test("a NAT gateway where the anomaly's traffic is, and one that is deleted but still listed", async () => {
    const [virginia, ireland] = await everywhere();
    expect(ireland?.natGateways.map(({ State }) => State)).toEqual(["available"]);
    expect(virginia?.natGateways.map(({ State }) => State)).toEqual(["available", "deleted"]);
    const blackholes = virginia?.routeTables.filter(({ Routes = [] }) =>
      Routes.some(({ State }) => State === "blackhole"),
    );
    expect(blackholes).toHaveLength(1);
  });

  test("names that are not to be trusted", async () => {
    const tags = (await everywhere()).flatMap(({ instances, volumes }) => [
      ...instances.flatMap(({ instance }) => instance.Tags ?? []),
      ...volumes.flatMap(({ Tags = [] }) => Tags),
    ]);
    const values = tags.map(({ Value = "" }) => Value);
    expect(values.filter((value) => /ignore all previous instructions/i.test(value))).toHaveLength(
      1,
    );
    expect(
      values.filter((value) => /\u{202E}/u.test(value) && /[\u{80}-\u{9F}]/u.test(value)),
    ).toHaveLength(1);
  });
});

describe("what there is fits together", () => {
  test("every id that something names is there, in the same region", async () => {
    for (const region of await everywhere()) {
      const known = new Set(
        [
          ...region.instances.map(({ instance }) => instance.InstanceId),
          ...region.volumes.map(({ VolumeId }) => VolumeId),
          ...region.subnets.map(({ SubnetId }) => SubnetId),
          ...region.vpcs.map(({ VpcId }) => VpcId),
          ...region.securityGroups.map(({ GroupId }) => GroupId),
          ...region.networkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId),
          ...region.addresses.flatMap(({ AllocationId, AssociationId }) => [
            AllocationId,
            AssociationId,
          ]),
          ...region.natGateways.map(({ NatGatewayId }) => NatGatewayId),
          ...region.internetGateways.map(({ InternetGatewayId }) => InternetGatewayId),
          ...region.routeTables.map(({ RouteTableId }) => RouteTableId),
        ].map((id) => `"${id}"`),
      );
      // Snapshots outlive their volumes.
      const { snapshots: _, publicSnapshots: __, ...linked } = region;
      expect(idsIn(linked).filter((id) => !known.has(id))).toEqual([]);
    }
  });

  test("an instance and its volumes, interfaces, subnet and zone say the same of each other", async () => {
    for (const region of await everywhere()) {
      for (const { instance } of region.instances) {
        const { InstanceId, SubnetId, VpcId, PrivateIpAddress = "" } = instance;
        const subnet = region.subnets.find((own) => own.SubnetId === SubnetId);
        expect(subnet).toMatchObject({
          VpcId,
          AvailabilityZone: instance.Placement?.AvailabilityZone,
        });
        expect(isIn(PrivateIpAddress, subnet?.CidrBlock ?? "")).toBe(true);
        if (instance.PublicIpAddress !== undefined) expect(subnet?.MapPublicIpOnLaunch).toBe(true);
        const attached = region.volumes.filter(({ Attachments = [] }) =>
          Attachments.some((attachment) => attachment.InstanceId === InstanceId),
        );
        expect(attached.map(({ VolumeId }) => VolumeId)).toEqual(
          instance.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId),
        );
        for (const { AvailabilityZone } of attached) {
          expect(AvailabilityZone).toBe(instance.Placement?.AvailabilityZone);
        }
        const own = region.networkInterfaces.filter(
          ({ Attachment }) => Attachment?.InstanceId === InstanceId,
        );
        expect(own.map(({ Groups, PrivateIpAddress: ip }) => [Groups, ip])).toEqual([
          [instance.SecurityGroups, PrivateIpAddress],
        ]);
      }
      for (const { SubnetId, CidrBlock = "" } of region.subnets) {
        const [vpc] = region.vpcs;
        expect(isIn(CidrBlock.split("/")[0] ?? "", vpc?.CidrBlock ?? "")).toBe(true);
        const tables = region.routeTables.filter(({ Associations = [] }) =>
          Associations.some((association) => association.SubnetId === SubnetId),
        );
        expect(tables.length).toBeLessThanOrEqual(1);
      }
      expect(
        region.routeTables.filter(({ Associations = [] }) => Associations.some(({ Main }) => Main)),
      ).toHaveLength(region.vpcs.length);
    }
  });

  test("running instances are of the types that the bill has in their region", async () => {
    const { account, ce } = await openDemo(NOW);
    const billed = new Set<string | undefined>();
    const Filter = {
      Dimensions: { Key: "SERVICE" as const, Values: ["Amazon Elastic Compute Cloud - Compute"] },
    };
    const { results } = await fetchAll(ce, {
      TimePeriod: { Start: "2026-11-01", End: "2026-11-21" },
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      Filter,
      GroupBy: [
        { Type: "DIMENSION", Key: "REGION" },
        { Type: "DIMENSION", Key: "USAGE_TYPE" },
      ],
    });
    for (const { Groups = [] } of results) {
      for (const { Keys: [region, usageType] = [] } of Groups) {
        billed.add(`${region} ${usageType?.split(":")[1]}`);
      }
    }
    for (const region of REGIONS) {
      for (const { instance } of resourcesIn(account.estate, region).instances) {
        if (instance.State?.Name !== "running") continue;
        expect(billed).toContain(`${region} ${instance.InstanceType}`);
      }
    }
  });
});

function isIn(ip: string, cidr: string): boolean {
  const [base = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(ip) / size) === Math.floor(numberOf(base) / size);
}

const numberOf = (ip: string): number =>
  ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
