import type { FrameworkId } from "./frameworks.ts";
import type { Severity } from "./severity.ts";

/** What a finding is an instance of. */
export interface Rule {
  readonly title: string;
  /** What it is, unless the facts make it more or less. */
  readonly severity: Severity;
  /** The sections that look for it. */
  readonly sections: readonly string[];
  /** The controls that it bears on. */
  readonly controls: Readonly<Record<FrameworkId, readonly string[]>>;
}

const external = ["externalAccess"];
const anybody = ["externalAccess", "publicResources"];
const unused = ["unusedAccess"];
const root = ["iam", "root"];

const leastPrivilege = { SOC2: ["CC6.3"], ISO27001: ["A.5.15", "A.8.2", "A.8.3"] };
const removal = { SOC2: ["CC6.2", "CC6.3"], ISO27001: ["A.5.16", "A.5.18"] };
const networks = { SOC2: ["CC6.6"], ISO27001: ["A.8.20", "A.8.22"] };
const signIn = { SOC2: ["CC6.1"], ISO27001: ["A.5.17", "A.8.5"] };

/** Everything that is looked for. */
export const rules = {
  PUBLIC_RESOURCE: {
    title: "Anybody on the internet can reach it",
    severity: "HIGH",
    sections: anybody,
    controls: { SOC2: ["CC6.1", "CC6.6"], ISO27001: ["A.5.15", "A.8.3", "A.8.12"] },
  },
  SHARED_OUTSIDE: {
    title: "Somebody outside of the account can reach it",
    severity: "MEDIUM",
    sections: external,
    controls: { SOC2: ["CC6.1", "CC6.3"], ISO27001: ["A.5.15", "A.8.3"] },
  },
  ANALYZER_BLIND: {
    title: "Who can reach it is unknown: the analyzer may not read it",
    severity: "MEDIUM",
    sections: external,
    controls: { SOC2: ["CC6.1"], ISO27001: ["A.8.16"] },
  },
  NO_ANALYZER: {
    title: "No active Access Analyzer: what is shared is unknown",
    severity: "MEDIUM",
    sections: anybody,
    controls: { SOC2: ["CC6.6"], ISO27001: ["A.8.16"] },
  },
  UNUSED_ROLE: {
    title: "Role that nobody uses",
    severity: "LOW",
    sections: unused,
    controls: removal,
  },
  UNUSED_KEY: {
    title: "Access key that nobody uses",
    severity: "MEDIUM",
    sections: ["unusedAccess", "accessKeys"],
    controls: removal,
  },
  UNUSED_PASSWORD: {
    title: "Password that nobody uses",
    severity: "MEDIUM",
    sections: unused,
    controls: removal,
  },
  UNUSED_PERMISSION: {
    title: "Permissions that nobody uses",
    severity: "LOW",
    sections: unused,
    controls: { SOC2: ["CC6.3"], ISO27001: ["A.5.15", "A.5.18"] },
  },
  OPEN_TO_WORLD: {
    title: "Security group open to the world on sensitive ports",
    severity: "HIGH",
    sections: ["networkExposure"],
    controls: networks,
  },
  ROOT_WITHOUT_MFA: {
    title: "Root user without MFA",
    severity: "CRITICAL",
    sections: root,
    controls: { SOC2: ["CC6.1"], ISO27001: ["A.8.2", "A.8.5"] },
  },
  ROOT_KEY: {
    title: "Root user has access keys",
    severity: "CRITICAL",
    sections: root,
    controls: { SOC2: ["CC6.1", "CC6.3"], ISO27001: ["A.5.17", "A.8.2"] },
  },
  ROOT_USED: {
    title: "Root user's password was used lately",
    severity: "MEDIUM",
    sections: ["root"],
    controls: { SOC2: ["CC6.3"], ISO27001: ["A.8.2"] },
  },
  ADMIN_BY_KEY: {
    title: "Administrator with an access key that never expires",
    severity: "HIGH",
    sections: ["admins"],
    controls: { SOC2: ["CC6.1", "CC6.3"], ISO27001: ["A.5.17", "A.8.2"] },
  },
  ADMIN_DIRECTLY: {
    title: "Administrator by a policy of their own",
    severity: "MEDIUM",
    sections: ["admins"],
    controls: { SOC2: ["CC6.3"], ISO27001: ["A.5.18", "A.8.2"] },
  },
  ADMIN_ROLE_OUTSIDE: {
    title: "Administrator role that somebody outside may assume",
    severity: "HIGH",
    sections: ["admins"],
    controls: { SOC2: ["CC6.3", "CC6.6"], ISO27001: ["A.5.15", "A.8.2"] },
  },
  SELF_ADMIN: {
    title: "May do all of IAM: can become administrator",
    severity: "HIGH",
    sections: ["admins"],
    controls: { SOC2: ["CC6.3"], ISO27001: ["A.5.18", "A.8.2"] },
  },
  USER_WITHOUT_MFA: {
    title: "User with a password and without MFA",
    severity: "HIGH",
    sections: ["mfa"],
    controls: signIn,
  },
  OLD_KEY: {
    title: "Active access key that is too old",
    severity: "MEDIUM",
    sections: ["accessKeys"],
    controls: { SOC2: ["CC6.1"], ISO27001: ["A.5.17"] },
  },
  NO_PASSWORD_POLICY: {
    title: "No password policy",
    severity: "MEDIUM",
    sections: ["passwordPolicy"],
    controls: signIn,
  },
  WEAK_PASSWORD_POLICY: {
    title: "Password policy weaker than the CIS benchmark",
    severity: "LOW",
    sections: ["passwordPolicy"],
    controls: signIn,
  },
  FULL_ACCESS_POLICY: {
    title: "Policy that allows every action on everything",
    severity: "HIGH",
    sections: ["wildcardPolicies"],
    controls: leastPrivilege,
  },
  SERVICE_WILDCARD: {
    title: "Policy that allows all of a service on everything",
    severity: "MEDIUM",
    sections: ["wildcardPolicies"],
    controls: leastPrivilege,
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof rules;
