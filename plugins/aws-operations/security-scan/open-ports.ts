import type { IpPermission } from "@aws-sdk/client-ec2";

/** Something that a security group lets the whole internet do. */
export interface Opening {
  /** `SSH (tcp 22)`. */
  readonly ports: string;
  /** The networks, as they stand in the rule. */
  readonly from: readonly string[];
  readonly versions: readonly (4 | 6)[];
  /** Every port, or nearly. */
  readonly isEverything: boolean;
}

/** Ports behind which there is administration or data. */
const sensitive: readonly (readonly [port: number, name: string])[] = [
  [21, "FTP"],
  [22, "SSH"],
  [23, "Telnet"],
  [111, "RPC"],
  [135, "Windows RPC"],
  [139, "NetBIOS"],
  [161, "SNMP"],
  [389, "LDAP"],
  [445, "SMB"],
  [873, "rsync"],
  [1433, "SQL Server"],
  [1521, "Oracle"],
  [2049, "NFS"],
  [2375, "Docker"],
  [2376, "Docker"],
  [2379, "etcd"],
  [3306, "MySQL"],
  [3389, "RDP"],
  [5432, "PostgreSQL"],
  [5439, "Redshift"],
  [5601, "Kibana"],
  [5900, "VNC"],
  [5985, "WinRM"],
  [5986, "WinRM"],
  [6379, "Redis"],
  [6443, "Kubernetes"],
  [9042, "Cassandra"],
  [9092, "Kafka"],
  [9200, "Elasticsearch"],
  [9300, "Elasticsearch"],
  [10_250, "kubelet"],
  [11_211, "Memcached"],
  [27_017, "MongoDB"],
];

/** A range of so many ports is not about one of them. */
const manyPorts = 10_000;

const everyProtocol = "-1";
const numbered: Readonly<Record<string, string>> = { "6": "tcp", "17": "udp" };

/** What the rules let the whole internet do with sensitive ports; web servers and pings are no concern. */
export function openingsOf(rules: readonly IpPermission[] = []): Opening[] {
  return rules.flatMap((rule) => {
    const v4 = (rule.IpRanges ?? []).flatMap(({ CidrIp = "" }) =>
      isWorld(CidrIp, 7) ? [CidrIp] : [],
    );
    const v6 = (rule.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 = "" }) =>
      isWorld(CidrIpv6, 3) ? [CidrIpv6] : [],
    );
    const what = portsOf(rule);
    if (what === undefined || v4.length + v6.length === 0) return [];
    const versions = [
      ...(v4.length > 0 ? [4 as const] : []),
      ...(v6.length > 0 ? [6 as const] : []),
    ];
    return [{ ...what, from: [...v4, ...v6], versions }];
  });
}

/** A network so large that no owner has it: 0.0.0.0/0, or one half of it. */
function isWorld(cidr: string, mostBits: number): boolean {
  const bits = /\/(\d+)$/.exec(cidr)?.[1];
  return bits !== undefined && Number(bits) <= mostBits;
}

function portsOf({
  IpProtocol = "",
  FromPort = 0,
  ToPort = 65_535,
}: IpPermission): Pick<Opening, "ports" | "isEverything"> | undefined {
  if (IpProtocol === everyProtocol) return { ports: "everything", isEverything: true };
  const protocol = numbered[IpProtocol] ?? IpProtocol;
  if (protocol !== "tcp" && protocol !== "udp") return undefined;
  if (ToPort - FromPort >= manyPorts) {
    return { ports: `${protocol} ${FromPort}-${ToPort}`, isEverything: true };
  }
  const names = sensitive.filter(([port]) => FromPort <= port && port <= ToPort);
  if (names.length === 0) return undefined;
  const range = FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`;
  const distinct = [...new Set(names.map(([, name]) => name))];
  return { ports: `${distinct.join(", ")} (${protocol} ${range})`, isEverything: false };
}
