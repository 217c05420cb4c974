import * as sdk from "@aws-sdk/client-iam";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  identitiesOf,
  startDemoAccount,
  type DemoAccountOptions,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { allOf, failureOf, openDemo } from "./helpers.ts";
import { iamOf } from "./iam-helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const DAY_MS = 86_400_000;
const ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess";

async function open(options: Omit<DemoAccountOptions, "now"> = {}) {
  const { account } = await openDemo(NOW, options);
  return { account, client: iamOf(account) };
}

const names = (rows: readonly Record<string, string>[]) => rows.map(({ user }) => user);

/** The credential report as its readers see it: one object per row. */
async function reportOf(client: sdk.IAMClient): Promise<Record<string, string>[]> {
  await client.send(new sdk.GenerateCredentialReportCommand({}));
  await client.send(new sdk.GenerateCredentialReportCommand({}));
  const { Content = new Uint8Array(), ReportFormat } = await client.send(
    new sdk.GetCredentialReportCommand({}),
  );
  expect(ReportFormat).toBe("text/csv");
  const [header = "", ...lines] = Buffer.from(Content).toString("utf8").split("\n");
  const columns = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    expect(cells).toHaveLength(columns.length);
    return Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ""]));
  });
}

const detailsOf = async (client: sdk.IAMClient, Filter?: sdk.EntityType[]) => {
  const input = Filter === undefined ? {} : { Filter };
  const pages: sdk.GetAccountAuthorizationDetailsResponse[] = [];
  for await (const page of sdk.paginateGetAccountAuthorizationDetails({ client }, input)) {
    pages.push(page);
  }
  return {
    pages: pages.length,
    users: pages.flatMap(({ UserDetailList = [] }) => UserDetailList),
    groups: pages.flatMap(({ GroupDetailList = [] }) => GroupDetailList),
    roles: pages.flatMap(({ RoleDetailList = [] }) => RoleDetailList),
    policies: pages.flatMap(({ Policies = [] }) => Policies),
  };
};

describe("the credential report", () => {
  test("is made on request, which takes a while", async () => {
    const { client } = await open();
    const get = () => client.send(new sdk.GetCredentialReportCommand({}));
    const generate = () => client.send(new sdk.GenerateCredentialReportCommand({}));
    expect(await failureOf(get())).toMatchObject({
      name: "CredentialReportNotPresentException",
      status: 410,
    });
    expect((await generate()).State).toBe("STARTED");
    expect(await failureOf(get())).toMatchObject({
      name: "CredentialReportNotReadyException",
      status: 404,
    });
    expect((await get()).GeneratedTime).toEqual(new Date(NOW));
    expect((await generate()).State).toBe("COMPLETE");
  });

  test("is ready for whoever asks for it to be made a second time", async () => {
    const { client } = await open();
    const states = [];
    for (let call = 0; call < 3; call += 1) {
      states.push((await client.send(new sdk.GenerateCredentialReportCommand({}))).State);
    }
    expect(states).toEqual(["STARTED", "COMPLETE", "COMPLETE"]);
    await expect(client.send(new sdk.GetCredentialReportCommand({}))).resolves.toBeDefined();
  });

  test("is good for four hours", async () => {
    const clock = { now: new Date(NOW) };
    const account = await startDemoAccount({ now: () => clock.now });
    onTestFinished(() => account.close());
    const client = iamOf(account);
    await reportOf(client);
    clock.now = new Date("2026-11-20T13:59:00Z");
    await client.send(new sdk.GetCredentialReportCommand({}));
    clock.now = new Date("2026-11-20T14:00:00Z");
    expect(await failureOf(client.send(new sdk.GetCredentialReportCommand({})))).toMatchObject({
      name: "CredentialReportExpiredException",
      status: 410,
    });
    const { State } = await client.send(new sdk.GenerateCredentialReportCommand({}));
    expect(State).toBe("STARTED");
  });

  test("shows who has no MFA, which keys are old, and which password nobody has used", async () => {
    const { client } = await open();
    const [root, ...users] = await reportOf(client);
    expect(root).toMatchObject({
      user: "<root_account>",
      arn: "arn:aws:iam::111122223333:root",
      password_enabled: "not_supported",
      mfa_active: "true",
      access_key_1_active: "false",
    });
    expect(users).toHaveLength(11);
    expect(
      names(
        users.filter((row) => row["password_enabled"] === "true" && row["mfa_active"] === "false"),
      ),
    ).toEqual(["dora.novak", "finn.berg", "hugo.lind"]);
    expect(names(users.filter((row) => row["password_last_used"] === "no_information"))).toEqual([
      "finn.berg",
    ]);
    const ages = users.flatMap((row) =>
      [1, 2].flatMap((number) => {
        const rotated = row[`access_key_${number}_last_rotated`] ?? "";
        return rotated === "N/A"
          ? []
          : [
              {
                user: row["user"],
                active: row[`access_key_${number}_active`],
                days: Math.floor((Date.parse(NOW) - Date.parse(rotated)) / DAY_MS),
              },
            ];
      }),
    );
    expect(ages.filter(({ days }) => days > 90)).toEqual([
      { user: "backup-agent", active: "true", days: 185 },
      { user: "deploy-bot", active: "true", days: 411 },
    ]);
    expect(ages.filter(({ active }) => active === "false")).toHaveLength(1);
  });
});

