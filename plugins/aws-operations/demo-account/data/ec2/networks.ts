import type {
  AttachmentStatus,
  InternetGateway,
  NatGateway,
  Route,
  RouteTable,
  Subnet,
  Vpc,
} from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { Timeline } from "../timeline.ts";
import { ADDRESS_PLANS } from "./addresses.ts";
import { idOf } from "./ids.ts";
import { tagsOf } from "./tags.ts";

/** The network of one region: one VPC with what belongs to it. */
export interface Network {
  readonly vpcs: readonly Vpc[];
  /** Without `AvailableIpAddressCount`, which depends on what is in the subnet. */
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
  readonly internetGateways: readonly InternetGateway[];
  readonly natGateways: readonly NatGateway[];
}

interface SubnetPlan {
  readonly number: number;
  readonly name: string;
  readonly zone: "a" | "b" | "c";
  readonly cidr: string;
  readonly isPublic?: boolean;
}

interface RouteTablePlan {
  readonly number: number;
  readonly name: string;
  readonly isMain?: boolean;
  readonly subnets: readonly number[];
  readonly internet: { readonly gateway: number } | { readonly nat: number; readonly gone?: true };
}

interface NatPlan {
  readonly number: number;
  readonly name: string;
  readonly subnet: number;
  readonly createdDaysAgo: number;
  readonly isDeleted?: true;
}

interface NetworkPlan {
  readonly number: number;
  readonly region: string;
  readonly name: string | undefined;
  readonly cidr: string;
  readonly subnets: readonly SubnetPlan[];
  readonly routeTables: readonly RouteTablePlan[];
  readonly natGateways: readonly NatPlan[];
}

const PLANS: readonly NetworkPlan[] = [
  {
    number: 1,
    region: "us-east-1",
    name: "demo-production",
    cidr: "10.0.0.0/16",
    subnets: [
      { number: 1, name: "demo-public-a", zone: "a", cidr: "10.0.0.0/24", isPublic: true },
      { number: 2, name: "demo-public-b", zone: "b", cidr: "10.0.1.0/24", isPublic: true },
      { number: 3, name: "demo-private-a", zone: "a", cidr: "10.0.16.0/20" },
      { number: 4, name: "demo-private-b", zone: "b", cidr: "10.0.32.0/20" },
      { number: 5, name: "demo-legacy", zone: "c", cidr: "10.0.48.0/24" },
    ],
    routeTables: [
      { number: 1, name: "demo-public", subnets: [1, 2], internet: { gateway: 1 } },
      { number: 2, name: "demo-private", isMain: true, subnets: [3, 4], internet: { nat: 1 } },
      { number: 3, name: "demo-legacy", subnets: [5], internet: { nat: 3, gone: true } },
    ],
    natGateways: [
      { number: 1, name: "demo-nat", subnet: 1, createdDaysAgo: 700 },
      { number: 3, name: "demo-nat-legacy", subnet: 2, createdDaysAgo: 800, isDeleted: true },
    ],
  },
  {
    number: 2,
    region: "eu-west-1",
    name: "demo-production-eu",
    cidr: "10.1.0.0/16",
    subnets: [
      { number: 6, name: "demo-eu-public-a", zone: "a", cidr: "10.1.0.0/24", isPublic: true },
      { number: 7, name: "demo-eu-private-a", zone: "a", cidr: "10.1.16.0/20" },
      { number: 8, name: "demo-eu-private-b", zone: "b", cidr: "10.1.32.0/20" },
    ],
    routeTables: [
      { number: 4, name: "demo-eu-public", subnets: [6], internet: { gateway: 2 } },
      { number: 5, name: "demo-eu-private", isMain: true, subnets: [7, 8], internet: { nat: 2 } },
    ],
    // Its traffic is the account's cost anomaly.
    natGateways: [{ number: 2, name: "demo-eu-nat", subnet: 6, createdDaysAgo: 520 }],
  },
  {
    // Nobody has named anything in the VPC that AWS made.
    number: 3,
    region: "us-west-2",
    name: undefined,
    cidr: "172.31.0.0/16",
    subnets: [
      { number: 9, name: "", zone: "a", cidr: "172.31.0.0/20", isPublic: true },
      { number: 10, name: "", zone: "b", cidr: "172.31.16.0/20", isPublic: true },
    ],
    routeTables: [{ number: 6, name: "", isMain: true, subnets: [], internet: { gateway: 3 } }],
    natGateways: [],
  },
];

/** What AWS says of an attached internet gateway, as documented; the enumeration lacks it. */
const IN_PLACE = "available" as AttachmentStatus;

export function networksOf(timeline: Timeline): ReadonlyMap<string, Network> {
  return new Map(PLANS.map((plan) => [plan.region, networkOf(plan, timeline)]));
}

