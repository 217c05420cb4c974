import { findingOf, findingsOf, type Finding, type OkFindings } from "../security/finding.ts";
import { rootFindings } from "../security/root-findings.ts";
import type { ReviewSource } from "./source.ts";

const dayMs = 86_400_000;

/** A use of the root user is lately for so long. */
const latelyDays = 90;
/** A key that has never been used may be new. */
const newKeyDays = 30;
/** A key so old is more than overdue. */
const yearDays = 365;

/** The root user, who can do everything and whom no policy limits. */
export async function rootSection(source: ReviewSource): Promise<OkFindings> {
  const [summary, { report, code }] = await Promise.all([source.summary(), source.reportIfAny()]);
  const findings = rootFindings(summary, source.query.frameworks);
  const used = report?.credentials.find(({ isRoot }) => isRoot)?.passwordUsed;
  if (used !== undefined && daysSince(used, source.now) <= latelyDays) {
    const details = [`last on ${dayOf(used)}`];
    const remedy = "Use it only for what nobody else can do; alert on its use.";
    const facts = { resource: "root user", details, remedy };
    findings.push(findingOf("ROOT_USED", facts, source.query.frameworks));
  }
  return findingsOf(findings, {
    complete: code === undefined,
    ...(code !== undefined && {
      warnings: [`When the root user was used last is unknown (${code}).`],
    }),
  });
}

/** Users who sign in with nothing but a password. */
export async function mfaSection(source: ReviewSource): Promise<OkFindings> {
  const { query } = source;
  const [{ credentials }, admins] = await Promise.all([source.report(), adminNames(source)]);
  const people = credentials.filter(({ isRoot, hasPassword }) => !isRoot && hasPassword);
  const without = people.filter(({ hasMfa }) => !hasMfa);
  const findings = without.map(({ user, arn, passwordUsed }) => {
    const isAdmin = admins.has(user);
    const used = passwordUsed === undefined ? "never, as far as IAM knows" : dayOf(passwordUsed);
    return findingOf(
      "USER_WITHOUT_MFA",
      {
        ...(isAdmin && { severity: "CRITICAL" }),
        resource: arn,
        resourceType: "AWS::IAM::User",
        details: [
          `password last used: ${used}`,
          ...(isAdmin ? ["an administrator, or can become one"] : []),
        ],
      },
      query.frameworks,
    );
  });
  const counts = { usersWithPassword: people.length, withoutMfa: without.length };
  return findingsOf(findings, { counts });
}

/** Names of the administrators, if they are looked at and can be had. */
async function adminNames(source: ReviewSource): Promise<ReadonlySet<string>> {
  if (!source.query.checks.includes("admins")) return new Set();
  try {
    const { administrators } = await source.administrators();
    return new Set(administrators.flatMap(({ kind, name }) => (kind === "user" ? [name] : [])));
  } catch {
    // That section says so itself.
    return new Set();
  }
}

/** Active keys that are too old, or that nobody has ever used. */
export async function keySection(source: ReviewSource): Promise<OkFindings> {
  const { query, now } = source;
  const { credentials } = await source.report();
  const all = credentials.flatMap(({ arn, isRoot, keys }) =>
    keys.map((key) => ({ resource: isRoot ? "root user" : arn, ...key })),
  );
  const findings = all.flatMap(({ resource, number, created, used }): Finding[] => {
    const age = created === undefined ? undefined : daysSince(created, now);
    const details = [
      `key ${number}: ${age === undefined ? "of unknown age" : `${age} days old`}`,
      used === undefined ? "never used" : `last used ${dayOf(used)}`,
    ];
    const facts = {
      resource,
      resourceType: "AWS::IAM::User",
      details,
      ...(created !== undefined && { since: created.toISOString() }),
    };
    if (age !== undefined && age > query.maxKeyAgeDays) {
      const severity = age > yearDays ? "HIGH" : "MEDIUM";
      const remedy = "Give the program a role, or make a new key and delete this one.";
      return [findingOf("OLD_KEY", { ...facts, severity, remedy }, query.frameworks)];
    }
    if (used === undefined && (age === undefined || age > newKeyDays)) {
      const remedy = "Deactivate it; delete it if nothing fails.";
      return [findingOf("UNUSED_KEY", { ...facts, remedy }, query.frameworks)];
    }
    return [];
  });
  const old = findings.filter(({ rule }) => rule === "OLD_KEY").length;
  return findingsOf(findings, { counts: { active: all.length, tooOld: old } });
}

function daysSince(time: Date, now: Date): number {
  return Math.floor((now.getTime() - time.getTime()) / dayMs);
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
