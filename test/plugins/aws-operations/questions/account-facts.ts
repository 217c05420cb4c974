import type { Instance, Tag } from "@aws-sdk/client-ec2";
import { analyzersIn } from "../../../../plugins/aws-operations/demo-account/data/access-analyzer/analyzers.ts";
import { resourcesIn } from "../../../../plugins/aws-operations/demo-account/data/ec2/resources.ts";
import { Estate } from "../../../../plugins/aws-operations/demo-account/data/estate.ts";
import { identitiesOf } from "../../../../plugins/aws-operations/demo-account/data/iam/identities.ts";
import { noon } from "../helpers.ts";

// What the demo account has, as its own lists say it.

/** The regions that the account uses, and that the questions are asked of. */
export const places = ["us-east-1", "eu-west-1", "us-west-2"] as const;

const estate = new Estate("default", noon);
const regions = places.map((region) => resourcesIn(estate, region));

export const vpcs = regions.flatMap((region) => region.vpcs);
export const subnets = regions.flatMap((region) => region.subnets);
export const natGateways = regions.flatMap((region) => region.natGateways);
export const routeTables = regions.flatMap((region) => region.routeTables);
export const internetGateways = regions.flatMap((region) => region.internetGateways);
export const volumes = regions.flatMap((region) => region.volumes);
export const snapshots = regions.flatMap((region) => region.snapshots);
export const addresses = regions.flatMap((region) => region.addresses);
export const securityGroups = regions.flatMap((region) => region.securityGroups);
export const instances: readonly Instance[] = regions.flatMap((region) =>
  region.instances.map(({ instance }) => instance),
);
export const running = instances.filter(({ State }) => State?.Name === "running");
export const stopped = instances.filter(({ State }) => State?.Name === "stopped");

export const isIn =
  (region: string) =>
  ({ Placement }: Instance): boolean =>
    Placement?.AvailabilityZone?.startsWith(region) ?? false;

export function tag(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find(({ Key }) => Key === key)?.Value;
}

/** The ids of resources. None at all is no fact: a question about nothing would prove nothing. */
export function ids<Key extends string>(
  key: Key,
  resources: readonly { readonly [K in Key]?: string | undefined }[],
): string[] {
  const found = resources.flatMap((resource) => resource[key] ?? []);
  if (found.length === 0) throw new Error(`The demo account has nothing with ${key}`);
  return found;
}

const dayMs = 86_400_000;

export function daysSince(date: Date | undefined): number {
  return Math.floor((noon.getTime() - (date?.getTime() ?? Number.NaN)) / dayMs);
}

/** `User initiated (2026-10-10 08:12:00 GMT)` */
export function stoppedSince({ StateTransitionReason = "" }: Instance): number {
  const [, time = ""] = /\((.*) GMT\)/.exec(StateTransitionReason) ?? [];
  return daysSince(new Date(`${time.replace(" ", "T")}Z`));
}

/** Groups that let in the whole internet on a port that nobody means to show to it. */
export const openGroups = securityGroups.filter(({ IpPermissions = [] }) =>
  IpPermissions.some(
    ({ FromPort, IpRanges = [] }) =>
      (FromPort === 22 || FromPort === 3306) &&
      IpRanges.some(({ CidrIp }) => CidrIp === "0.0.0.0/0"),
  ),
);

/** US dollars a month, by the prices that AWS publishes for us-east-1. */
export function listPrice(volume: (typeof volumes)[number]): number {
  const { VolumeType = "", Size = 0, Iops = 0 } = volume;
  const perGiB: Record<string, number> = { gp3: 0.08, gp2: 0.1, io1: 0.125 };
  const perIops = VolumeType === "io1" ? Iops * 0.065 : 0;
  const above = VolumeType === "gp3" ? Math.max(0, Iops - 3000) * 0.005 : 0;
  return Size * (perGiB[VolumeType] ?? Number.NaN) + perIops + above;
}

const identities = identitiesOf(estate);
const { groups, roles, policies } = identities;
export const { users, root } = identities;
export const withoutMfa = users.filter(({ password, hasMfa }) => password !== undefined && !hasMfa);

const isAdministrator = (attached: readonly { PolicyName?: string | undefined }[] = []): boolean =>
  attached.some(({ PolicyName = "" }) => /^(AdministratorAccess|demo-deploy)$/.test(PolicyName));
const adminGroups = new Set(
  groups
    .filter((group) => isAdministrator(group.AttachedManagedPolicies))
    .map(({ GroupName }) => GroupName),
);
/** By a policy that allows everything: their own, or that of a group. */
export const adminUsers = users
  .filter(
    ({ detail }) =>
      isAdministrator(detail.AttachedManagedPolicies) ||
      detail.GroupList.some((name) => adminGroups.has(name)),
  )
  .map(({ detail }) => detail.UserName);
export const adminRoles = roles
  .filter((role) => isAdministrator(role.AttachedManagedPolicies))
  .map(({ RoleName }) => RoleName);

/** Policies whose version in force allows every action, or all of a service, on everything. */
export const widePolicies = policies
  .filter(({ Arn = "" }) => !Arn.startsWith("arn:aws:iam::aws:"))
  .filter(({ PolicyVersionList = [] }) => {
    const document = PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion)?.Document;
    const { Statement } = JSON.parse(decodeURIComponent(document ?? "")) as {
      Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
    };
    return Statement.some(
      ({ Effect, Action, Resource }) =>
        Effect === "Allow" &&
        [Resource].flat().includes("*") &&
        [Action].flat().some((action) => action === "*" || action.endsWith(":*")),
    );
  })
  .map(({ PolicyName = "" }) => PolicyName);

const findings = places.flatMap((region) =>
  analyzersIn(estate, region).flatMap((analyzer) => analyzer.findings),
);
export const publicResources = findings
  .filter(({ isPublic, summary }) => isPublic === true && summary.status === "ACTIVE")
  .map(({ summary }) => summary.resource);
/** Of other accounts, by name: `role/demo-data-share`. */
export const shared = findings
  .filter(({ isPublic, summary }) => isPublic === false && summary.status === "ACTIVE")
  .map(({ summary, principal }) => ({ resource: nameOf(summary.resource), principal }));
export const archived = findings
  .filter(({ summary }) => summary.status === "ARCHIVED")
  .map(({ summary }) => nameOf(summary.resource));
export const unused = findings
  .filter(({ summary }) => summary.findingType.startsWith("Unused"))
  .map(({ summary }) => nameOf(summary.resource));

/** The last part of an ARN. */
export function nameOf(arn: string): string {
  return arn.split(":").at(-1) ?? "";
}