test("three are administrators: a user, a group's member, and a role", async () => {
  const { client } = await open();
  const entities = await client.send(
    new sdk.ListEntitiesForPolicyCommand({ PolicyArn: ADMINISTRATOR_ACCESS }),
  );
  expect(entities.PolicyUsers?.map(({ UserName }) => UserName)).toEqual(["ben.ortiz"]);
  expect(entities.PolicyRoles?.map(({ RoleName }) => RoleName)).toEqual(["demo-break-glass"]);
  const [group] = entities.PolicyGroups ?? [];
  const { Users } = await client.send(new sdk.GetGroupCommand({ GroupName: group?.GroupName }));
  expect(Users?.map(({ UserName }) => UserName)).toEqual(["anna.keller"]);
});

test("what is attached to a policy is chosen by kind, and comes in pages", async () => {
  const { client } = await open({ pageSize: 2 });
  const pages = (input: Partial<sdk.ListEntitiesForPolicyCommandInput>) =>
    allOf(
      sdk.paginateListEntitiesForPolicy({ client }, { PolicyArn: ADMINISTRATOR_ACCESS, ...input }),
      ({ PolicyGroups = [], PolicyUsers = [], PolicyRoles = [] }) => [
        ...PolicyGroups.map(({ GroupName }) => GroupName),
        ...PolicyUsers.map(({ UserName }) => UserName),
        ...PolicyRoles.map(({ RoleName }) => RoleName),
      ],
    );
  expect(await pages({})).toEqual({
    items: ["administrators", "ben.ortiz", "demo-break-glass"],
    pages: 2,
  });
  expect((await pages({ EntityFilter: "Role" })).items).toEqual(["demo-break-glass"]);
  expect((await pages({ PolicyUsageFilter: "PermissionsBoundary" })).items).toEqual([]);
});

