import type * as ec2 from "@aws-sdk/client-ec2";
import { partOf } from "../estate.ts";
import type { Timeline } from "../timeline.ts";
import { addressesIn } from "./addresses.ts";
import { instancesIn, type LaunchedInstance } from "./instances.ts";
import { networkInterfacesIn } from "./network-interfaces.ts";
import { networksOf, type Network } from "./networks.ts";
import { securityGroupsIn } from "./security-groups.ts";
import { publicSnapshotsIn, snapshotsIn, volumesIn } from "./volumes.ts";

/** All that EC2 has in one region. */
export interface RegionResources extends Network {
  readonly instances: readonly LaunchedInstance[];
  readonly volumes: readonly ec2.Volume[];
  /** The account's own. */
  readonly snapshots: readonly ec2.Snapshot[];
  readonly publicSnapshots: readonly ec2.Snapshot[];
  readonly addresses: readonly ec2.Address[];
  readonly securityGroups: readonly ec2.SecurityGroup[];
  readonly networkInterfaces: readonly ec2.NetworkInterface[];
}

/** A region that nobody has ever used. */
const EMPTY_REGION: RegionResources = {
  vpcs: [],
  subnets: [],
  routeTables: [],
  internetGateways: [],
  natGateways: [],
  instances: [],
  volumes: [],
  snapshots: [],
  publicSnapshots: [],
  addresses: [],
  securityGroups: [],
  networkInterfaces: [],
};

/** The resources of a region; other regions than three have none. */
export const resourcesIn = partOf(({ isEmpty, timeline }, region: string) =>
  isEmpty ? EMPTY_REGION : make(region, timeline),
);

function make(region: string, timeline: Timeline): RegionResources {
  const network = networksOf(timeline).get(region) ?? EMPTY_REGION;
  const volumes = volumesIn(region, timeline);
  const instances = instancesIn(region, volumes, timeline);
  const networkInterfaces = networkInterfacesIn(
    region,
    instances.map(({ instance }) => instance),
    network,
    timeline,
  );
  return {
    ...network,
    subnets: network.subnets.map((subnet) => ({
      ...subnet,
      AvailableIpAddressCount: freeAddresses(subnet, networkInterfaces),
    })),
    instances,
    volumes,
    snapshots: snapshotsIn(region, timeline),
    publicSnapshots: publicSnapshotsIn(region, timeline),
    addresses: addressesIn(region),
    securityGroups: securityGroupsIn(region),
    networkInterfaces,
  };
}

/** AWS keeps five addresses of each subnet. */
function freeAddresses(
  { SubnetId, CidrBlock = "" }: ec2.Subnet,
  networkInterfaces: readonly ec2.NetworkInterface[],
): number {
  const used = networkInterfaces.filter((own) => own.SubnetId === SubnetId).length;
  return 2 ** (32 - Number(CidrBlock.split("/")[1])) - 5 - used;
}
