import type { NetworkInterface, SecurityGroup } from "@aws-sdk/client-ec2";
import { isToolError } from "../aws/errors.ts";
import { type Finding, findingOf, type OkFindings } from "../security/finding.ts";
import type { Severity } from "../security/severity.ts";
import { type Opening, openingsOf } from "./open-ports.ts";
import { lookInRegions, type Looked, type ScanSource } from "./source.ts";

/** The security groups that let the whole internet at sensitive ports, and what they are attached to. */
export function networkSection(source: ScanSource): Promise<OkFindings> {
  return lookInRegions(source, (region) => lookIn(source, region));
}

interface OpenGroup {
  readonly group: SecurityGroup;
  readonly openings: readonly Opening[];
}

async function lookIn(source: ScanSource, region: string): Promise<Looked> {
  const { groups, truncated } = await source.analyzer.securityGroups(region, source.scope);
  const open = groups
    .map((group): OpenGroup => ({ group, openings: openingsOf(group.IpPermissions) }))
    .filter(({ openings }) => openings.length > 0);
  const warnings: string[] = [];
  if (truncated) warnings.push(`${region}: AWS had more security groups than are read.`);
  const { interfaces, code } = await attachments(source, open, region);
  if (code !== undefined) {
    warnings.push(
      `${region}: what the open security groups are attached to could not be read (${code}); they are judged as if in use.`,
    );
  }
  return {
    findings: open.map((one) => toFinding(source, region, one, interfaces)),
    state: { state: "checked" },
    complete: !truncated,
    warnings,
  };
}

async function attachments(
  { analyzer, scope }: ScanSource,
  open: readonly OpenGroup[],
  region: string,
): Promise<{ readonly interfaces?: readonly NetworkInterface[]; readonly code?: string }> {
  const ids = open.flatMap(({ group }) => group.GroupId ?? []);
  if (ids.length === 0) return { interfaces: [] };
  try {
    return { interfaces: await analyzer.interfacesOf(ids, region, scope) };
  } catch (error) {
    if (!isToolError(error) || error.code === "CANCELLED") throw error;
    return { code: error.code };
  }
}

function toFinding(
  { query }: ScanSource,
  region: string,
  { group, openings }: OpenGroup,
  interfaces: readonly NetworkInterface[] | undefined,
): Finding {
  const users = interfaces?.filter(({ Groups = [] }) =>
    Groups.some(({ GroupId }) => GroupId === group.GroupId),
  );
  const reachable = users?.filter((one) => isReachable(one, openings));
  return findingOf(
    "OPEN_TO_WORLD",
    {
      severity: severityOf(openings, reachable?.length),
      resource: `${group.GroupId} (${group.GroupName})`,
      resourceType: "AWS::EC2::SecurityGroup",
      region,
      details: [
        ...openings.map(({ ports, from }) => `${ports} from ${from.join(", ")}`),
        ...attachedTo(users, reachable?.length ?? 0),
      ],
      remedy:
        users?.length === 0
          ? "Nothing uses it: delete it, or remove the rule."
          : "Replace the source by the networks that need it, or use Session Manager instead of an open port.",
    },
    query.frameworks,
  );
}

/** Reachable: as grave as the ports. Not, or not now: the rule waits for the first address. */
function severityOf(openings: readonly Opening[], reachable: number | undefined): Severity {
  if (reachable === 0) return "MEDIUM";
  return openings.some(({ isEverything }) => isEverything) ? "CRITICAL" : "HIGH";
}

/** Whether it has an address of the kind that a rule lets in. */
function isReachable(
  { Association, PrivateIpAddresses = [], Ipv6Addresses = [] }: NetworkInterface,
  openings: readonly Opening[],
): boolean {
  const has4 =
    Association?.PublicIp !== undefined ||
    PrivateIpAddresses.some((one) => one.Association?.PublicIp !== undefined);
  const isOpen = (version: 4 | 6) => openings.some(({ versions }) => versions.includes(version));
  return (has4 && isOpen(4)) || (Ipv6Addresses.length > 0 && isOpen(6));
}

const mostNamed = 5;

function attachedTo(
  users: readonly NetworkInterface[] | undefined,
  reachable: number,
): readonly string[] {
  if (users === undefined) return ["attached to: unknown"];
  if (users.length === 0) return ["attached to nothing"];
  const names = [...new Set(users.map(nameOf))];
  const more = names.length - mostNamed;
  const some = names.slice(0, mostNamed).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return [
    `attached to ${some}`,
    reachable === 0
      ? "none of them with a public address"
      : `${reachable} of ${users.length} with a public address`,
  ];
}

function nameOf({ Attachment, Description, NetworkInterfaceId }: NetworkInterface): string {
  if (Attachment?.InstanceId !== undefined) return Attachment.InstanceId;
  return `${Description === undefined || Description === "" ? "interface" : Description} ${NetworkInterfaceId}`;
}