describe("authorization details", () => {
  test("hold everybody and every policy, over pages of mixed kinds", async () => {
    const { account, client } = await open();
    const { users, groups, roles, policies, pages } = await detailsOf(client);
    const iam = identitiesOf(account.estate);
    expect(users).toEqual(iam.users.map(({ detail }) => detail));
    expect(groups).toEqual(iam.groups);
    expect(roles).toEqual(iam.roles);
    expect(policies).toEqual(iam.policies);
    expect(pages).toBeGreaterThan(5);
  });

  test("are of the kinds asked for", async () => {
    const { client } = await open();
    const { users, groups, roles, policies } = await detailsOf(client, [
      "LocalManagedPolicy",
      "Group",
    ]);
    expect([users, roles]).toEqual([[], []]);
    expect(groups).toHaveLength(4);
    expect(policies.map(({ PolicyName }) => PolicyName)).toEqual([
      "demo-developer",
      "demo-deploy",
      "demo-app-data",
      "demo-ci-artifacts",
    ]);
  });

  test("have URL-encoded documents, in which some allow everything", async () => {
    const { client } = await open();
    const { users, roles, policies } = await detailsOf(client);
    const inForce = policies.map(({ PolicyName, PolicyVersionList = [] }) => {
      const versions = PolicyVersionList.filter(({ IsDefaultVersion }) => IsDefaultVersion);
      expect(versions).toHaveLength(1);
      return [PolicyName, versions[0]?.Document ?? ""] as const;
    });
    const inline = users.flatMap(({ UserName, UserPolicyList = [] }) =>
      UserPolicyList.map(({ PolicyDocument = "" }) => [UserName, PolicyDocument] as const),
    );
    const allowing = (action: RegExp) =>
      [...inForce, ...inline]
        .filter(([, document]) => {
          expect(document).toMatch(/^%7B%22Version%22%3A%222012-10-17%22/);
          expect(document).not.toMatch(/[*"{}]/);
          const { Statement } = JSON.parse(decodeURIComponent(document)) as {
            Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
          };
          return Statement.some(
            ({ Effect, Action, Resource }) =>
              Effect === "Allow" &&
              [Action].flat().some((name) => action.test(name)) &&
              [Resource].flat().includes("*"),
          );
        })
        .map(([name]) => name);
    expect(allowing(/^\*$/)).toEqual(["AdministratorAccess", "demo-deploy"]);
    // The version of demo-app-data that allowed s3:* is no longer in force.
    expect(allowing(/^\w+:\*$/)).toEqual(["demo-developer", "demo-ci-artifacts", "hugo.lind"]);
    const trusts = roles.map(({ AssumeRolePolicyDocument = "" }) =>
      decodeURIComponent(AssumeRolePolicyDocument),
    );
    expect(
      trusts.filter((trust) => /"AWS":"arn:aws:iam::(?!111122223333)\d{12}:root"/.test(trust)),
    ).toHaveLength(3);
  });

  test("count how often each policy is attached", async () => {
    const { client } = await open();
    const { users, groups, roles, policies } = await detailsOf(client);
    const attached = [...users, ...groups, ...roles].flatMap(
      ({ AttachedManagedPolicies = [] }) => AttachedManagedPolicies,
    );
    for (const { Arn, AttachmentCount } of policies) {
      expect(attached.filter(({ PolicyArn }) => PolicyArn === Arn)).toHaveLength(
        AttachmentCount ?? -1,
      );
    }
    const known = new Set(policies.map(({ Arn }) => Arn));
    expect(attached.filter(({ PolicyArn }) => !known.has(PolicyArn))).toEqual([]);
  });
});

describe("the summary", () => {
  test("counts what the lists hold", async () => {
    const { client } = await open();
    const { SummaryMap = {} } = await client.send(new sdk.GetAccountSummaryCommand({}));
    const { users, groups, roles, policies } = await detailsOf(client);
    const report = await reportOf(client);
    const mfa = report.filter((row) => row["mfa_active"] === "true").length;
    expect(SummaryMap).toMatchObject({
      Users: users.length,
      Groups: groups.length,
      Roles: roles.length,
      Policies: policies.filter(({ Arn }) => !Arn?.startsWith("arn:aws:iam::aws:")).length,
      MFADevicesInUse: mfa,
      AccountMFAEnabled: 1,
      AccountAccessKeysPresent: 0,
    });
  });

  test("and the report both show a root user without MFA", async () => {
    const { account, client } = await open();
    account.faults.add({ kind: "root-without-mfa" });
    const { SummaryMap = {} } = await client.send(new sdk.GetAccountSummaryCommand({}));
    expect(SummaryMap["AccountMFAEnabled"]).toBe(0);
    const [root] = await reportOf(client);
    expect(root?.["mfa_active"]).toBe("false");
  });
});

test("a password policy is there, unless nobody has set one", async () => {
  const { account, client } = await open();
  const get = () => client.send(new sdk.GetAccountPasswordPolicyCommand({}));
  expect((await get()).PasswordPolicy).toMatchObject({
    MinimumPasswordLength: 10,
    RequireSymbols: false,
    MaxPasswordAge: 180,
  });
  account.faults.add({ kind: "no-password-policy" });
  expect(await failureOf(get())).toEqual({
    name: "NoSuchEntityException",
    message: "The Password Policy with domain name 111122223333 cannot be found.",
    status: 404,
  });
});

test("users and their keys are listed page by page", async () => {
  const { account, client } = await open();
  const { items, pages } = await allOf(sdk.paginateListUsers({ client }, {}), ({ Users }) => Users);
  expect(items.map(({ UserName }) => UserName)).toEqual([
    "anna.keller",
    "backup-agent",
    "ben.ortiz",
    "chen.li",
    "ci-runner",
    "deploy-bot",
    "dora.novak",
    "finn.berg",
    "grace.osei",
    "hugo.lind",
    "ivy.marsh",
  ]);
  expect(pages).toBe(3);
  expect(items.find(({ UserName }) => UserName === "finn.berg")?.PasswordLastUsed).toBeUndefined();
  const ids = new Set<string | undefined>();
  for (const { UserName } of items) {
    const { AccessKeyMetadata = [] } = await client.send(
      new sdk.ListAccessKeysCommand({ UserName }),
    );
    for (const { AccessKeyId } of AccessKeyMetadata) ids.add(AccessKeyId);
  }
  const keys = identitiesOf(account.estate).users.flatMap((user) => user.keys);
  expect(ids).toEqual(new Set(keys.map(({ metadata }) => metadata.AccessKeyId)));
  expect(ids.size).toBe(8);
});

test("no two have the same id", async () => {
  const { account } = await open();
  const { users, groups, roles, policies } = identitiesOf(account.estate);
  const ids = [
    ...users.map(({ detail }) => detail.UserId),
    ...groups.map(({ GroupId }) => GroupId),
    ...roles.map(({ RoleId }) => RoleId),
    ...policies.map(({ PolicyId }) => PolicyId),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

describe("IAM refuses", () => {
  test.each<[string, string, number, (client: sdk.IAMClient) => Promise<unknown>]>([
    [
      "a policy that does not exist",
      "NoSuchEntityException",
      404,
      (client) =>
        client.send(
          new sdk.ListEntitiesForPolicyCommand({ PolicyArn: "arn:aws:iam::aws:policy/Nothing" }),
        ),
    ],
    [
      "a group that does not exist",
      "NoSuchEntityException",
      404,
      (client) => client.send(new sdk.GetGroupCommand({ GroupName: "nobody" })),
    ],
    [
      "a user who does not exist",
      "NoSuchEntityException",
      404,
      (client) => client.send(new sdk.ListAccessKeysCommand({ UserName: "nobody" })),
    ],
    [
      "pages of nothing",
      "ValidationError",
      400,
      (client) => client.send(new sdk.ListUsersCommand({ MaxItems: 0 })),
    ],
    [
      "pages of more than a thousand",
      "ValidationError",
      400,
      (client) => client.send(new sdk.ListUsersCommand({ MaxItems: 1001 })),
    ],
    [
      "a marker that it has not made",
      "ValidationError",
      400,
      (client) => client.send(new sdk.ListUsersCommand({ Marker: "x" })),
    ],
    [
      "a name of other characters",
      "ValidationError",
      400,
      (client) => client.send(new sdk.GetGroupCommand({ GroupName: "a b" })),
    ],
    [
      "an unknown kind of entity",
      "ValidationError",
      400,
      (client) =>
        client.send(
          new sdk.GetAccountAuthorizationDetailsCommand({ Filter: ["Robot" as sdk.EntityType] }),
        ),
    ],
  ])("%s", async (_what, name, status, call) => {
    const { client } = await open();
    expect(await failureOf(call(client))).toMatchObject({ name, status });
  });

  test("a marker of another list", async () => {
    const { client } = await open();
    const { Marker } = await client.send(new sdk.ListUsersCommand({}));
    const call = client.send(new sdk.GetGroupCommand({ GroupName: "developers", Marker }));
    expect(await failureOf(call)).toMatchObject({ message: "Invalid Marker.", status: 400 });
  });
});

test("an empty account has only its root user", async () => {
  const { client } = await open({ variant: "empty" });
  expect(await reportOf(client)).toHaveLength(1);
  const { SummaryMap = {} } = await client.send(new sdk.GetAccountSummaryCommand({}));
  expect(SummaryMap).toMatchObject({ Users: 0, Roles: 0, AccountMFAEnabled: 1 });
  const policy = client.send(new sdk.GetAccountPasswordPolicyCommand({}));
  expect((await failureOf(policy)).name).toBe("NoSuchEntityException");
});
