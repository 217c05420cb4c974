import type * as ec2 from "@aws-sdk/client-ec2";
import { describe } from "./describe.ts";

export const describeAddresses = describe<ec2.Address>({
  items: (resources) => resources.addresses,
  ids: [
    {
      name: "AllocationId",
      of: ({ AllocationId }) => AllocationId,
      notFound: "InvalidAllocationID.NotFound",
      noun: "allocation ID",
    },
    {
      name: "PublicIp",
      of: ({ PublicIp }) => PublicIp,
      notFound: "InvalidAddress.NotFound",
      noun: "address",
    },
  ],
  filters: {
    "allocation-id": "AllocationId",
    "association-id": "AssociationId",
    "instance-id": "InstanceId",
    "network-border-group": "NetworkBorderGroup",
    "network-interface-id": "NetworkInterfaceId",
    "network-interface-owner-id": "NetworkInterfaceOwnerId",
    "private-ip-address": "PrivateIpAddress",
    "public-ip": "PublicIp",
  },
  maxResults: undefined,
  output: (items): ec2.DescribeAddressesResult => ({ Addresses: [...items] }),
});

export const describeNatGateways = describe<ec2.NatGateway>({
  items: (resources) => resources.natGateways,
  ids: [
    {
      name: "NatGatewayId",
      of: ({ NatGatewayId }) => NatGatewayId,
      prefix: "nat",
      malformed: "NatGatewayMalformed",
      notFound: "NatGatewayNotFound",
      noun: "NAT gateway",
    },
  ],
  filters: {
    "nat-gateway-id": "NatGatewayId",
    state: "State",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
  },
  maxResults: 1000,
  output: (items): ec2.DescribeNatGatewaysResult => ({ NatGateways: [...items] }),
});

const permissionFilters = (prefix: string, permissions: string) => ({
  [`${prefix}.cidr`]: `${permissions}.IpRanges.CidrIp`,
  [`${prefix}.from-port`]: `${permissions}.FromPort`,
  [`${prefix}.group-id`]: `${permissions}.UserIdGroupPairs.GroupId`,
  [`${prefix}.group-name`]: `${permissions}.UserIdGroupPairs.GroupName`,
  [`${prefix}.ipv6-cidr`]: `${permissions}.Ipv6Ranges.CidrIpv6`,
  [`${prefix}.prefix-list-id`]: `${permissions}.PrefixListIds.PrefixListId`,
  [`${prefix}.protocol`]: `${permissions}.IpProtocol`,
  [`${prefix}.to-port`]: `${permissions}.ToPort`,
  [`${prefix}.user-id`]: `${permissions}.UserIdGroupPairs.UserId`,
});

export const describeSecurityGroups = describe<ec2.SecurityGroup>({
  items: (resources) => resources.securityGroups,
  ids: [
    {
      name: "GroupId",
      of: ({ GroupId }) => GroupId,
      prefix: "sg",
      malformed: "InvalidGroupId.Malformed",
      notFound: "InvalidGroup.NotFound",
      noun: "security group",
    },
    {
      name: "GroupName",
      of: ({ GroupName }) => GroupName,
      notFound: "InvalidGroup.NotFound",
      noun: "security group",
    },
  ],
  filters: {
    description: "Description",
    ...permissionFilters("egress.ip-permission", "IpPermissionsEgress"),
    "group-id": "GroupId",
    "group-name": "GroupName",
    ...permissionFilters("ip-permission", "IpPermissions"),
    "owner-id": "OwnerId",
    "vpc-id": "VpcId",
  },
  maxResults: 1000,
  output: (items): ec2.DescribeSecurityGroupsResult => ({ SecurityGroups: [...items] }),
});

export const describeVpcs = describe<ec2.Vpc>({
  items: (resources) => resources.vpcs,
  ids: [
    {
      name: "VpcId",
      of: ({ VpcId }) => VpcId,
      prefix: "vpc",
      malformed: "InvalidVpcID.Malformed",
      notFound: "InvalidVpcID.NotFound",
      noun: "vpc ID",
    },
  ],
  filters: {
    cidr: "CidrBlock",
    "cidr-block-association.association-id": "CidrBlockAssociationSet.AssociationId",
    "cidr-block-association.cidr-block": "CidrBlockAssociationSet.CidrBlock",
    "cidr-block-association.state": "CidrBlockAssociationSet.CidrBlockState.State",
    "dhcp-options-id": "DhcpOptionsId",
    "is-default": "IsDefault",
    "owner-id": "OwnerId",
    state: "State",
    "vpc-id": "VpcId",
  },
  maxResults: 1000,
  output: (items): ec2.DescribeVpcsResult => ({ Vpcs: [...items] }),
});

