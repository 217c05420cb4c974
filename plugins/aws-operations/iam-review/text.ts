import { footer } from "../answer/footer.ts";
import { gapLines } from "../answer/gaps.ts";
import { count, table } from "../answer/markdown.ts";
import { fromOthers } from "../answer/untrusted.ts";
import { complianceText, findingsText, verdict } from "../security/findings-text.ts";
import type { IamReviewOutput, ReviewSections } from "./output.ts";

const titles: Readonly<Record<keyof ReviewSections, string>> = {
  admins: "Administrators",
  root: "Root user",
  mfa: "MFA",
  accessKeys: "Access keys",
  passwordPolicy: "Password policy",
  wildcardPolicies: "Wide policies",
};

/** Most administrators that are named; the data have the rest. */
const mostRows = 15;

/** The review in words: the verdict, who is administrator, the findings, then what could not be had. */
export function writeReview(data: IamReviewOutput): string {
  const { timestamp: _, meta, administrators, compliance, ...sections } = data;
  const gaps = [...gapLines(sections, titles), ...meta.notes];
  const { reportMadeAt, maxKeyAgeDays } = meta;
  const facts = [
    ...(meta.checks.includes("access_keys") ? [`keys may be ${maxKeyAgeDays} days old`] : []),
    ...(reportMadeAt === undefined
      ? []
      : [`credential report of ${reportMadeAt.slice(0, 16).replace("T", " ")} UTC`]),
  ];
  const parts = [
    "## AWS IAM review",
    verdict(sections, titles),
    ...adminText(administrators),
    ...findingsText(sections),
    ...complianceText(compliance),
    gaps.map((line) => `- ${line}`).join("\n"),
    footer(meta, facts),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function adminText(all: IamReviewOutput["administrators"]): string[] {
  if (all === undefined) return [];
  const full = all.filter(({ level }) => level === "full");
  const users = full.filter(({ kind }) => kind === "user").length;
  const others = all.length - full.length;
  const head =
    `### Administrators: ${count(users, "user")}, ${count(full.length - users, "role")}` +
    (others > 0 ? `; ${others} more can make themselves one` : "");
  const note =
    "By their policies, groups and roles; denials, permission boundaries and policies of the organisation are not taken into account.";
  if (all.length === 0) return [`${head}\n\n${note}`];
  const rows = all
    .slice(0, mostRows)
    .map(({ name, kind, level, via, mfa, activeKeys, trusts = [] }) => [
      `${kind} ${name}`,
      level === "full" ? "yes" : "all of IAM",
      via.join("; "),
      kind === "user" ? mfaInWords(mfa, activeKeys !== undefined) : "",
      activeKeys === undefined ? "" : String(activeKeys),
      trusts.join("; "),
    ]);
  const more = all.length - mostRows;
  const body = table(["Who", "Admin", "Through", "MFA", "Active keys", "Trusts"], rows);
  const rest = more > 0 ? `\n\n… and ${more} more in the data.` : "";
  return [head, fromOthers(body + rest), note];
}

function mfaInWords(mfa: boolean | undefined, isKnown: boolean): string {
  if (mfa === undefined) return isKnown ? "no password" : "unknown";
  return mfa ? "yes" : "no";
}
