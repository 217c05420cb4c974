import type { Authorizations } from "./aws-iam-reader.ts";
import { type Reach, reachOf, type Trusted, trustedBy } from "./policy-documents.ts";

/** A user or a role that can do everything, or can make itself one that can. */
export interface Administrator {
  readonly kind: "user" | "role";
  readonly name: string;
  readonly arn: string;
  /** `full`: every action on everything. `iam`: all of IAM, which is the way to it. */
  readonly level: "full" | "iam";
  /** `policy AdministratorAccess`, `group administrators: AdministratorAccess`. */
  readonly via: readonly string[];
  /** By a policy of its own, not through a group. */
  readonly isDirect: boolean;
  /** A permissions boundary, which may leave less. */
  readonly boundary: string | undefined;
  /** Who may assume the role; undefined for a user, or if it cannot be read. */
  readonly trusts: readonly Trusted[] | undefined;
}

export interface Administrators {
  readonly administrators: readonly Administrator[];
  /** Policies that could not be read. */
  readonly unread: readonly string[];
}

/** AWS's own policies that make an administrator, by the end of their ARN. */
const awsManaged: Readonly<Record<string, Administrator["level"]>> = {
  "policy/AdministratorAccess": "full",
  "policy/AdministratorAccess-Amplify": "full",
  "policy/IAMFullAccess": "iam",
};

interface Grant {
  readonly level: Administrator["level"];
  readonly by: string;
}

interface Holder {
  readonly AttachedManagedPolicies?:
    | readonly {
        readonly PolicyArn?: string | undefined;
        readonly PolicyName?: string | undefined;
      }[]
    | undefined;
  readonly inline: readonly {
    readonly PolicyName?: string | undefined;
    readonly PolicyDocument?: string | undefined;
  }[];
}

/** Everybody who is an administrator, by whatever way. Denials and boundaries are not taken into account. */
export function administratorsIn({
  users,
  groups,
  roles,
  policies,
}: Authorizations): Administrators {
  const unread: string[] = [];
  const levels = new Map(
    policies.map(({ Arn = "", PolicyName = "", DefaultVersionId, PolicyVersionList = [] }) => {
      const version = PolicyVersionList.find(({ VersionId }) => VersionId === DefaultVersionId);
      return [Arn, levelOf(version?.Document, PolicyName)];
    }),
  );
  function levelOf(document: string | undefined, name: string): Grant["level"] | undefined {
    const reach = reachOf(document);
    if (reach === undefined) unread.push(name);
    return reach && levelBy(reach);
  }
  function grantsOf({ AttachedManagedPolicies = [], inline }: Holder): Grant[] {
    const attached = AttachedManagedPolicies.map(({ PolicyArn = "", PolicyName = "" }) => ({
      by: PolicyName,
      level: levels.get(PolicyArn) ?? awsLevel(PolicyArn),
    }));
    const own = inline.map(({ PolicyName = "", PolicyDocument }) => ({
      by: `${PolicyName} (inline)`,
      level: levelOf(PolicyDocument, PolicyName),
    }));
    return [...attached, ...own].flatMap(({ by, level }) =>
      level === undefined ? [] : [{ by, level }],
    );
  }
  const byGroup = new Map(
    groups.map((group) => [
      group.GroupName ?? "",
      grantsOf({ ...group, inline: group.GroupPolicyList ?? [] }),
    ]),
  );
  const people = users.flatMap((user) => {
    const own = grantsOf({ ...user, inline: user.UserPolicyList ?? [] });
    const through = (user.GroupList ?? []).flatMap((group) =>
      (byGroup.get(group) ?? []).map(({ by, level }) => ({ level, by: `group ${group}: ${by}` })),
    );
    const { UserName, Arn, PermissionsBoundary } = user;
    const about = {
      kind: "user",
      name: UserName,
      arn: Arn,
      boundary: PermissionsBoundary,
    } as const;
    return administrator(about, own, through);
  });
  const assumed = roles
    // AWS's own, which nobody else can assume.
    .filter(({ Path = "" }) => !Path.startsWith("/aws-service-role/"))
    .flatMap((role) => {
      const own = grantsOf({ ...role, inline: role.RolePolicyList ?? [] });
      const { RoleName, Arn, PermissionsBoundary, AssumeRolePolicyDocument } = role;
      const about = {
        kind: "role",
        name: RoleName,
        arn: Arn,
        boundary: PermissionsBoundary,
      } as const;
      return administrator({ ...about, trusts: trustedBy(AssumeRolePolicyDocument) }, own, []);
    });
  return { administrators: [...people, ...assumed], unread };
}

interface About {
  readonly kind: Administrator["kind"];
  readonly name: string | undefined;
  readonly arn: string | undefined;
  readonly boundary: { readonly PermissionsBoundaryArn?: string | undefined } | undefined;
  readonly trusts?: readonly Trusted[] | undefined;
}

function administrator(
  { kind, name = "", arn = "", boundary, trusts }: About,
  own: readonly Grant[],
  through: readonly Grant[],
): Administrator[] {
  const all = [...own, ...through];
  if (all.length === 0) return [];
  const level = all.some((grant) => grant.level === "full") ? "full" : "iam";
  return [
    {
      kind,
      name,
      arn,
      level,
      via: all.filter((grant) => grant.level === level).map(({ by }) => by),
      isDirect: own.some((grant) => grant.level === level),
      boundary: boundary?.PermissionsBoundaryArn,
      trusts,
    },
  ];
}

function levelBy({ everything, services, conditional }: Reach): Grant["level"] | undefined {
  // A condition may leave anything or nothing; it is told among the policies.
  if (conditional) return undefined;
  if (everything) return "full";
  return services.includes("iam") ? "iam" : undefined;
}

function awsLevel(arn: string): Grant["level"] | undefined {
  const end = /^arn:[\w-]+:iam::aws:(policy\/.+)$/.exec(arn)?.[1];
  return end !== undefined && Object.hasOwn(awsManaged, end) ? awsManaged[end] : undefined;
}
