import { findingOf, findingsOf, type Finding, type OkFindings } from "../security/finding.ts";
import type { Severity } from "../security/severity.ts";
import type { Authorizations } from "./aws-iam-reader.ts";
import { reachOf } from "./policy-documents.ts";
import type { ReviewSource } from "./source.ts";

/** What the CIS AWS Foundations Benchmark asks of passwords: length, and how many are remembered. */
const cis = { length: 14, remembered: 24 };

export async function passwordSection({ reader, query }: ReviewSource): Promise<OkFindings> {
  const policy = await reader.passwordPolicy();
  const resource = "password policy";
  if (policy === undefined) {
    const remedy = `Set one: at least ${cis.length} characters, the last ${cis.remembered} not again.`;
    return findingsOf([findingOf("NO_PASSWORD_POLICY", { resource, remedy }, query.frameworks)]);
  }
  const { MinimumPasswordLength: length = 0, PasswordReusePrevention: remembered = 0 } = policy;
  const weak = [
    ...(length < cis.length ? [`${length} characters suffice (CIS: ${cis.length})`] : []),
    ...(remembered < cis.remembered
      ? [`the last ${remembered} passwords are remembered (CIS: ${cis.remembered})`]
      : []),
  ];
  const { MaxPasswordAge } = policy;
  const counts = {
    minimumLength: length,
    remembered,
    ...(MaxPasswordAge !== undefined && { maxAgeDays: MaxPasswordAge }),
  };
  const findings =
    weak.length === 0
      ? []
      : [findingOf("WEAK_PASSWORD_POLICY", { resource, details: weak }, query.frameworks)];
  return findingsOf(findings, { counts });
}

interface Policy {
  readonly name: string;
  readonly document: string | undefined;
  readonly holders: readonly string[];
}

/** The account's own policies, inline ones included, that allow everything, or all of a service, on everything. */
export async function wildcardSection(source: ReviewSource): Promise<OkFindings> {
  const authorizations = await source.authorizations();
  const all = policiesIn(authorizations);
  const unread = all.filter(({ document }) => reachOf(document) === undefined);
  const warnings = [
    ...(unread.length > 0 ? [`Policies that could not be read: ${unread.length}.`] : []),
    ...(authorizations.truncated ? ["IAM had more policies than are read."] : []),
  ];
  return findingsOf(
    all.flatMap((policy) => findingAbout(policy, source)),
    {
      complete: warnings.length === 0,
      ...(warnings.length > 0 && { warnings }),
      counts: { policies: all.length },
    },
  );
}

function policiesIn({ users, groups, roles, policies }: Authorizations): Policy[] {
  const holders = new Map<string, string[]>();
  const held: Policy[] = [];
  const everybody = [
    ...users.map((one) => ({ ...one, who: `user ${one.UserName}`, inline: one.UserPolicyList })),
    ...groups.map((one) => ({
      ...one,
      who: `group ${one.GroupName}`,
      inline: one.GroupPolicyList,
    })),
    ...roles.map((one) => ({ ...one, who: `role ${one.RoleName}`, inline: one.RolePolicyList })),
  ];
  for (const { who, inline = [], AttachedManagedPolicies = [] } of everybody) {
    for (const { PolicyArn = "" } of AttachedManagedPolicies) {
      holders.set(PolicyArn, [...(holders.get(PolicyArn) ?? []), who]);
    }
    for (const { PolicyName, PolicyDocument } of inline) {
      held.push({ name: `${PolicyName} (inline)`, document: PolicyDocument, holders: [who] });
    }
  }
  const managed = policies.map(
    ({ Arn = "", PolicyName = "", DefaultVersionId, PolicyVersionList = [] }) => ({
      name: PolicyName,
      // The version in force: what an earlier one allowed is past.
      document: PolicyVersionList.find(({ VersionId }) => VersionId === DefaultVersionId)?.Document,
      holders: holders.get(Arn) ?? [],
    }),
  );
  return [...managed, ...held];
}

function findingAbout({ name, document, holders }: Policy, { query }: ReviewSource): Finding[] {
  const reach = reachOf(document);
  if (reach === undefined || (!reach.everything && reach.services.length === 0)) return [];
  const { everything, services, conditional } = reach;
  const isWeak = conditional || holders.length === 0;
  const details = [
    everything ? "every action" : `every action of ${services.join(", ")}`,
    ...(conditional ? ["under a condition"] : []),
    holders.length === 0 ? "attached to nobody" : `attached to ${some(holders)}`,
  ];
  const facts = { resource: `policy/${name}`, resourceType: "AWS::IAM::Policy", details };
  if (everything) {
    const severity: Severity = isWeak ? "MEDIUM" : "HIGH";
    return [findingOf("FULL_ACCESS_POLICY", { ...facts, severity }, query.frameworks)];
  }
  const grave: Severity = services.includes("iam") ? "HIGH" : "MEDIUM";
  const severity: Severity = isWeak ? "LOW" : grave;
  return [findingOf("SERVICE_WILDCARD", { ...facts, severity }, query.frameworks)];
}

const mostNamed = 5;

function some(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return names.slice(0, mostNamed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
