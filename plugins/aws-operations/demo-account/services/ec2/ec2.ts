import { ENABLED_REGIONS } from "../../data/regions.ts";
import { ec2Query } from "../../protocol/ec2-query.ts";
import type { Service } from "../service.ts";
import * as compute from "./compute.ts";
import { ELEMENTS } from "./elements.ts";
import * as network from "./network.ts";

export const ec2: Service = {
  signingName: "ec2",
  regions: ENABLED_REGIONS,
  protocol: ec2Query("2016-11-15", ELEMENTS),
  permission: (name) => ({ action: `ec2:${name}` }),
  operations: new Map([
    ["DescribeAddresses", network.describeAddresses],
    ["DescribeInstanceStatus", compute.describeInstanceStatus],
    ["DescribeInstances", compute.describeInstances],
    ["DescribeInternetGateways", network.describeInternetGateways],
    ["DescribeNatGateways", network.describeNatGateways],
    ["DescribeNetworkInterfaces", network.describeNetworkInterfaces],
    ["DescribeRegions", compute.describeRegions],
    ["DescribeRouteTables", network.describeRouteTables],
    ["DescribeSecurityGroups", network.describeSecurityGroups],
    ["DescribeSnapshots", compute.describeSnapshots],
    ["DescribeSubnets", network.describeSubnets],
    ["DescribeVolumes", compute.describeVolumes],
    ["DescribeVpcs", network.describeVpcs],
  ]),
};
