import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import { GetAnomalyMonitorsCommand } from "@aws-sdk/client-cost-explorer";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  DEMO_ACCESS_KEY_ID,
  DEMO_SECRET_ACCESS_KEY,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { sign } from "../../../../plugins/aws-operations/demo-account/sigv4.ts";
import { clientsFor, failureOf, openDemo, rawRequest, type Clients } from "./helpers.ts";
import { signedHeaders, type SignOptions } from "./signed-headers.ts";

const NOW = "2026-11-20T10:00:00Z";

function closing(clients: Clients): Clients {
  onTestFinished(() => clients.destroy());
  return clients;
}

const callEach = (
  { ce, budgets, sts }: Clients,
  accountId: string,
): [service: string, call: Promise<unknown>][] => [
  ["ce", ce.send(new GetAnomalyMonitorsCommand({}))],
  ["budgets", budgets.send(new DescribeBudgetsCommand({ AccountId: accountId }))],
  ["sts", sts.send(new GetCallerIdentityCommand({}))],
];

describe("the signature is computed as published", () => {
  const scope = {
    accessKeyId: "AKIDEXAMPLE",
    date: "20150830",
    region: "us-east-1",
    service: "service",
  };
  const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const base = { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" };

  test.each([
    [
      "get-vanilla",
      { method: "GET", url: "/", headers: base, body: "" },
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ],
    [
      "get-vanilla-query-order-key-case",
      { method: "GET", url: "/?Param2=value2&Param1=value1", headers: base, body: "" },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "post-x-www-form-urlencoded",
      {
        method: "POST",
        url: "/",
        headers: { ...base, "content-type": "application/x-www-form-urlencoded" },
        body: "Param1=value1",
      },
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ])("for %s of the Signature Version 4 test suite", (_name, request, signature) => {
    const signed = Object.keys(request.headers).toSorted();
    const body = Buffer.from(request.body);
    expect(sign({ ...request, body }, signed, scope, secret)).toBe(signature);
  });

  test("for the ListUsers example of the AWS documentation", () => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      host: "iam.amazonaws.com",
      "x-amz-date": "20150830T123600Z",
    };
    const url = "/?Action=ListUsers&Version=2010-05-08";
    const request = { method: "GET", url, headers, body: Buffer.alloc(0) };
    expect(sign(request, Object.keys(headers), { ...scope, service: "iam" }, secret)).toBe(
      "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
  });
});

test("the key pair says that it is a demo", () => {
  expect(DEMO_ACCESS_KEY_ID).toMatch(/^[A-Z0-9]{20}$/);
  expect(DEMO_ACCESS_KEY_ID).toContain("DEMO");
  expect(DEMO_SECRET_ACCESS_KEY).toContain("DEMO");
});

test("every service accepts what the SDK signs with the demo key", async () => {
  const { account, ...clients } = await openDemo(NOW);
  await Promise.all(callEach(clients, account.accountId).map(([, call]) => call));
  expect(account.log.map(({ signatureOk }) => signatureOk)).toEqual([true, true, true]);
  expect(new Set(account.log.map(({ scope }) => scope?.service))).toEqual(
    new Set(["ce", "budgets", "sts"]),
  );
});

test("a wrong secret is refused as a bad signature", async () => {
  const { account } = await openDemo(NOW);
  const clients = closing(clientsFor({ ...account, secretAccessKey: "something else" }));
  const names = await Promise.all(
    callEach(clients, account.accountId).map(async ([service, call]) => {
      const { name, status, message } = await failureOf(call);
      expect(message).toContain("does not match the signature you provided");
      return [service, name, status];
    }),
  );
  expect(names).toEqual([
    ["ce", "InvalidSignatureException", 400],
    ["budgets", "InvalidSignatureException", 400],
    ["sts", "SignatureDoesNotMatch", 403],
  ]);
  expect(account.log.every(({ signatureOk }) => !signatureOk)).toBe(true);
});

test("an unknown key is refused as unknown, in each service's words", async () => {
  const { account } = await openDemo(NOW);
  const clients = closing(clientsFor({ ...account, accessKeyId: "AKIAIOSFODNN7EXAMPLE" }));
  const names = await Promise.all(
    callEach(clients, account.accountId).map(async ([, call]) => (await failureOf(call)).name),
  );
  expect(names).toEqual([
    "UnrecognizedClientException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
  ]);
});

test("a signature for another region is refused where the service has one region", async () => {
  const { account } = await openDemo(NOW);
  const { ce, budgets, sts } = closing(clientsFor(account, "eu-west-1"));
  for (const call of [
    ce.send(new GetAnomalyMonitorsCommand({})),
    budgets.send(new DescribeBudgetsCommand({ AccountId: account.accountId })),
  ]) {
    expect((await failureOf(call)).message).toContain("valid region, not 'eu-west-1'");
  }
  // STS has an endpoint in every region, of those that the account has enabled.
  await sts.send(new GetCallerIdentityCommand({}));
  const elsewhere = closing(clientsFor(account, "me-south-1"));
  await expect(elsewhere.sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: "InvalidClientTokenId",
  });
});