export const describeSubnets = describe<ec2.Subnet>({
  items: (resources) => resources.subnets,
  ids: [
    {
      name: "SubnetId",
      of: ({ SubnetId }) => SubnetId,
      prefix: "subnet",
      malformed: "InvalidSubnetID.Malformed",
      notFound: "InvalidSubnetID.NotFound",
      noun: "subnet ID",
    },
  ],
  filters: {
    "availability-zone": "AvailabilityZone",
    "available-ip-address-count": "AvailableIpAddressCount",
    "cidr-block": "CidrBlock",
    "default-for-az": "DefaultForAz",
    "ipv6-native": "Ipv6Native",
    "map-public-ip-on-launch": "MapPublicIpOnLaunch",
    "owner-id": "OwnerId",
    state: "State",
    "subnet-arn": "SubnetArn",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
  },
  maxResults: 1000,
  output: (items): ec2.DescribeSubnetsResult => ({ Subnets: [...items] }),
});

export const describeRouteTables = describe<ec2.RouteTable>({
  items: (resources) => resources.routeTables,
  ids: [
    {
      name: "RouteTableId",
      of: ({ RouteTableId }) => RouteTableId,
      prefix: "rtb",
      malformed: "InvalidRouteTableId.Malformed",
      notFound: "InvalidRouteTableID.NotFound",
      noun: "routeTable ID",
    },
  ],
  filters: {
    "association.gateway-id": "Associations.GatewayId",
    "association.main": "Associations.Main",
    "association.route-table-association-id": "Associations.RouteTableAssociationId",
    "association.route-table-id": "Associations.RouteTableId",
    "association.subnet-id": "Associations.SubnetId",
    "owner-id": "OwnerId",
    "route-table-id": "RouteTableId",
    "route.destination-cidr-block": "Routes.DestinationCidrBlock",
    "route.gateway-id": "Routes.GatewayId",
    "route.instance-id": "Routes.InstanceId",
    "route.nat-gateway-id": "Routes.NatGatewayId",
    "route.origin": "Routes.Origin",
    "route.state": "Routes.State",
    "vpc-id": "VpcId",
  },
  maxResults: 100,
  output: (items): ec2.DescribeRouteTablesResult => ({ RouteTables: [...items] }),
});

export const describeInternetGateways = describe<ec2.InternetGateway>({
  items: (resources) => resources.internetGateways,
  ids: [
    {
      name: "InternetGatewayId",
      of: ({ InternetGatewayId }) => InternetGatewayId,
      prefix: "igw",
      malformed: "InvalidInternetGatewayId.Malformed",
      notFound: "InvalidInternetGatewayID.NotFound",
      noun: "internetGateway ID",
    },
  ],
  filters: {
    "attachment.state": "Attachments.State",
    "attachment.vpc-id": "Attachments.VpcId",
    "internet-gateway-id": "InternetGatewayId",
    "owner-id": "OwnerId",
  },
  maxResults: 1000,
  output: (items): ec2.DescribeInternetGatewaysResult => ({ InternetGateways: [...items] }),
});

export const describeNetworkInterfaces = describe<ec2.NetworkInterface>({
  items: (resources) => resources.networkInterfaces,
  ids: [
    {
      name: "NetworkInterfaceId",
      of: ({ NetworkInterfaceId }) => NetworkInterfaceId,
      prefix: "eni",
      malformed: "InvalidNetworkInterfaceId.Malformed",
      notFound: "InvalidNetworkInterfaceID.NotFound",
      noun: "networkInterface ID",
    },
  ],
  filters: {
    "addresses.primary": "PrivateIpAddresses.Primary",
    "addresses.private-ip-address": "PrivateIpAddresses.PrivateIpAddress",
    "association.allocation-id": "Association.AllocationId",
    "association.association-id": "Association.AssociationId",
    "association.ip-owner-id": "Association.IpOwnerId",
    "association.public-dns-name": "Association.PublicDnsName",
    "association.public-ip": "Association.PublicIp",
    "attachment.attach-time": "Attachment.AttachTime",
    "attachment.attachment-id": "Attachment.AttachmentId",
    "attachment.delete-on-termination": "Attachment.DeleteOnTermination",
    "attachment.device-index": "Attachment.DeviceIndex",
    "attachment.instance-id": "Attachment.InstanceId",
    "attachment.instance-owner-id": "Attachment.InstanceOwnerId",
    "attachment.status": "Attachment.Status",
    "availability-zone": "AvailabilityZone",
    description: "Description",
    "group-id": "Groups.GroupId",
    "interface-type": "InterfaceType",
    "mac-address": "MacAddress",
    "network-interface-id": "NetworkInterfaceId",
    "owner-id": "OwnerId",
    "private-dns-name": "PrivateDnsName",
    "private-ip-address": "PrivateIpAddress",
    "requester-id": "RequesterId",
    "requester-managed": "RequesterManaged",
    "source-dest-check": "SourceDestCheck",
    status: "Status",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
  },
  maxResults: 1000,
  output: (items): ec2.DescribeNetworkInterfacesResult => ({ NetworkInterfaces: [...items] }),
});
