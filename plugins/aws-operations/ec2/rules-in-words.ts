import type { IpPermission, Route } from "@aws-sdk/client-ec2";
import { visible } from "../answer/untrusted.ts";

const protocols: Readonly<Record<string, string>> = {
  tcp: "TCP",
  udp: "UDP",
  icmp: "ICMP",
  icmpv6: "ICMPv6",
  "6": "TCP",
  "17": "UDP",
  "1": "ICMP",
  "58": "ICMPv6",
};

/** What usually listens on a port. */
const listeners: Readonly<Record<number, string>> = {
  22: "SSH",
  25: "SMTP",
  53: "DNS",
  80: "HTTP",
  443: "HTTPS",
  1433: "SQL Server",
  2049: "NFS",
  3306: "MySQL",
  3389: "Remote Desktop",
  5432: "PostgreSQL",
  6379: "Redis",
  9200: "OpenSearch",
  11211: "Memcached",
  27017: "MongoDB",
};

const anywhere = new Set(["0.0.0.0/0", "::/0"]);

/** A rule of a security group: `TCP 22 (SSH) from anywhere (0.0.0.0/0)`. */
export function ruleInWords(rule: IpPermission, direction: "from" | "to"): string {
  return `${trafficOf(rule)} ${direction} ${peersOf(rule).join(", ") || "nobody"}`;
}

function trafficOf({ IpProtocol = "-1", FromPort, ToPort }: IpPermission): string {
  if (IpProtocol === "-1") return "all traffic";
  const protocol = protocols[IpProtocol] ?? `protocol ${IpProtocol}`;
  if (FromPort === undefined || FromPort === -1 || protocol.startsWith("ICMP")) return protocol;
  if (FromPort === 0 && ToPort === 65_535) return `${protocol} on all ports`;
  if (ToPort !== undefined && ToPort !== FromPort) return `${protocol} ${FromPort}-${ToPort}`;
  const listener = listeners[FromPort];
  return `${protocol} ${FromPort}${listener === undefined ? "" : ` (${listener})`}`;
}

function peersOf(rule: IpPermission): string[] {
  const ranges = [
    ...(rule.IpRanges ?? []).map(({ CidrIp = "", Description }) => [CidrIp, Description] as const),
    ...(rule.Ipv6Ranges ?? []).map(
      ({ CidrIpv6 = "", Description }) => [CidrIpv6, Description] as const,
    ),
    ...(rule.PrefixListIds ?? []).map(
      ({ PrefixListId = "", Description }) => [PrefixListId, Description] as const,
    ),
    ...(rule.UserIdGroupPairs ?? []).map(
      ({ GroupId = "", Description }) => [GroupId, Description] as const,
    ),
  ];
  return ranges.map(([peer, description]) => {
    const name = anywhere.has(peer) ? `anywhere (${peer})` : peer;
    return description === undefined || description === ""
      ? name
      : `${name} "${visible(description)}"`;
  });
}

/** A route: `0.0.0.0/0 → igw-…`. */
export function routeInWords(route: Route): string {
  const destination =
    route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;
  const target =
    route.GatewayId ??
    route.NatGatewayId ??
    route.TransitGatewayId ??
    route.VpcPeeringConnectionId ??
    route.EgressOnlyInternetGatewayId ??
    route.NetworkInterfaceId ??
    route.InstanceId ??
    route.LocalGatewayId ??
    route.CarrierGatewayId ??
    route.CoreNetworkArn;
  const gone = route.State === "blackhole" ? " (leads nowhere: its target is gone)" : "";
  return `${destination ?? "?"} → ${target ?? "?"}${gone}`;
}
