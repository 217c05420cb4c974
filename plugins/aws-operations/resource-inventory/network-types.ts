import { visible } from "../answer/untrusted.ts";
import { listings } from "../ec2/listings.ts";
import { routeInWords, ruleInWords } from "../ec2/rules-in-words.ts";
import { idsOf, resourceType, toResource } from "./resource-type.ts";

export const networkTypes = {
  nat_gateways: resourceType({
    noun: "NAT gateway",
    list: listings.natGateways,
    states: ["pending", "failed", "available", "deleting", "deleted"],
    shown: ["vpc", "subnet", "publicIps"],
    describe: (gateway, region) =>
      toResource(gateway.NatGatewayId, region, {
        state: gateway.State,
        tags: gateway.Tags,
        details: {
          vpc: gateway.VpcId,
          subnet: gateway.SubnetId,
          connectivity: gateway.ConnectivityType,
          created: gateway.CreateTime,
          publicIps: idsOf(gateway.NatGatewayAddresses?.map(({ PublicIp }) => PublicIp)),
        },
      }),
  }),
  vpcs: resourceType({
    noun: "VPC",
    list: listings.vpcs,
    states: ["pending", "available"],
    shown: ["cidrs", "isDefault"],
    describe: (vpc, region) =>
      toResource(vpc.VpcId, region, {
        state: vpc.State,
        tags: vpc.Tags,
        details: {
          cidrs: idsOf([
            ...new Set([
              vpc.CidrBlock,
              ...(vpc.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock),
              ...(vpc.Ipv6CidrBlockAssociationSet ?? []).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
            ]),
          ]),
          isDefault: vpc.IsDefault,
        },
      }),
  }),
  subnets: resourceType({
    noun: "subnet",
    list: listings.subnets,
    states: ["pending", "available", "unavailable", "failed"],
    shown: ["vpc", "cidr", "zone", "freeAddresses", "givesPublicIps"],
    describe: (subnet, region) =>
      toResource(subnet.SubnetId, region, {
        state: subnet.State,
        tags: subnet.Tags,
        details: {
          vpc: subnet.VpcId,
          cidr: subnet.CidrBlock,
          zone: subnet.AvailabilityZone,
          freeAddresses: subnet.AvailableIpAddressCount,
          givesPublicIps: subnet.MapPublicIpOnLaunch,
        },
      }),
  }),
  security_groups: resourceType({
    noun: "security group",
    list: listings.securityGroups,
    states: [],
    shown: ["vpc", "inbound", "outbound"],
    describe: (group, region) =>
      toResource(group.GroupId, region, {
        tags: group.Tags,
        name: visible(group.GroupName ?? ""),
        details: {
          groupName: visible(group.GroupName ?? ""),
          description: visible(group.Description ?? ""),
          vpc: group.VpcId,
          inbound: (group.IpPermissions ?? []).map((rule) => ruleInWords(rule, "from")),
          outbound: (group.IpPermissionsEgress ?? []).map((rule) => ruleInWords(rule, "to")),
        },
      }),
  }),
  route_tables: resourceType({
    noun: "route table",
    list: listings.routeTables,
    states: [],
    shown: ["vpc", "isMain", "subnets", "routes"],
    describe: (table, region) =>
      toResource(table.RouteTableId, region, {
        tags: table.Tags,
        details: {
          vpc: table.VpcId,
          isMain: table.Associations?.some(({ Main }) => Main === true) ?? false,
          subnets: idsOf(table.Associations?.map(({ SubnetId }) => SubnetId)),
          routes: (table.Routes ?? []).map(routeInWords),
        },
      }),
  }),
  internet_gateways: resourceType({
    noun: "internet gateway",
    list: listings.internetGateways,
    states: ["attached", "detached"],
    shown: ["vpcs"],
    describe: (gateway, region) => {
      const vpcs = idsOf(gateway.Attachments?.map(({ VpcId }) => VpcId));
      return toResource(gateway.InternetGatewayId, region, {
        state: vpcs.length > 0 ? "attached" : "detached",
        tags: gateway.Tags,
        details: { vpcs },
      });
    },
  }),
};
