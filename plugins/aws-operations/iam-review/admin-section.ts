import { isToolError } from "../aws/errors.ts";
import { partitionOf } from "../aws/partition.ts";
import { type Finding, findingOf, findingsOf, type OkFindings } from "../security/finding.ts";
import type { RuleId } from "../security/rules.ts";
import type { Administrator } from "./administrators.ts";
import type { Credentials } from "./credential-report.ts";
import type { Trusted } from "./policy-documents.ts";
import type { ReviewSource } from "./source.ts";

/** An administrator, as the answer shows them. */
export interface AdministratorRow {
  readonly name: string;
  readonly kind: string;
  readonly level: string;
  readonly via: string[];
  readonly mfa?: boolean;
  readonly activeKeys?: number;
  readonly trusts?: string[];
  readonly boundary?: string;
}

export interface AdminReview {
  readonly section: OkFindings;
  readonly rows: readonly AdministratorRow[];
}

/** Who can do everything. */
export async function reviewAdmins(source: ReviewSource): Promise<AdminReview> {
  const [known, { report, code }] = await Promise.all([knownAdmins(source), source.reportIfAny()]);
  const { administrators, warnings } = known;
  const credentials = new Map(report?.credentials.map((one) => [one.user, one]));
  if (code !== undefined) {
    warnings.push(`MFA and keys of the administrators are unknown (${code}).`);
  }
  const findings = administrators.flatMap((one) =>
    findingsAbout(one, one.kind === "user" ? credentials.get(one.name) : undefined, source),
  );
  const users = administrators.filter(({ kind }) => kind === "user").length;
  return {
    section: findingsOf(findings, {
      complete: warnings.length === 0,
      ...(warnings.length > 0 && { warnings }),
      counts: { users, roles: administrators.length - users },
    }),
    rows: administrators.map((one) => rowOf(one, credentials.get(one.name))),
  };
}

async function knownAdmins(
  source: ReviewSource,
): Promise<{ readonly administrators: readonly Administrator[]; readonly warnings: string[] }> {
  try {
    const { administrators, unread, truncated } = await source.administrators();
    const warnings = [];
    if (truncated) warnings.push("IAM had more users, roles and policies than are read.");
    if (unread.length > 0) {
      warnings.push(
        `Policies that could not be read: ${unread.length}. Whom they make administrator is unknown.`,
      );
    }
    return { administrators, warnings };
  } catch (error) {
    if (!isToolError(error) || error.code !== "ACCESS_DENIED") throw error;
    const administrators = await attachedAdmins(source);
    const text =
      "Administrators by AdministratorAccess alone: policies of the account's own and roles' trust could not be read (ACCESS_DENIED, iam:GetAccountAuthorizationDetails).";
    return { administrators, warnings: [text] };
  }
}

/** Who has AdministratorAccess: all that can be had without the authorization details. */
async function attachedAdmins({ reader }: ReviewSource): Promise<Administrator[]> {
  const { users, groups, roles } = await reader.attachmentsOf(
    administratorAccess(reader.api.region),
  );
  const via = new Map<string, string[]>(users.map((name) => [name, ["AdministratorAccess"]]));
  for (const group of groups) {
    for (const name of await reader.membersOf(group)) {
      via.set(name, [...(via.get(name) ?? []), `group ${group}: AdministratorAccess`]);
    }
  }
  const about = { level: "full", boundary: undefined, trusts: undefined } as const;
  return [
    ...[...via].map(([name, ways]): Administrator => {
      const isDirect = users.includes(name);
      return { ...about, kind: "user", name, arn: `user/${name}`, via: ways, isDirect };
    }),
    ...roles.map((name): Administrator => {
      const ways = ["AdministratorAccess"];
      return { ...about, kind: "role", name, arn: `role/${name}`, via: ways, isDirect: true };
    }),
  ];
}

function administratorAccess(region: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/AdministratorAccess`;
}

function findingsAbout(
  one: Administrator,
  credentials: Credentials | undefined,
  { query }: ReviewSource,
): Finding[] {
  const found: Finding[] = [];
  const add = (rule: RuleId, details: string[], remedy: string): void => {
    const resourceType = one.kind === "user" ? "AWS::IAM::User" : "AWS::IAM::Role";
    const facts = { resource: one.arn, resourceType, details, remedy };
    found.push(findingOf(rule, facts, query.frameworks));
  };
  const ways = `through ${one.via.join(", ")}`;
  if (one.level === "iam") {
    add("SELF_ADMIN", [ways], "Allow only the actions of IAM that are needed.");
  }
  const keys = credentials?.keys.length ?? 0;
  if (keys > 0) {
    const remedy = "Use a role, or a user that may do only what the key is for.";
    add("ADMIN_BY_KEY", [`${keys} active`, ways], remedy);
  }
  if (one.kind === "user" && one.isDirect && one.level === "full") {
    add("ADMIN_DIRECTLY", [ways], "Put them into a group, or let them assume a role.");
  }
  const outside = one.trusts?.filter((trusted) => isOutside(trusted, one.arn)) ?? [];
  if (outside.length > 0) {
    const who = outside.map(inWords).join(", ");
    add("ADMIN_ROLE_OUTSIDE", [`trusts ${who}`, ways], "Limit the role, or whom it trusts.");
  }
  return found;
}

/** Another account, or anybody. Services of AWS, and identity providers that the account has set up, are not. */
function isOutside({ kind, id }: Trusted, arn: string): boolean {
  if (kind !== "AWS") return false;
  const own = arn.split(":")[4];
  const account = /^\d{12}$/.test(id) ? id : id.split(":")[4];
  return account === undefined || account !== own;
}

function inWords({ kind, id, conditional }: Trusted): string {
  const root = /^arn:[\w-]+:iam::(\d{12}):root$/.exec(id)?.[1];
  const who =
    root === undefined ? `${kind} ${id}` : `anybody in account ${root} with sts:AssumeRole`;
  return conditional ? `${who} (under a condition)` : who;
}

function rowOf(one: Administrator, credentials: Credentials | undefined): AdministratorRow {
  const { name, kind, level, via, trusts, boundary } = one;
  return {
    name,
    kind,
    level,
    via: [...via],
    ...(kind === "user" &&
      credentials !== undefined && {
        // Without a password there is no sign-in that it could protect.
        ...(credentials.hasPassword && { mfa: credentials.hasMfa }),
        activeKeys: credentials.keys.length,
      }),
    ...(trusts !== undefined && { trusts: trusts.map(inWords) }),
    ...(boundary !== undefined && { boundary }),
  };
}
