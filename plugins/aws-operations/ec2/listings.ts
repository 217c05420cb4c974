import type * as sdk from "@aws-sdk/client-ec2";
import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import type { InputOf, OutputOf } from "../aws/sdk.ts";
import type { OperationOf } from "../aws/services.ts";

/** What a region has of one kind, read to the end. */
export type Listing<Item> = (
  api: AwsApi,
  region: string,
  scope?: CallScope,
) => Promise<{ readonly value: readonly Item[]; readonly truncated: boolean }>;

const ttlMs = 5 * 60_000;

/** All tools ask in the same words, so that they share the answers; they choose from them by themselves. */
function listing<Op extends OperationOf<"ec2">, Item>(
  operation: Op,
  input: InputOf<"ec2", Op>,
  itemsOf: (page: OutputOf<"ec2", Op>) => readonly Item[] | undefined,
): Listing<Item> {
  return (api, region, scope) =>
    api.ask(
      {
        service: "ec2",
        operation,
        input,
        region,
        ttlMs,
        missing: (page) => (itemsOf(page) === undefined ? "a list" : undefined),
        read: (pages) => pages.flatMap((page) => itemsOf(page) ?? []),
      },
      scope,
    );
}

const most = { MaxResults: 1000 };

export const listings = {
  instances: listing("DescribeInstances", most, ({ Reservations }): sdk.Instance[] | undefined =>
    Reservations?.flatMap(({ Instances = [] }) => Instances),
  ),
  volumes: listing("DescribeVolumes", most, ({ Volumes }) => Volumes),
  addresses: listing("DescribeAddresses", {}, ({ Addresses }) => Addresses),
  // Without an owner, AWS lists the snapshots of everybody who shares theirs.
  snapshots: listing(
    "DescribeSnapshots",
    { ...most, OwnerIds: ["self"] },
    ({ Snapshots }) => Snapshots,
  ),
  natGateways: listing("DescribeNatGateways", most, ({ NatGateways }) => NatGateways),
  vpcs: listing("DescribeVpcs", most, ({ Vpcs }) => Vpcs),
  subnets: listing("DescribeSubnets", most, ({ Subnets }) => Subnets),
  securityGroups: listing("DescribeSecurityGroups", most, ({ SecurityGroups }) => SecurityGroups),
  routeTables: listing(
    "DescribeRouteTables",
    { MaxResults: 100 },
    ({ RouteTables }) => RouteTables,
  ),
  internetGateways: listing(
    "DescribeInternetGateways",
    most,
    ({ InternetGateways }) => InternetGateways,
  ),
  networkInterfaces: listing(
    "DescribeNetworkInterfaces",
    most,
    ({ NetworkInterfaces }) => NetworkInterfaces,
  ),
};
