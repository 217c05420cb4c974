import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListAnalyzersCommand } from "@aws-sdk/client-accessanalyzer";
import { DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import { LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import {
  type CostExplorerClient,
  GetAnomaliesCommand,
  GetAnomalyMonitorsCommand,
  GetRightsizingRecommendationCommand,
  GetSavingsPlansUtilizationCommand,
} from "@aws-sdk/client-cost-explorer";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeEventsCommand } from "@aws-sdk/client-health";
import {
  GenerateCredentialReportCommand,
  GetCredentialReportCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
} from "@aws-sdk/client-sts";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { analyzerIn } from "./access-analyzer-helpers.ts";
import { ec2In } from "./ec2-helpers.ts";
import {
  clientsFor,
  failureOf,
  fetchAll,
  openDemo,
  sumOf,
  type Access,
  type Clients,
  type Demo,
} from "./helpers.ts";
import { iamOf } from "./iam-helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const PRODUCTION = "arn:aws:iam::444455556666:role/demo-operations";
const OCTOBER = { Start: "2026-10-01", End: "2026-11-01" };

type SignedIn = Pick<Demo, "account"> & Pick<Clients, "sts">;

/** What AssumeRole gives for a role. */
async function accessAs(
  demo: SignedIn,
  change: Partial<AssumeRoleCommandInput> = {},
): Promise<Access> {
  const { Credentials: credentials } = await demo.sts.send(
    new AssumeRoleCommand({ RoleArn: PRODUCTION, RoleSessionName: "tester", ...change }),
  );
  return {
    endpoint: demo.account.endpoint,
    accessKeyId: credentials?.AccessKeyId ?? "",
    secretAccessKey: credentials?.SecretAccessKey ?? "",
    sessionToken: credentials?.SessionToken,
  };
}

/** Clients that are signed in with what AssumeRole gives for a role. */
async function assume(
  demo: SignedIn,
  change: Partial<AssumeRoleCommandInput> = {},
): Promise<Clients> {
  const clients = clientsFor(await accessAs(demo, change));
  onTestFinished(() => clients.destroy());
  return clients;
}

const whoIs = async ({ sts }: Pick<Clients, "sts">) => {
  const { Arn, Account, UserId } = await sts.send(new GetCallerIdentityCommand({}));
  return { Arn, Account, UserId };
};

test("the demo user is who signs with the demo's key", async () => {
  expect(await whoIs(await openDemo(NOW))).toEqual({
    Arn: "arn:aws:iam::111122223333:user/demo",
    Account: "111122223333",
    UserId: "AIDADEMOUSERNOTREAL00",
  });
});

test("who has assumed a role is the role's, in the role's account", async () => {
  const demo = await openDemo(NOW);
  const before = Date.now();
  const answer = await demo.sts.send(
    new AssumeRoleCommand({ RoleArn: PRODUCTION, RoleSessionName: "tester", DurationSeconds: 900 }),
  );
  expect(answer.AssumedRoleUser).toEqual({
    Arn: "arn:aws:sts::444455556666:assumed-role/demo-operations/tester",
    AssumedRoleId: expect.stringMatching(/^AROA\w+:tester$/) as string,
  });
  const lifetime = Number(answer.Credentials?.Expiration) - before;
  expect(lifetime).toBeGreaterThan(898_000);
  expect(Number(answer.Credentials?.Expiration)).toBeLessThanOrEqual(Date.now() + 900_000);
  expect(await whoIs(await assume(demo))).toEqual({
    Arn: "arn:aws:sts::444455556666:assumed-role/demo-operations/tester",
    Account: "444455556666",
    UserId: answer.AssumedRoleUser?.AssumedRoleId,
  });
});

test("a profile with a role is signed in by the SDK itself, and stays so", async () => {
  const { account } = await openDemo(NOW);
  const folder = await mkdtemp(join(tmpdir(), "demo-profile-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = join(folder, "config");
  await writeFile(
    config,
    `[profile base]
aws_access_key_id = ${account.accessKeyId}
aws_secret_access_key = ${account.secretAccessKey}

[profile production]
role_arn = ${PRODUCTION}
source_profile = base
role_session_name = from-profile
region = eu-west-1
`,
  );
  // For the client that assumes the role as well, which reads no profile.
  vi.stubEnv("AWS_ENDPOINT_URL", account.endpoint);
  vi.stubEnv("AWS_CONFIG_FILE", config);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const sts = new STSClient({ profile: "production", maxAttempts: 1 });
  onTestFinished(() => sts.destroy());
  for (let call = 0; call < 2; call += 1) {
    expect((await whoIs({ sts })).Arn).toBe(
      "arn:aws:sts::444455556666:assumed-role/demo-operations/from-profile",
    );
  }
  expect(account.log.map(({ operation, scope }) => [operation, scope?.region])).toEqual([
    ["AssumeRole", "eu-west-1"],
    ["GetCallerIdentity", "eu-west-1"],
    ["GetCallerIdentity", "eu-west-1"],
  ]);
});

describe("a linked account", () => {
  test("sees what it costs itself, and the accounts together what all cost", async () => {
    const demo = await openDemo(NOW);
    const costs = async ({ ce }: { ce: CostExplorerClient }) => {
      const { results } = await fetchAll(ce, {
        TimePeriod: OCTOBER,
        Granularity: "MONTHLY",
        Metrics: ["UnblendedCost"],
        GroupBy: [{ Type: "DIMENSION", Key: "LINKED_ACCOUNT" }],
      });
      return new Map(
        results.map((result) => [
          result.Groups?.map(({ Keys }) => Keys?.[0]).join(),
          sumOf([result]),
        ]),
      );
    };
    const production = await costs(await assume(demo));
    const staging = await costs(
      await assume(demo, { RoleArn: "arn:aws:iam::777788889999:role/demo-operations" }),
    );
    expect([...production.keys()]).toEqual(["444455556666"]);
    expect([...staging.keys()]).toEqual(["777788889999"]);
    const { results } = await fetchAll(demo.ce, {
      TimePeriod: OCTOBER,
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      Filter: { Dimensions: { Key: "LINKED_ACCOUNT", Values: ["444455556666", "777788889999"] } },
    });
    expect((production.get("444455556666") ?? 0n) + (staging.get("777788889999") ?? 0n)).toBe(
      sumOf(results),
    );
  });

  test("has none of what the management account has: budgets, monitors, plans, events, support", async () => {
    const { ce, budgets, cloudTrail, health } = await assume(await openDemo(NOW));
    const AccountId = "444455556666";
    expect((await budgets.send(new DescribeBudgetsCommand({ AccountId }))).Budgets).toEqual([]);
    const others = new DescribeBudgetsCommand({ AccountId: "111122223333" });
    expect((await failureOf(budgets.send(others))).message).toContain(
      "User: arn:aws:sts::444455556666:assumed-role/demo-operations/tester is not authorized",
    );
    expect((await ce.send(new GetAnomalyMonitorsCommand({}))).AnomalyMonitors).toEqual([]);
    const DateInterval = { StartDate: "2026-11-01" };
    expect((await ce.send(new GetAnomaliesCommand({ DateInterval }))).Anomalies).toEqual([]);
    const plans = new GetSavingsPlansUtilizationCommand({ TimePeriod: OCTOBER });
    expect((await failureOf(ce.send(plans))).name).toBe("DataUnavailableException");
    const Service = "AmazonEC2";
    const sizes = await ce.send(new GetRightsizingRecommendationCommand({ Service }));
    expect(sizes.RightsizingRecommendations).toEqual([]);
    expect((await cloudTrail.send(new LookupEventsCommand({}))).Events).toEqual([]);
    expect((await failureOf(health.send(new DescribeEventsCommand({})))).name).toBe(
      "SubscriptionRequiredException",
    );
  });

  test("has no resources, and no identity but its own root user", async () => {
    const access = await accessAs(await openDemo(NOW));
    const { Reservations } = await ec2In(access, "us-east-1").send(new DescribeInstancesCommand());
    expect(Reservations).toEqual([]);
    const { analyzers } = await analyzerIn(access, "us-east-1").send(new ListAnalyzersCommand());
    expect(analyzers).toEqual([]);
    const iam = iamOf(access);
    expect((await iam.send(new ListUsersCommand())).Users).toEqual([]);
    // Once to begin, and once to find it done.
    await iam.send(new GenerateCredentialReportCommand());
    await iam.send(new GenerateCredentialReportCommand());
    const { Content } = await iam.send(new GetCredentialReportCommand());
    const [, ...rows] = Buffer.from(Content ?? [])
      .toString()
      .trim()
      .split("\n");
    expect(rows).toEqual([
      expect.stringMatching(/^<root_account>,arn:aws:iam::444455556666:root,/),
    ]);
  });
});

const names = async ({ ce, sts }: Clients) => [
  (await failureOf(ce.send(new GetAnomalyMonitorsCommand({})))).name,
  (await failureOf(sts.send(new GetCallerIdentityCommand({})))).name,
];

describe("temporary credentials are refused", () => {
  test("once they have expired, in each service's words", async () => {
    const demo = await openDemo(NOW);
    const clients = await assume(demo, { DurationSeconds: 900 });
    await whoIs(clients);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 901_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await names(clients)).toEqual(["ExpiredTokenException", "ExpiredToken"]);
    // The demo user's own key does not expire.
    expect((await whoIs(demo)).Account).toBe("111122223333");
  });

  test.each(["", "DEMO//session/forged"])("with the session token %j", async (sessionToken) => {
    const demo = await openDemo(NOW);
    const { Credentials: credentials } = await demo.sts.send(
      new AssumeRoleCommand({ RoleArn: PRODUCTION, RoleSessionName: "tester" }),
    );
    const clients = clientsFor({
      endpoint: demo.account.endpoint,
      accessKeyId: credentials?.AccessKeyId ?? "",
      secretAccessKey: credentials?.SecretAccessKey ?? "",
      sessionToken: sessionToken || undefined,
    });
    onTestFinished(() => clients.destroy());
    expect(await names(clients)).toEqual(["UnrecognizedClientException", "InvalidClientTokenId"]);
  });

  test("by another account's process, which gave out others", async () => {
    const clients = await assume(await openDemo(NOW));
    const other = await openDemo(NOW);
    const { accessKeyId, secretAccessKey, sessionToken } = await clients.sts.config.credentials();
    const strangers = clientsFor({
      endpoint: other.account.endpoint,
      accessKeyId,
      secretAccessKey,
      sessionToken,
    });
    onTestFinished(() => strangers.destroy());
    expect(await names(strangers)).toEqual(["UnrecognizedClientException", "InvalidClientTokenId"]);
  });
});

test("a denial names the role that was denied", async () => {
  const demo = await openDemo(NOW);
  const { ce } = await assume(demo);
  demo.account.faults.add({ operation: "GetAnomalyMonitors", kind: "access-denied" });
  expect((await failureOf(ce.send(new GetAnomalyMonitorsCommand({})))).message).toMatch(
    /^User: arn:aws:sts::444455556666:assumed-role\/demo-operations\/tester is not authorized/,
  );
});

describe("AssumeRole refuses", () => {
  const partner = "arn:aws:iam::444455556666:role/demo-partner";

  test.each<[string, Partial<AssumeRoleCommandInput>, string, number, RegExp]>([
    [
      "a role that does not exist",
      { RoleArn: "arn:aws:iam::444455556666:role/nobody" },
      "AccessDenied",
      403,
      /^User: arn:aws:iam::111122223333:user\/demo is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role\/nobody$/,
    ],
    ["a caller without the external id", { RoleArn: partner }, "AccessDenied", 403, /demo-partner/],
    [
      "a wrong external id",
      { RoleArn: partner, ExternalId: "guess" },
      "AccessDenied",
      403,
      /demo-partner/,
    ],
    [
      "more time than the role gives",
      { DurationSeconds: 3_601 },
      "ValidationError",
      400,
      /MaxSessionDuration set for this role/,
    ],
    ["too short a time", { DurationSeconds: 899 }, "ValidationError", 400, /at 'durationSeconds'/],
    [
      "too long a time",
      { DurationSeconds: 43_201 },
      "ValidationError",
      400,
      /at 'durationSeconds'/,
    ],
    [
      "a session without a name",
      { RoleSessionName: "x" },
      "ValidationError",
      400,
      /roleSessionName/,
    ],
    ["a name with a space", { RoleSessionName: "a b" }, "ValidationError", 400, /roleSessionName/],
  ])("%s", async (_what, change, name, status, message) => {
    const { sts } = await openDemo(NOW);
    const input = { RoleArn: PRODUCTION, RoleSessionName: "tester", ...change };
    const failure = await failureOf(sts.send(new AssumeRoleCommand(input)));
    expect(failure).toMatchObject({ name, status });
    expect(failure.message).toMatch(message);
  });

  test("nobody who knows the external id, and gives twelve hours where the role does", async () => {
    const demo = await openDemo(NOW);
    const { Arn } = await whoIs(
      await assume(demo, { RoleArn: partner, ExternalId: "demo-external-id" }),
    );
    expect(Arn).toContain("assumed-role/demo-partner/");
    const auditor = await assume(demo, {
      RoleArn: "arn:aws:iam::111122223333:role/demo-auditor",
      DurationSeconds: 43_200,
    });
    expect((await whoIs(auditor)).Account).toBe("111122223333");
  });

  test("a second role for more than an hour, and any to a linked account's role", async () => {
    const demo = await openDemo(NOW);
    const RoleArn = "arn:aws:iam::111122223333:role/demo-auditor";
    const auditor = { account: demo.account, ...(await assume(demo, { RoleArn })) };
    const long = { RoleArn, RoleSessionName: "chained", DurationSeconds: 7_200 };
    expect((await failureOf(auditor.sts.send(new AssumeRoleCommand(long)))).message).toMatch(
      /role chaining/,
    );
    const production = await assume(auditor);
    expect((await whoIs(production)).Account).toBe("444455556666");
    const back = new AssumeRoleCommand({ RoleArn, RoleSessionName: "back" });
    expect((await failureOf(production.sts.send(back))).name).toBe("AccessDenied");
  });
});

test("expired tokens can be had for the asking, for AssumeRole too", async () => {
  const { account, sts } = await openDemo(NOW);
  account.faults.add({ operation: "AssumeRole", kind: "expired-token" });
  await sts.send(new GetCallerIdentityCommand({}));
  const ask = new AssumeRoleCommand({ RoleArn: PRODUCTION, RoleSessionName: "tester" });
  expect((await failureOf(sts.send(ask))).name).toMatch(/^ExpiredToken/);
});
