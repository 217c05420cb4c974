import { describe, expect, test } from "vitest";
import {
  identitiesOf,
  type DemoAccount,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import type { IamReviewOutput } from "../../../plugins/aws-operations/iam-review/output.ts";
import * as plugin from "../../../plugins/aws-operations/index.ts";
import type { FindingsSection } from "../../../plugins/aws-operations/security/finding.ts";
import { createTestHost } from "../../../src/testing.ts";
import { callTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import type { RequestOptions } from "./helpers-contract.ts";

const dayMs = 86_400_000;

async function review(
  account: DemoAccount,
  args: Record<string, unknown> = {},
  options: RequestOptions = {},
) {
  const answer = await callTool(pluginOn(account), "aws_iam_review", args, {
    retries: 1,
    ...options,
  });
  return { ...answer, data: answer.data as unknown as IamReviewOutput };
}

function resources(section: FindingsSection | undefined, rule: string): Set<string | undefined> {
  const found = okay(section).findings.filter((one) => one.rule === rule);
  return new Set(found.map(({ resource }) => resource));
}

/** ARNs of the users for whom something is true. */
function usersWho(
  account: DemoAccount,
  isMeant: (user: ReturnType<typeof identitiesOf>["users"][number]) => boolean,
): Set<string> {
  return new Set(
    identitiesOf(account.estate)
      .users.filter(isMeant)
      .map(({ detail }) => detail.Arn),
  );
}

const arn = (name: string) => `arn:aws:iam::111122223333:user/${name}`;

const ageInDays = (date: Date | undefined): number =>
  (noon.getTime() - (date?.getTime() ?? Number.NaN)) / dayMs;

const notReady = {
  operation: "GetCredentialReport",
  kind: "error",
  code: "ReportInProgress",
  status: 404,
  times: "always",
} as const;

describe("the credential report", () => {
  test("is asked for where there is none, and waited for", async () => {
    const account = await demo();
    const { data, text } = await review(account, { checks: ["mfa"] });
    expect(okay(data.mfa).total).toBeGreaterThan(0);
    expect(operations(account).filter((name) => name.startsWith("GenerateCred"))).toHaveLength(1);
    expect(data.meta.reportMadeAt).toBe(noon.toISOString());
    expect(text).toContain("credential report of 2026-11-20 12:00 UTC");
  });

  test("that is not ready in time leaves the rest, and says to call again", async () => {
    const account = await demo({ faults: [notReady] });
    const { data, text, result } = await review(account, {}, { timeMs: 4000 });
    expect(failureOf(data.mfa)).toMatchObject({ code: "REPORT_NOT_READY", retryable: false });
    expect(failureOf(data.accessKeys).message).toContain("Call again in a minute");
    expect(okay(data.admins).complete).toBe(false);
    expect(data.administrators?.length).toBeGreaterThan(0);
    expect(data.administrators?.every(({ mfa }) => mfa === undefined)).toBe(true);
    expect(text).toContain("MFA and keys of the administrators are unknown (REPORT_NOT_READY)");
    expect(text).toMatch(/\| user ben\.ortiz \| yes \| AdministratorAccess \| unknown \|/);
    expect(okay(data.passwordPolicy).total).toBe(1);
    expect(result.error).toBeUndefined();
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Ask again in a minute" });
  });

  test("alone that is not ready is an error that can be repeated later", async () => {
    const account = await demo({ faults: [notReady] });
    const { result } = await review(account, { checks: ["mfa"] }, { timeMs: 3000 });
    expect(result).toMatchObject({ error: { code: "REPORT_NOT_READY" }, fallback: true });
    account.faults.clear();
    const { data } = await review(account, { checks: ["mfa"] });
    expect(okay(data.mfa).total).toBeGreaterThan(0);
  });

  test("that may not be asked for says which permission is missing", async () => {
    const account = await demo();
    const kind = "access-denied";
    account.faults.add({ operation: "GenerateCredentialReport", kind, times: "always" });
    const { data } = await review(account);
    expect(failureOf(data.mfa).message).toContain("iam:GenerateCredentialReport");
  });

  test("is not asked for by checks that do without it", async () => {
    const account = await demo();
    await review(account, { checks: ["password_policy", "wildcard_policies"] });
    expect(operations(account).join()).not.toContain("CredentialReport");
  });

  test("of a user whose name has commas is read all the same", async () => {
    const account = await demo();
    const dora = identitiesOf(account.estate).users.find(
      ({ detail }) => detail.UserName === "dora.novak",
    );
    const name = "dora,of,search";
    Object.assign(dora?.detail ?? {}, { UserName: name, Arn: arn(name) });
    const { data } = await review(account, { checks: ["mfa"] });
    expect(resources(data.mfa, "USER_WITHOUT_MFA")).toContain(arn(name));
  });
});

describe("one failure", () => {
  test.each([
    ["GetAccountSummary", "root", "iam:GetAccountSummary"],
    ["GetAccountPasswordPolicy", "passwordPolicy", "iam:GetAccountPasswordPolicy"],
    ["GetAccountAuthorizationDetails", "wildcardPolicies", "iam:GetAccountAuthorizationDetails"],
  ] as const)("of %s spoils only its own section", async (operation, name, action) => {
    const account = await demo();
    account.faults.add({ operation, kind: "access-denied", times: "always" });
    const { data, text, result } = await review(account);
    expect(failureOf(data[name]).message).toContain(action);
    expect(text).toContain(action);
    expect(okay(data.mfa).total).toBeGreaterThan(0);
    expect(result.error).toBeUndefined();
  });

  test("to read who may do what leaves those with AdministratorAccess, and says so", async () => {
    const account = await demo();
    const operation = "GetAccountAuthorizationDetails";
    account.faults.add({ operation, kind: "access-denied", times: "always" });
    const { data, text } = await review(account, { checks: ["admins"] });
    const names = data.administrators?.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(["anna.keller", "ben.ortiz", "demo-break-glass"]));
    expect(okay(data.admins).complete).toBe(false);
    expect(text).toContain("Administrators by AdministratorAccess alone");
  });

  test("of everything is an error with a way out", async () => {
    const account = await demo({ faults: [{ kind: "access-denied", times: "always" }] });
    const { result } = await review(account);
    expect(result).toMatchObject({ fallback: true, error: { code: "ACCESS_DENIED" } });
  });

  test("on a later page is repeated there, with nobody lost", async () => {
    const account = await demo({ pageSize: 1 });
    const operation = "GetAccountAuthorizationDetails";
    account.faults.add({ operation, kind: "throttle", skip: 5, times: 1 });
    const { data } = await review(account, { checks: ["admins"] });
    expect(data.administrators).toHaveLength(5);
  });
});

describe("administrators", () => {
  test("are found by themselves, through groups and policies of any name, and through roles", async () => {
    const account = await demo();
    const { data, text } = await review(account, { checks: ["admins"] });
    const found = data.administrators?.map(({ kind, name, level, via }) => [
      kind,
      name,
      level,
      via,
    ]);
    expect(found).toEqual([
      ["user", "anna.keller", "full", ["group administrators: AdministratorAccess"]],
      ["user", "ben.ortiz", "full", ["AdministratorAccess"]],
      ["user", "deploy-bot", "full", ["group deployers: demo-deploy"]],
      ["user", "hugo.lind", "iam", ["demo-temporary (inline)"]],
      ["role", "demo-break-glass", "full", ["AdministratorAccess"]],
    ]);
    expect(text).toContain("Administrators: 3 users, 1 role; 1 more can make themselves one");
    expect(data.administrators?.at(-1)?.trusts).toEqual([
      "anybody in account 111122223333 with sts:AssumeRole (under a condition)",
    ]);
    expect(okay(data.admins).counts).toEqual({ users: 4, roles: 1 });
  });

  test("with a key, by a policy of their own, or by way of IAM are findings", async () => {
    const { data } = await review(await demo(), { checks: ["admins"] });
    expect(resources(data.admins, "ADMIN_BY_KEY")).toEqual(new Set([arn("deploy-bot")]));
    expect(resources(data.admins, "ADMIN_DIRECTLY")).toEqual(new Set([arn("ben.ortiz")]));
    expect(resources(data.admins, "SELF_ADMIN")).toEqual(new Set([arn("hugo.lind")]));
    // The role that outsiders could assume is none of the demo's.
    expect(resources(data.admins, "ADMIN_ROLE_OUTSIDE")).toEqual(new Set());
  });

  test("that another account can become are found by the role's trust", async () => {
    const account = await demo();
    const role = identitiesOf(account.estate).roles.find(
      ({ RoleName }) => RoleName === "demo-break-glass",
    );
    const trust = {
      Statement: {
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::222233334444:root", "arn:aws:iam::111122223333:root"] },
        Action: "sts:AssumeRole",
      },
    };
    const document = encodeURIComponent(JSON.stringify(trust));
    Object.assign(role ?? {}, { AssumeRolePolicyDocument: document });
    const { data } = await review(account, { checks: ["admins"] });
    const finding = okay(data.admins).findings.find(({ rule }) => rule === "ADMIN_ROLE_OUTSIDE");
    expect(finding?.details?.[0]).toBe(
      "trusts anybody in account 222233334444 with sts:AssumeRole",
    );
  });

  test("whose policies cannot be read are unknown, not absent", async () => {
    const account = await demo();
    const policy = identitiesOf(account.estate).policies.find(
      ({ PolicyName }) => PolicyName === "demo-deploy",
    );
    for (const version of policy?.PolicyVersionList ?? []) version.Document = "%7Bnot json";
    const { data, text } = await review(account, { checks: ["admins", "wildcard_policies"] });
    expect(okay(data.admins).complete).toBe(false);
    expect(okay(data.wildcardPolicies).complete).toBe(false);
    expect(text).toContain("Policies that could not be read: 1.");
  });
});

describe("users", () => {
  test("with a password and without MFA are all found, administrators first", async () => {
    const account = await demo();
    const { data } = await review(account);
    const expected = usersWho(account, ({ password, hasMfa }) => password !== undefined && !hasMfa);
    expect(expected.size).toBeGreaterThan(0);
    expect(resources(data.mfa, "USER_WITHOUT_MFA")).toEqual(expected);
    expect(okay(data.mfa).findings[0]).toMatchObject({
      severity: "CRITICAL",
      resource: expect.stringContaining("hugo.lind") as string,
    });
  });

  test.each([90, 30, 400])("with active keys older than %d days are found", async (days) => {
    const account = await demo();
    const args = { checks: ["access_keys"], maxKeyAgeDays: days };
    const { data } = await review(account, args);
    const expected = usersWho(account, ({ keys }) =>
      keys.some(
        ({ metadata }) =>
          metadata.Status === "Active" && Math.floor(ageInDays(metadata.CreateDate)) > days,
      ),
    );
    expect(expected.size).toBeGreaterThan(0);
    expect(resources(data.accessKeys, "OLD_KEY")).toEqual(expected);
  });

  test("with a key that was never used are found once it is no longer new", async () => {
    const account = await demo();
    const { data } = await review(account, { checks: ["access_keys"] });
    const expected = usersWho(account, ({ keys }) =>
      keys.some(
        ({ metadata, used }) =>
          metadata.Status === "Active" && used === undefined && ageInDays(metadata.CreateDate) > 31,
      ),
    );
    expect(resources(data.accessKeys, "UNUSED_KEY")).toEqual(expected);
  });
});

describe("the root user", () => {
  test("without MFA comes first", async () => {
    const account = await demo({ faults: [{ kind: "root-without-mfa" }] });
    const { data, result } = await review(account, { checks: ["root"] });
    expect(okay(data.root).findings.map(({ rule }) => rule)).toEqual([
      "ROOT_WITHOUT_MFA",
      "ROOT_USED",
    ]);
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Secure the root user" });
  });

  test("whose last use is unknown is not said to be unused", async () => {
    const account = await demo({ faults: [notReady] });
    const { data, text } = await review(account, { checks: ["root"] }, { timeMs: 3000 });
    expect(okay(data.root)).toMatchObject({ complete: false, total: 0 });
    expect(text).toContain("When the root user was used last is unknown (REPORT_NOT_READY)");
    expect(text).toContain("Not, or not fully looked at: Root user");
  });
});

describe("the password policy", () => {
  test("that is absent is a finding, not a failure", async () => {
    const account = await demo({ faults: [{ kind: "no-password-policy" }] });
    const { data } = await review(account, { checks: ["password_policy"] });
    expect(resources(data.passwordPolicy, "NO_PASSWORD_POLICY").size).toBe(1);
  });

  test("that is weak says in what, against which measure", async () => {
    const { data } = await review(await demo(), { checks: ["password_policy"] });
    expect(okay(data.passwordPolicy).findings[0]?.details).toEqual([
      "10 characters suffice (CIS: 14)",
      "the last 3 passwords are remembered (CIS: 24)",
    ]);
  });
});

describe("wide policies", () => {
  test("are found in the version in force, inline ones too, with who has them", async () => {
    const { data } = await review(await demo(), { checks: ["wildcard_policies"] });
    expect(resources(data.wildcardPolicies, "FULL_ACCESS_POLICY")).toEqual(
      new Set(["policy/demo-deploy"]),
    );
    // demo-app-data was too wide in an earlier version, which counts no more.
    expect(resources(data.wildcardPolicies, "SERVICE_WILDCARD")).toEqual(
      new Set([
        "policy/demo-temporary (inline)",
        "policy/demo-developer",
        "policy/demo-ci-artifacts",
      ]),
    );
    const ci = okay(data.wildcardPolicies).findings.find(({ resource }) =>
      resource?.endsWith("demo-ci-artifacts"),
    );
    expect(ci?.details).toEqual([
      "every action of s3, ecr",
      "attached to user ci-runner, role demo-migration, role demo-search-indexer",
    ]);
  });

  test.each([
    [{ NotAction: "iam:*", Resource: "*" }, "SERVICE_WILDCARD", "every action of all but iam"],
    [{ Action: "*", NotResource: "arn:aws:s3:::x" }, "FULL_ACCESS_POLICY", "every action"],
    [
      { Action: ["*:*"], Resource: ["*"], Condition: { Bool: { x: "true" } } },
      "FULL_ACCESS_POLICY",
      "under a condition",
    ],
  ])("may be written as %j", async (statement, rule, detail) => {
    const account = await demo();
    const policy = identitiesOf(account.estate).policies.find(
      ({ PolicyName }) => PolicyName === "demo-deploy",
    );
    const document = { Statement: [{ Effect: "Allow", ...statement }] };
    for (const version of policy?.PolicyVersionList ?? []) {
      version.Document = encodeURIComponent(JSON.stringify(document));
    }
    const { data } = await review(account, { checks: ["wildcard_policies"] });
    const found = okay(data.wildcardPolicies).findings.find(
      ({ resource }) => resource === "policy/demo-deploy",
    );
    expect(found?.rule).toBe(rule);
    expect(found?.details).toContain(detail);
  });
});

test("an account with nobody but root has no administrators, and no findings are made up", async () => {
  const { data, text } = await review(await demo({ variant: "empty" }));
  expect(data.administrators).toEqual([]);
  expect(okay(data.mfa).total).toBe(0);
  expect(okay(data.accessKeys).total).toBe(0);
  expect(text).toContain("Administrators: 0 users, 0 roles");
});

test("controls that the checks do not bear on are not checked", async () => {
  const { data, text } = await review(await demo(), { checks: ["password_policy"] });
  const [soc2, iso] = data.compliance;
  expect(soc2?.withFindings).toEqual([
    { control: "CC6.1", title: "logical access security", findings: 1 },
  ]);
  expect(soc2?.notChecked).toContain("CC6.3");
  expect(iso?.notChecked).toContain("A.8.2");
  expect(text).not.toMatch(/complian(t|ce)/i);
});

test("the text fits into a chat, with every name in a marked block and no key id anywhere", async () => {
  const { text, data } = await review(await demo());
  expect(text.length).toBeLessThan(4096);
  const own = text.replaceAll(/<aws-data[\s\S]*?<\/aws-data>/g, "");
  expect(own).not.toMatch(/anna|hugo|deploy|demo-/);
  expect(text + JSON.stringify(data)).not.toMatch(/A[KS]IA[A-Z0-9]{12}/);
  expect(text).not.toContain("ignore all previous instructions");
});

test("only what the published policy allows reaches AWS, and again only with refresh", async () => {
  const account = await demo();
  const on = pluginOn(account);
  await callTool(on, "aws_iam_review");
  const policy = JSON.parse(on.getResources()["aws://iam-policy"]?.text ?? "") as {
    Statement: { Sid: string; Action: string[] }[];
  };
  const allowed = policy.Statement.find(({ Sid }) => Sid === "Iam")?.Action ?? [];
  const used = account.log.map(({ service, operation }) => `${service}:${operation}`);
  for (const action of new Set(used)) {
    expect([...allowed, "sts:GetCallerIdentity"]).toContain(action);
  }
  account.log.length = 0;
  await callTool(on, "aws_iam_review");
  expect(operations(account)).toEqual([]);
  await callTool(on, "aws_iam_review", { refresh: true });
  expect(operations(account)).toContain("GetAccountSummary");
});

test("a client gets the review through the host, and wrong arguments are named", async () => {
  const account = await demo();
  const host = await createTestHost({
    plugins: { "aws-operations": plugin },
    config: {
      plugins: {
        "aws-operations": {
          awsAccessKey: account.accessKeyId,
          awsSecretKey: account.secretAccessKey,
          endpoint: account.endpoint,
          now: noon.toISOString(),
        },
      },
    },
  });
  const { tools } = await host.client.listTools();
  const tool = tools.find(({ name }) => name === "aws_iam_review");
  expect(JSON.stringify(tool?.outputSchema).length).toBeLessThanOrEqual(6000);
  const result = await host.client.callTool({
    name: "aws_iam_review",
    arguments: { checks: "admins, mfa" },
  });
  expect(result.isError ?? false).toBe(false);
  expect(JSON.stringify(result.content)).toContain("Administrators: 3 users, 1 role");
  const wrong = await host.client.callTool({
    name: "aws_iam_review",
    arguments: { checks: ["everything"], maxKeyAgeDays: 0 },
  });
  expect(wrong.isError).toBe(true);
  expect(JSON.stringify(wrong.content)).toMatch(/checks.*maxKeyAgeDays/);
  await host.close();
});