async function post(endpoint: string, headers: Record<string, string>, body = "{}") {
  const response = await rawRequest(endpoint, { headers, body });
  const parsed: unknown = JSON.parse(response.body);
  return { status: response.status, ...(parsed as { __type?: string; Message?: string }) };
}

const signed = (
  endpoint: string,
  change: Partial<SignOptions> & { readonly extra?: Readonly<Record<string, string>> } = {},
): Record<string, string> =>
  signedHeaders(endpoint, {
    service: "ce",
    body: "{}",
    ...change,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSInsightsIndexService.GetAnomalyMonitors",
      ...change.extra,
    },
  });

describe("by hand", () => {
  test("a correctly signed request is served", async () => {
    const { account } = await openDemo(NOW);
    const { status } = await post(account.endpoint, signed(account.endpoint));
    expect(status).toBe(200);
  });

  test("an unsigned request lacks a token", async () => {
    const { account } = await openDemo(NOW);
    const { authorization: _, ...headers } = signed(account.endpoint);
    expect(await post(account.endpoint, headers)).toMatchObject({
      status: 400,
      __type: "MissingAuthenticationTokenException",
    });
    const form = await rawRequest(account.endpoint, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Action=GetCallerIdentity&Version=2011-06-15",
    });
    expect(form.status).toBe(403);
    expect(form.body).toContain("<Code>MissingAuthenticationToken</Code>");
  });

  test.each([
    ["too old", -16 * 60_000, "Signature expired"],
    ["from the future", 16 * 60_000, "Signature not yet current"],
  ])("a signature %s is refused", async (_when, skewMs, text) => {
    const { account } = await openDemo(NOW);
    const answer = await post(account.endpoint, signed(account.endpoint, { skewMs }));
    expect(answer).toMatchObject({ status: 400, __type: "InvalidSignatureException" });
    expect(answer.Message).toContain(text);
  });

  test("fourteen minutes of skew are forgiven", async () => {
    const { account } = await openDemo(NOW);
    const skewed = signed(account.endpoint, { skewMs: -14 * 60_000 });
    expect((await post(account.endpoint, skewed)).status).toBe(200);
  });

  test("a signature for another service is refused", async () => {
    const { account } = await openDemo(NOW);
    const answer = await post(account.endpoint, signed(account.endpoint, { service: "budgets" }));
    expect(answer.Message).toContain("Credential should be scoped to correct service: 'ce'");
  });

  test("a body changed after signing is refused", async () => {
    const { account } = await openDemo(NOW);
    const answer = await post(account.endpoint, signed(account.endpoint), '{"a":1}');
    expect(answer.__type).toBe("InvalidSignatureException");
  });

  test("an x-amz- header outside the signature is refused", async () => {
    const { account } = await openDemo(NOW);
    const headers = signed(account.endpoint, { unsigned: ["x-amz-target"] });
    expect((await post(account.endpoint, headers)).__type).toBe("IncompleteSignatureException");
  });

  test("a session token with the permanent demo key is refused", async () => {
    const { account } = await openDemo(NOW);
    const headers = signed(account.endpoint, {
      extra: { "x-amz-security-token": "made up" },
    });
    expect((await post(account.endpoint, headers)).__type).toBe("UnrecognizedClientException");
  });

  test.each(["", "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0"])(
    "an authorization header %j is refused",
    async (authorization) => {
      const { account } = await openDemo(NOW);
      const headers = { ...signed(account.endpoint), authorization };
      expect((await post(account.endpoint, headers)).status).toBe(400);
    },
  );
});

test("signatures are judged by the real clock, however the account's clock stands", async () => {
  for (const now of ["2024-02-29T23:59:59Z", "2031-01-01T00:00:00Z"]) {
    const { sts } = await openDemo(now);
    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Account: "111122223333",
    });
  }
});
