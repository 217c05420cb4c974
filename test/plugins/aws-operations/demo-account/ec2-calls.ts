import * as sdk from "@aws-sdk/client-ec2";
import type { RegionResources } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { allOf } from "./helpers.ts";

interface Listing {
  readonly list: (client: sdk.EC2Client) => Promise<{ items: object[]; pages: number }>;
  readonly expected: (resources: RegionResources) => readonly object[];
}

/** How each list is read to its end with the SDK, and what it should then hold. */
export const LISTINGS: readonly (readonly [operation: string, Listing])[] = [
  [
    "DescribeInstances",
    {
      list: (client) =>
        allOf(sdk.paginateDescribeInstances({ client }, {}), ({ Reservations = [] }) =>
          Reservations.flatMap(({ Instances = [], ...reservation }) =>
            Instances.map((instance) => ({ reservation, instance })),
          ),
        ),
      expected: ({ instances }) =>
        instances.map(({ reservation, instance }) => ({ reservation, instance })),
    },
  ],
  [
    "DescribeInstanceStatus",
    {
      list: (client) =>
        allOf(
          sdk.paginateDescribeInstanceStatus({ client }, { IncludeAllInstances: true }),
          ({ InstanceStatuses }) => InstanceStatuses,
        ),
      expected: ({ instances }) => instances.map(({ status }) => status),
    },
  ],
  [
    "DescribeVolumes",
    {
      list: (client) =>
        allOf(sdk.paginateDescribeVolumes({ client }, {}), ({ Volumes }) => Volumes),
      expected: ({ volumes }) => volumes,
    },
  ],
  [
    "DescribeSnapshots",
    {
      list: (client) =>
        allOf(sdk.paginateDescribeSnapshots({ client }, {}), ({ Snapshots }) => Snapshots),
      expected: ({ snapshots, publicSnapshots }) => [...snapshots, ...publicSnapshots],
    },
  ],
  [
    "DescribeAddresses",
    {
      list: async (client) => {
        const { Addresses = [] } = await client.send(new sdk.DescribeAddressesCommand({}));
        return { items: Addresses, pages: 1 };
      },
      expected: ({ addresses }) => addresses,
    },
  ],
  [
    "DescribeNatGateways",
    {
      list: (client) =>
        allOf(sdk.paginateDescribeNatGateways({ client }, {}), ({ NatGateways }) => NatGateways),
      expected: ({ natGateways }) => natGateways,
    },
  ],
  [
    "DescribeSecurityGroups",
    {
      list: (client) =>
        allOf(
          sdk.paginateDescribeSecurityGroups({ client }, {}),
          ({ SecurityGroups }) => SecurityGroups,
        ),
      expected: ({ securityGroups }) => securityGroups,
    },
  ],
  [
    "DescribeVpcs",
    {
      list: (client) => allOf(sdk.paginateDescribeVpcs({ client }, {}), ({ Vpcs }) => Vpcs),
      expected: ({ vpcs }) => vpcs,
    },
  ],
  [
    "DescribeSubnets",
    {
      list: (client) =>
        allOf(sdk.paginateDescribeSubnets({ client }, {}), ({ Subnets }) => Subnets),
      expected: ({ subnets }) => subnets,
    },
  ],
  [
    "DescribeRouteTables",
    {
      list: (client) =>
        allOf(sdk.paginateDescribeRouteTables({ client }, {}), ({ RouteTables }) => RouteTables),
      expected: ({ routeTables }) => routeTables,
    },
  ],
  [
    "DescribeInternetGateways",
    {
      list: (client) =>
        allOf(
          sdk.paginateDescribeInternetGateways({ client }, {}),
          ({ InternetGateways }) => InternetGateways,
        ),
      expected: ({ internetGateways }) => internetGateways,
    },
  ],
  [
    "DescribeNetworkInterfaces",
    {
      list: (client) =>
        allOf(
          sdk.paginateDescribeNetworkInterfaces({ client }, {}),
          ({ NetworkInterfaces }) => NetworkInterfaces,
        ),
      expected: ({ networkInterfaces }) => networkInterfaces,
    },
  ],
];
