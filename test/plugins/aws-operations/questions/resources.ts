import { RIGHTSIZINGS } from "../../../../plugins/aws-operations/demo-account/data/rightsizing.ts";
import {
  addresses,
  ids,
  instances,
  internetGateways,
  isIn,
  listPrice,
  natGateways,
  routeTables,
  running,
  snapshots,
  daysSince,
  stopped,
  stoppedSince,
  subnets,
  tag,
  volumes,
  vpcs,
} from "./account-facts.ts";
import { usd } from "./cost-facts.ts";
import type { Question } from "./question.ts";

const inventory = "aws_resource_inventory";
const unused = "aws_unused_resources";

const loose = volumes.filter(({ State }) => State === "available");
const loosePrice = loose.reduce((sum, volume) => sum + listPrice(volume), 0);
const looseAddresses = addresses.filter(({ AssociationId }) => AssociationId === undefined);
const irish = running.filter(isIn("eu-west-1"));
const checkout = instances.filter(({ Tags }) => tag(Tags, "Team") === "checkout");
const longStopped = stopped.filter((instance) => stoppedSince(instance) > 30);
const shortStopped = stopped.filter((instance) => stoppedSince(instance) <= 30);
const olderThan = (days: number) =>
  snapshots.filter(({ StartTime }) => daysSince(StartTime) > days);
const idle = new Set(ids("InstanceId", stopped));
const onStopped = volumes.filter(({ Attachments = [] }) =>
  Attachments.some(({ InstanceId = "" }) => idle.has(InstanceId)),
);

/** Each counted once; the one more is a security group that nothing uses. */
const dispensable =
  [loose, onStopped, olderThan(90), longStopped, looseAddresses].flat().length + 1;

export const resourceQuestions: readonly Question[] = [
  {
    question: "List all running EC2 instances",
    call: [inventory, { types: ["instances"], state: ["running"] }],
    text: ids("InstanceId", running),
    without: ids("InstanceId", stopped),
    data: { instances: { status: "ok", count: running.length } },
  },
  {
    question: "Create a new VPC",
    call: [inventory, { types: ["vpcs", "subnets"], message: "Create a new VPC" }],
    text: vpcs.flatMap(({ VpcId = "", CidrBlock = "" }) => [VpcId, CidrBlock]),
    next: "aws_change_plan",
  },
  {
    question: "Resize EBS volume",
    call: [inventory, { types: ["volumes"], message: "Resize EBS volume" }],
    text: volumes.flatMap(({ VolumeId = "", Size }) => [VolumeId, `GiB ${Size}`]),
    next: "aws_change_plan",
  },
  {
    question: "Check unused resources",
    call: [unused, {}],
    text: [
      ...ids("VolumeId", loose),
      ...ids("AllocationId", looseAddresses),
      ...ids("InstanceId", longStopped),
    ],
    data: { unattached_volumes: { count: loose.length } },
    next: "aws_change_plan",
  },
  {
    question: "Optimize resource allocation",
    call: [unused, { regions: ["all"] }],
    text: ["a month could be saved", usd(loosePrice), "previous generation"],
    data: { totals: { resources: dispensable } },
    next: "aws_cost_analysis",
  },
  {
    question: "Which volumes are attached to nothing?",
    call: [unused, { checks: ["unattached_volumes"] }],
    text: [...ids("VolumeId", loose), usd(loosePrice)],
    without: ids("VolumeId", onStopped),
    data: { unattached_volumes: { status: "ok", count: loose.length } },
  },
  {
    question: "What runs in Ireland?",
    call: [inventory, { types: ["instances"], state: ["running"], regions: ["eu-west-1"] }],
    text: ids("InstanceId", irish),
    without: running.filter(isIn("us-east-1")).flatMap(({ Tags }) => tag(Tags, "Name") ?? []),
    data: { instances: { count: irish.length, byRegion: { "eu-west-1": irish.length } } },
  },
  {
    question: "Which instances belong to the checkout team?",
    call: [inventory, { types: ["instances"], tags: { Team: "checkout" } }],
    text: ids("InstanceId", checkout),
    data: { instances: { status: "ok", count: checkout.length } },
  },
  {
    question: "Which Elastic IPs does nobody use?",
    call: [inventory, { types: ["addresses"], state: ["unassociated"] }],
    text: looseAddresses.map(({ PublicIp = "" }) => PublicIp),
    data: { addresses: { status: "ok", count: looseAddresses.length } },
    next: unused,
  },
  {
    question: "How is the network laid out?",
    call: [
      inventory,
      { types: ["vpcs", "subnets", "route_tables", "internet_gateways", "nat_gateways"] },
    ],
    data: {
      vpcs: { count: vpcs.length },
      subnets: { count: subnets.length },
      route_tables: { count: routeTables.length },
      internet_gateways: { count: internetGateways.length },
      nat_gateways: { count: natGateways.length },
    },
  },
  {
    question: "Are there routes that lead nowhere?",
    call: [inventory, { types: ["route_tables"] }],
    text: routeTables
      .filter(({ Routes = [] }) => Routes.some(({ State }) => State === "blackhole"))
      .flatMap(({ RouteTableId = "" }) => [RouteTableId, "leads nowhere"]),
  },
  {
    question: "Which snapshots are over a year old?",
    call: [unused, { checks: ["snapshots"], snapshotDays: 365 }],
    text: ids("SnapshotId", olderThan(365)),
  },
  {
    question: "Which instances have been stopped for more than a month?",
    call: [unused, { checks: ["stopped_instances"] }],
    text: ids("InstanceId", longStopped),
    without: ids("InstanceId", shortStopped),
    data: { stopped_instances: { count: longStopped.length } },
  },
  {
    question: "What do the disks of stopped instances cost us?",
    call: [unused, { checks: ["volumes_of_stopped_instances"] }],
    text: [
      ...ids("VolumeId", onStopped),
      usd(onStopped.reduce((sum, volume) => sum + listPrice(volume), 0)),
    ],
  },
  {
    question: "Which volumes would be cheaper as gp3?",
    call: [unused, { checks: ["gp2_volumes"] }],
    text: ids(
      "VolumeId",
      volumes.filter(({ VolumeType }) => VolumeType === "gp2"),
    ),
  },
  {
    question: "Do we still have instances of an old generation?",
    call: [unused, { checks: ["previous_generation"] }],
    text: instances
      .filter(({ InstanceType = "" }) => InstanceType.startsWith("m4."))
      .flatMap(({ InstanceId = "", InstanceType = "" }) => [InstanceId, InstanceType, "m6i.large"]),
  },
  {
    question: "Which instances are larger than they need to be?",
    call: [unused, { checks: ["stopped_instances"], rightsizing: true }],
    text: RIGHTSIZINGS.map(({ instance }) => instance.id),
    data: { rightsizing: { status: "ok", count: RIGHTSIZINGS.length }, meta: { ceRequests: 1 } },
  },
  {
    question: "What does it cost to keep unused addresses?",
    call: [unused, { checks: ["unassociated_addresses"] }],
    // $0.005 an hour, 730 hours.
    text: [usd(looseAddresses.length * 3.65)],
  },
];
