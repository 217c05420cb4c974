import type { Instance, NetworkInterface, NetworkInterfaceType } from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { Timeline } from "../timeline.ts";
import { idOf } from "./ids.ts";
import { macAddress, privateName } from "./instances.ts";
import type { Network } from "./networks.ts";
import { groupIdentifier } from "./security-groups.ts";

/** What uses the addresses and the security groups of a region: instances, NAT gateways, a database. */
export function networkInterfacesIn(
  region: string,
  instances: readonly Instance[],
  network: Network,
  timeline: Timeline,
): readonly NetworkInterface[] {
  return [
    ...instances.map(ofInstance),
    ...network.natGateways.flatMap((gateway) => ofNatGateway(gateway, network, region)),
    ...(region === "us-east-1" ? [ofDatabase(region, timeline)] : []),
  ];
}

function ofInstance(instance: Instance): NetworkInterface {
  const [own] = instance.NetworkInterfaces ?? [];
  return {
    ...own,
    AvailabilityZone: instance.Placement?.AvailabilityZone,
    InterfaceType: "interface",
    RequesterManaged: false,
    Attachment: {
      ...own?.Attachment,
      InstanceId: instance.InstanceId,
      InstanceOwnerId: DEMO_ACCOUNT_ID,
    },
    TagSet: [],
  };
}

/** What AWS says of the interface of a NAT gateway, as documented; the enumeration spells it otherwise. */
const NAT_GATEWAY = "nat_gateway" as NetworkInterfaceType;

function ofNatGateway(
  { NatGatewayId, NatGatewayAddresses = [], SubnetId, VpcId }: Network["natGateways"][number],
  { subnets }: Network,
  region: string,
): NetworkInterface[] {
  return NatGatewayAddresses.map((address) => ({
    NetworkInterfaceId: address.NetworkInterfaceId,
    OwnerId: DEMO_ACCOUNT_ID,
    VpcId,
    SubnetId,
    AvailabilityZone: subnets.find((subnet) => subnet.SubnetId === SubnetId)?.AvailabilityZone,
    Description: `Interface for NAT Gateway ${NatGatewayId}`,
    InterfaceType: NAT_GATEWAY,
    MacAddress: macAddress(Number(address.NetworkInterfaceId?.slice(-4))),
    Status: "in-use",
    SourceDestCheck: false,
    RequesterId: "154345106034",
    RequesterManaged: true,
    PrivateIpAddress: address.PrivateIp,
    PrivateDnsName: privateName(address.PrivateIp ?? "", region),
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address.PrivateIp }],
    Ipv6Addresses: [],
    Association: {
      AllocationId: address.AllocationId,
      AssociationId: address.AssociationId,
      IpOwnerId: DEMO_ACCOUNT_ID,
      PublicIp: address.PublicIp,
    },
    Groups: [],
    TagSet: [],
  }));
}

/** The database itself is of a service that is not served here. */
function ofDatabase(region: string, timeline: Timeline): NetworkInterface {
  const ip = "10.0.16.40";
  return {
    NetworkInterfaceId: idOf("eni", 17),
    OwnerId: DEMO_ACCOUNT_ID,
    VpcId: idOf("vpc", 1),
    SubnetId: idOf("subnet", 3),
    AvailabilityZone: "us-east-1a",
    Description: "RDSNetworkInterface",
    InterfaceType: "interface",
    MacAddress: macAddress(17),
    Status: "in-use",
    SourceDestCheck: true,
    RequesterId: "amazon-rds",
    RequesterManaged: true,
    PrivateIpAddress: ip,
    PrivateDnsName: privateName(ip, region),
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: ip }],
    Ipv6Addresses: [],
    Attachment: {
      AttachmentId: idOf("eni-attach", 17),
      AttachTime: timeline.daysAgo(365),
      DeleteOnTermination: false,
      DeviceIndex: 1,
      InstanceOwnerId: "amazon-rds",
      NetworkCardIndex: 0,
      Status: "attached",
    },
    Groups: [groupIdentifier(2)],
    TagSet: [],
  };
}