function networkOf(plan: NetworkPlan, timeline: Timeline): Network {
  const vpcId = idOf("vpc", plan.number);
  const isDefault = plan.name === undefined;
  const named = (name: string | undefined) => tagsOf({ Name: isDefault ? undefined : name });
  return {
    vpcs: [
      {
        VpcId: vpcId,
        OwnerId: DEMO_ACCOUNT_ID,
        State: "available",
        CidrBlock: plan.cidr,
        DhcpOptionsId: `dopt-0a1b2c3d4e5f7a00${plan.number}`,
        InstanceTenancy: "default",
        IsDefault: isDefault,
        CidrBlockAssociationSet: [
          {
            AssociationId: `vpc-cidr-assoc-0a1b2c3d4e5f7b00${plan.number}`,
            CidrBlock: plan.cidr,
            CidrBlockState: { State: "associated" },
          },
        ],
        Tags: named(plan.name),
      },
    ],
    subnets: plan.subnets.map((subnet) => ({
      SubnetId: idOf("subnet", subnet.number),
      SubnetArn: `arn:aws:ec2:${plan.region}:${DEMO_ACCOUNT_ID}:subnet/${idOf("subnet", subnet.number)}`,
      OwnerId: DEMO_ACCOUNT_ID,
      VpcId: vpcId,
      State: "available",
      CidrBlock: subnet.cidr,
      AvailabilityZone: `${plan.region}${subnet.zone}`,
      DefaultForAz: isDefault,
      MapPublicIpOnLaunch: subnet.isPublic ?? false,
      AssignIpv6AddressOnCreation: false,
      Ipv6Native: false,
      Tags: named(subnet.name),
    })),
    routeTables: plan.routeTables.map((table) => ({
      RouteTableId: idOf("rtb", table.number),
      OwnerId: DEMO_ACCOUNT_ID,
      VpcId: vpcId,
      Associations: associationsOf(table),
      PropagatingVgws: [],
      Routes: [localRoute(plan.cidr), internetRoute(table)],
      Tags: named(table.name),
    })),
    internetGateways: [
      {
        InternetGatewayId: idOf("igw", plan.number),
        OwnerId: DEMO_ACCOUNT_ID,
        Attachments: [{ State: IN_PLACE, VpcId: vpcId }],
        Tags: named(plan.name),
      },
    ],
    natGateways: plan.natGateways.map((nat) => natGatewayOf(nat, vpcId, timeline)),
  };
}

function associationsOf({ number, isMain, subnets }: RouteTablePlan): RouteTable["Associations"] {
  const association = (index: number) => ({
    RouteTableAssociationId: idOf("rtbassoc", number * 10 + index),
    RouteTableId: idOf("rtb", number),
    AssociationState: { State: "associated" as const },
  });
  return [
    ...(isMain ? [{ ...association(0), Main: true }] : []),
    ...subnets.map((subnet, index) => ({
      ...association(index + 1),
      Main: false,
      SubnetId: idOf("subnet", subnet),
    })),
  ];
}

const localRoute = (cidr: string): Route => ({
  DestinationCidrBlock: cidr,
  GatewayId: "local",
  Origin: "CreateRouteTable",
  State: "active",
});

function internetRoute({ internet }: RouteTablePlan): Route {
  const route = { DestinationCidrBlock: "0.0.0.0/0", Origin: "CreateRoute" } as const;
  return "gateway" in internet
    ? { ...route, GatewayId: idOf("igw", internet.gateway), State: "active" }
    : {
        ...route,
        NatGatewayId: idOf("nat", internet.nat),
        State: internet.gone ? "blackhole" : "active",
      };
}

function natGatewayOf(plan: NatPlan, vpcId: string, timeline: Timeline): NatGateway {
  const id = idOf("nat", plan.number);
  const address = ADDRESS_PLANS.find(({ usedBy }) => usedBy?.natGateway === plan.number);
  return {
    NatGatewayId: id,
    VpcId: vpcId,
    SubnetId: idOf("subnet", plan.subnet),
    State: plan.isDeleted ? "deleted" : "available",
    ConnectivityType: "public",
    CreateTime: timeline.daysAgo(plan.createdDaysAgo, 7.5),
    // AWS goes on listing a deleted one for a while.
    ...(plan.isDeleted ? { DeleteTime: timeline.daysAgo(0, 0) } : {}),
    NatGatewayAddresses:
      address?.usedBy === undefined
        ? []
        : [
            {
              AllocationId: idOf("eipalloc", address.number),
              AssociationId: idOf("eipassoc", address.number),
              NetworkInterfaceId: idOf("eni", address.usedBy.networkInterface),
              PrivateIp: address.usedBy.privateIp,
              PublicIp: address.publicIp,
              IsPrimary: true,
              Status: "succeeded",
            },
          ],
    Tags: tagsOf({ Name: plan.name, Team: "platform" }),
  };
}
