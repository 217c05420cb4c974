import type { IpPermission, SecurityGroup } from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { idOf } from "./ids.ts";
import { tagsOf } from "./tags.ts";

interface GroupPlan {
  readonly number: number;
  readonly region: string;
  readonly vpc: number;
  readonly name: string;
  readonly description: string;
  readonly ingress: readonly IpPermission[];
  readonly team?: string;
}

interface Sources {
  readonly ipv4?: readonly string[];
  readonly ipv6?: readonly string[];
  /** Numbers of security groups. */
  readonly groups?: readonly number[];
  readonly description?: string;
}

const tcp = (port: number, sources: Sources): IpPermission => ({
  IpProtocol: "tcp",
  FromPort: port,
  ToPort: port,
  ...from(sources),
});

/** Every protocol and port. */
const anything = (sources: Sources): IpPermission => ({ IpProtocol: "-1", ...from(sources) });

function from({ ipv4 = [], ipv6 = [], groups = [], description }: Sources) {
  const described = description === undefined ? {} : { Description: description };
  return {
    IpRanges: ipv4.map((CidrIp) => ({ CidrIp, ...described })),
    Ipv6Ranges: ipv6.map((CidrIpv6) => ({ CidrIpv6, ...described })),
    UserIdGroupPairs: groups.map((group) => ({
      GroupId: idOf("sg", group),
      UserId: DEMO_ACCOUNT_ID,
    })),
    PrefixListIds: [],
  };
}

const ANYWHERE = { ipv4: ["0.0.0.0/0"], ipv6: ["::/0"] };

const PLANS: readonly GroupPlan[] = [
  {
    number: 1,
    region: "us-east-1",
    vpc: 1,
    name: "demo-web",
    description: "Web servers",
    team: "checkout",
    ingress: [
      tcp(443, ANYWHERE),
      // Open to the world, and in use.
      tcp(22, { ipv4: ["0.0.0.0/0"], description: "temporary, for the migration" }),
      anything({ groups: [1] }),
    ],
  },
  {
    number: 2,
    region: "us-east-1",
    vpc: 1,
    name: "demo-database",
    description: "MySQL",
    team: "checkout",
    // Used by a database alone, which shows only in its network interface.
    ingress: [tcp(3306, { ...ANYWHERE, groups: [1] })],
  },
  {
    number: 3,
    region: "eu-west-1",
    vpc: 2,
    name: "demo-eu-app",
    description: "Application servers",
    team: "checkout",
    ingress: [tcp(443, { ipv4: ["10.1.0.0/16"] }), anything({ groups: [3] })],
  },
  {
    number: 4,
    region: "eu-west-1",
    vpc: 2,
    name: "demo-old-bastion",
    description: "Bastion, replaced by Session Manager",
    // Nothing uses it.
    ingress: [tcp(22, { ipv4: ["198.51.100.0/24"], description: "office" })],
  },
  {
    number: 5,
    region: "us-west-2",
    vpc: 3,
    name: "default",
    description: "default VPC security group",
    ingress: [anything({ groups: [5] })],
  },
];

export const securityGroupsIn = (region: string): readonly SecurityGroup[] =>
  PLANS.filter((plan) => plan.region === region).map((plan) => ({
    GroupId: idOf("sg", plan.number),
    SecurityGroupArn: `arn:aws:ec2:${region}:${DEMO_ACCOUNT_ID}:security-group/${idOf("sg", plan.number)}`,
    GroupName: plan.name,
    Description: plan.description,
    OwnerId: DEMO_ACCOUNT_ID,
    VpcId: idOf("vpc", plan.vpc),
    IpPermissions: [...plan.ingress],
    IpPermissionsEgress: [anything({ ipv4: ["0.0.0.0/0"] })],
    Tags: tagsOf({ Team: plan.team }),
  }));

/** A group as its users name it. */
export function groupIdentifier(number: number): { GroupId: string; GroupName: string } {
  const name = PLANS.find((plan) => plan.number === number)?.name ?? "";
  return { GroupId: idOf("sg", number), GroupName: name };
}
