import { ListAnalyzersCommand, ListFindingsV2Command } from "@aws-sdk/client-accessanalyzer";
import { DescribeInstancesCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { GetAccountSummaryCommand, IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DemoAccount, Fault } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { analyzerIn, arnOfAnalyzer } from "./access-analyzer-helpers.ts";
import { ec2In } from "./ec2-helpers.ts";
import { clientOptions, failureOf, openDemo, rawRequest } from "./helpers.ts";
import { iamOf } from "./iam-helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const describeVpcs = (account: DemoAccount, region = "us-east-1") =>
  ec2In(account, region).send(new DescribeVpcsCommand({}));
const summary = (account: DemoAccount) => iamOf(account).send(new GetAccountSummaryCommand({}));
const analyzers = (account: DemoAccount, region = "us-east-1") =>
  analyzerIn(account, region).send(new ListAnalyzersCommand({}));

type Call = (account: DemoAccount) => Promise<unknown>;

const DENIED =
  /^User: arn:aws:iam::111122223333:user\/demo is not authorized to perform: ([\w-]+:\w+) on resource: \S+ because no identity-based policy allows the \1 action$/;

describe("each service has its own words for the same fault", () => {
  test.each<[Fault["kind"], string, Call, string, number, RegExp]>([
    ["throttle", "EC2", describeVpcs, "RequestLimitExceeded", 503, /^Request limit exceeded\.$/],
    ["throttle", "IAM", summary, "Throttling", 400, /^Rate exceeded$/],
    ["throttle", "Access Analyzer", analyzers, "ThrottlingException", 429, /^Rate exceeded$/],
    [
      "access-denied",
      "EC2",
      describeVpcs,
      "UnauthorizedOperation",
      403,
      /^You are not authorized to perform this operation\. User: \S+ is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action$/,
    ],
    ["access-denied", "IAM", summary, "AccessDenied", 403, DENIED],
    ["access-denied", "Access Analyzer", analyzers, "AccessDeniedException", 403, DENIED],
    ["bad-credentials", "EC2", describeVpcs, "AuthFailure", 401, /not able to validate/],
    ["bad-credentials", "IAM", summary, "InvalidClientTokenId", 403, /invalid\.$/],
    [
      "bad-credentials",
      "Access Analyzer",
      analyzers,
      "UnrecognizedClientException",
      403,
      /invalid\.$/,
    ],
    // EC2 says the same of a session that has ended and of a clock that is wrong.
    ["expired-token", "EC2", describeVpcs, "RequestExpired", 400, /^Request has expired\.$/],
    ["clock-skew", "EC2", describeVpcs, "RequestExpired", 400, /^Request has expired\.$/],
    ["expired-token", "IAM", summary, "ExpiredToken", 403, /expired$/],
    ["clock-skew", "IAM", summary, "SignatureDoesNotMatch", 403, /^Signature expired/],
    ["expired-token", "Access Analyzer", analyzers, "ExpiredTokenException", 403, /expired$/],
    [
      "clock-skew",
      "Access Analyzer",
      analyzers,
      "InvalidSignatureException",
      403,
      /^Signature expired/,
    ],
    ["wrong-content-type", "Access Analyzer", analyzers, "SyntaxError", 200, /./],
    ["truncated", "Access Analyzer", analyzers, "SyntaxError", 200, /./],
    ["http", "Access Analyzer", analyzers, "SyntaxError", 503, /./],
  ])("%s, %s", async (kind, _service, call, name, status, message) => {
    const { account } = await openDemo(NOW);
    account.faults.add({ kind });
    const failure = await failureOf(call(account));
    expect(failure).toMatchObject({ name, status });
    expect(failure.message).toMatch(message);
    expect(account.log).toMatchObject([{ fault: kind, signatureOk: true }]);
    await expect(call(account)).resolves.toBeDefined();
  });

  test.each<[string, Call]>([
    ["EC2", describeVpcs],
    ["IAM", summary],
  ])(
    "XML of %s that stops in the middle, or is a page of HTML, is a failure",
    async (_service, call) => {
      for (const kind of ["truncated", "http"] as const) {
        const { account } = await openDemo(NOW);
        account.faults.add({ kind });
        await expect(call(account)).rejects.toThrow(/./);
        expect(account.log).toMatchObject([{ fault: kind }]);
      }
    },
  );
});

test.each<[string, (account: DemoAccount, token?: string) => Promise<string | undefined>, string]>([
  [
    "EC2",
    async (account, NextToken) =>
      (await ec2In(account, "us-east-1").send(new DescribeInstancesCommand({ NextToken })))
        .NextToken,
    "InvalidParameterValue",
  ],
  [
    "IAM",
    async (account, Marker) => (await iamOf(account).send(new ListUsersCommand({ Marker }))).Marker,
    "ValidationError",
  ],
  [
    "Access Analyzer",
    async (account, nextToken) =>
      (
        await analyzerIn(account, "us-east-1").send(
          new ListFindingsV2Command({
            analyzerArn: arnOfAnalyzer("us-east-1", "demo-external"),
            nextToken,
          }),
        )
      ).nextToken,
    "ValidationException",
  ],
])("%s can forget a page token", async (_service, page, name) => {
  const { account } = await openDemo(NOW);
  account.faults.add({ kind: "expired-page-token" });
  const token = await page(account);
  expect(token).toBeDefined();
  expect(await failureOf(page(account, token))).toMatchObject({ name, status: 400 });
  await expect(page(account, token)).resolves.not.toBe(token);
});

test("a fault may hit one operation of one region, in a sequence", async () => {
  const { account } = await openDemo(NOW);
  account.faults.add(
    { operation: "DescribeVpcs", region: "eu-west-1", kind: "access-denied", skip: 1 },
    { operation: "DescribeVpcs", region: "eu-west-1", kind: "throttle", times: 2 },
  );
  await describeVpcs(account);
  const names: string[] = [];
  for (let call = 0; call < 4; call += 1) {
    names.push(
      await describeVpcs(account, "eu-west-1").then(
        () => "ok",
        (error: Error) => error.name,
      ),
    );
  }
  await describeVpcs(account);
  await analyzers(account, "eu-west-1");
  expect(names).toEqual([
    "RequestLimitExceeded",
    "UnauthorizedOperation",
    "RequestLimitExceeded",
    "ok",
  ]);
});

test("the request log shows what was asked, of which service and in which region", async () => {
  const { account, sts } = await openDemo(NOW);
  await ec2In(account, "eu-west-1").send(
    new DescribeInstancesCommand({ Filters: [{ Name: "instance-type", Values: ["m6i.*"] }] }),
  );
  await summary(account);
  await analyzers(account, "us-west-2");
  await sts.send(new GetCallerIdentityCommand({}));
  expect(account.log).toMatchObject([
    {
      service: "ec2",
      operation: "DescribeInstances",
      scope: { service: "ec2", region: "eu-west-1" },
      body: { Filter: [{ Name: "instance-type", Value: ["m6i.*"] }] },
      status: 200,
    },
    { service: "iam", operation: "GetAccountSummary", scope: { region: "us-east-1" } },
    { service: "access-analyzer", operation: "ListAnalyzers", scope: { region: "us-west-2" } },
    { service: "sts", operation: "GetCallerIdentity" },
  ]);
});

describe("a signature", () => {
  test("with a wrong secret is refused in each service's words", async () => {
    const { account } = await openDemo(NOW);
    const thief = { ...account, secretAccessKey: "something else" };
    expect(await failureOf(describeVpcs(thief))).toMatchObject({
      name: "AuthFailure",
      status: 401,
    });
    expect(await failureOf(summary(thief))).toMatchObject({
      name: "SignatureDoesNotMatch",
      status: 403,
    });
    expect(await failureOf(analyzers(thief))).toMatchObject({
      name: "InvalidSignatureException",
      status: 403,
    });
    expect(account.log.some(({ signatureOk }) => signatureOk)).toBe(false);
  });

  test("of IAM is for us-east-1, wherever the caller is", async () => {
    const { account } = await openDemo(NOW);
    const client = new IAMClient(clientOptions(account, "eu-west-1"));
    onTestFinished(() => client.destroy());
    const failure = await failureOf(client.send(new GetAccountSummaryCommand({})));
    expect(failure.message).toContain("valid region, not 'eu-west-1'");
  });

  test("is asked for by every service", async () => {
    const { account } = await openDemo(NOW);
    const form = (body: string) =>
      rawRequest(account.endpoint, {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body,
      });
    const ec2 = await form("Action=DescribeVpcs&Version=2016-11-15");
    expect([ec2.status, ec2.body]).toEqual([
      400,
      expect.stringMatching(
        /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Response><Errors><Error><Code>MissingParameter<\/Code><Message>The request must contain the parameter AWSAccessKeyId<\/Message><\/Error><\/Errors><RequestID>[\w-]+<\/RequestID><\/Response>$/,
      ),
    ]);
    const iam = await form("Action=ListUsers&Version=2010-05-08");
    expect([iam.status, iam.body]).toEqual([
      403,
      expect.stringContaining("<Code>MissingAuthenticationToken</Code>"),
    ]);
    const rest = await rawRequest(account.endpoint, { method: "GET", path: "/analyzer" });
    expect([rest.status, rest.headers["x-amzn-errortype"], rest.body]).toEqual([
      403,
      "MissingAuthenticationTokenException",
      '{"message":"Missing Authentication Token"}',
    ]);
    const unknown = await form("Action=ListUsers&Version=1999-01-01");
    expect([unknown.status, unknown.body]).toEqual([
      400,
      expect.stringContaining("<Code>InvalidAction</Code>"),
    ]);
  });
});
