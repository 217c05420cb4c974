import type { Address } from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { idOf } from "./ids.ts";
import { tagsOf } from "./tags.ts";

interface AddressPlan {
  readonly number: number;
  readonly region: string;
  readonly publicIp: string;
  readonly name?: string;
  /** Nobody, and then it costs money for nothing. */
  readonly usedBy?: {
    readonly natGateway: number;
    readonly networkInterface: number;
    readonly privateIp: string;
  };
}

export const ADDRESS_PLANS: readonly AddressPlan[] = [
  {
    number: 1,
    region: "us-east-1",
    publicIp: "203.0.113.10",
    name: "demo-nat",
    usedBy: { natGateway: 1, networkInterface: 15, privateIp: "10.0.0.20" },
  },
  {
    number: 2,
    region: "eu-west-1",
    publicIp: "203.0.113.20",
    name: "demo-eu-nat",
    usedBy: { natGateway: 2, networkInterface: 16, privateIp: "10.1.0.20" },
  },
  { number: 3, region: "us-east-1", publicIp: "203.0.113.30", name: "demo-old-vpn" },
  { number: 4, region: "eu-west-1", publicIp: "203.0.113.40" },
];

/** The Elastic IP addresses of a region. */
export const addressesIn = (region: string): readonly Address[] =>
  ADDRESS_PLANS.filter((plan) => plan.region === region).map((plan) => ({
    AllocationId: idOf("eipalloc", plan.number),
    PublicIp: plan.publicIp,
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: region,
    Tags: tagsOf({ Name: plan.name }),
    ...(plan.usedBy === undefined
      ? {}
      : {
          AssociationId: idOf("eipassoc", plan.number),
          NetworkInterfaceId: idOf("eni", plan.usedBy.networkInterface),
          NetworkInterfaceOwnerId: DEMO_ACCOUNT_ID,
          PrivateIpAddress: plan.usedBy.privateIp,
        }),
  }));
