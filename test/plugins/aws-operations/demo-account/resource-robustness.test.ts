import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { either } from "./arbitraries.ts";
import { arnOfAnalyzer } from "./access-analyzer-helpers.ts";
import { openDemo, rawRequest, type Demo } from "./helpers.ts";
import { signedHeaders, type SignOptions } from "./signed-headers.ts";

const NOW = "2026-11-20T10:00:00Z";

async function post({ account }: Demo, options: SignOptions): Promise<number> {
  const headers = signedHeaders(account.endpoint, options);
  const { path = "/", body } = options;
  return (await rawRequest(account.endpoint, { path, headers, body })).status;
}

const stillServes = async ({ sts }: Demo): Promise<void> => {
  await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
    Account: "111122223333",
  });
};

test("whatever is in a signed form, the answer is an answer or an error of the caller", async () => {
  const demo = await openDemo(NOW, { pageSize: 3 });
  const name = fc.oneof(
    fc.constantFrom(
      "Filter.1.Name",
      "Filter.1.Value.1",
      "Filter.2.Name",
      "Filter.1",
      "Filter.member.1",
      "Filter",
      "InstanceId.1",
      "InstanceId.0",
      "InstanceId.1.1",
      "MaxResults",
      "MaxItems",
      "NextToken",
      "Marker",
      "DryRun",
      "IncludeAllInstances",
      "UserName",
      "GroupName",
      "GroupName.1",
      "PolicyArn",
      "__proto__.x",
      "constructor.prototype.1",
      ".",
      "a.".repeat(400),
    ),
    fc.string(),
  );
  const value = fc.oneof(
    fc.constantFrom(
      "5",
      "-1",
      "1e9",
      "true",
      "instance-id",
      "tag:*",
      "*",
      "\\",
      "arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    fc.string({ unit: "binary" }),
  );
  const form = (version: string, actions: readonly string[]) =>
    fc
      .tuple(fc.constantFrom(...actions), fc.array(fc.tuple(name, value), { maxLength: 6 }))
      .map(([action, fields]) =>
        new URLSearchParams([["Action", action], ["Version", version], ...fields]).toString(),
      );
  const operations = (service: string, all: readonly string[]) =>
    form(service, [...all, "Nothing", "toString"]);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        operations("2016-11-15", [
          "DescribeInstances",
          "DescribeInstanceStatus",
          "DescribeAddresses",
          "DescribeSecurityGroups",
          "DescribeRegions",
        ]).map((body) => ({ service: "ec2", body })),
        operations("2010-05-08", [
          "GetGroup",
          "ListUsers",
          "ListAccessKeys",
          "ListEntitiesForPolicy",
          "GetAccountAuthorizationDetails",
        ]).map((body) => ({ service: "iam", body })),
      ),
      async ({ service, body }) => {
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        expect([200, 400, 404, 412]).toContain(await post(demo, { service, headers, body }));
      },
    ),
    { numRuns: 300 },
  );
  expect(demo.account.log.every(({ signatureOk }) => signatureOk)).toBe(true);
  // However deep a field's name is, the log can be read.
  expect(() => JSON.stringify(demo.account.log)).not.toThrow();
  await stillServes(demo);
});

test("whatever is in a signed body of REST, the answer is an answer or an error of the caller", async () => {
  const demo = await openDemo(NOW);
  const criterion = fc.record(
    {
      eq: either(fc.array(fc.string())),
      neq: either(fc.array(fc.constant("ACTIVE"))),
      contains: either(fc.array(fc.constant("a"))),
      exists: either(fc.boolean()),
    },
    { requiredKeys: [] },
  );
  const request = fc.record(
    {
      analyzerArn: either(fc.constant(arnOfAnalyzer("us-east-1", "demo-external"))),
      filter: either(
        fc.dictionary(
          fc.constantFrom("status", "isPublic", "__proto__", "resource"),
          either(criterion),
        ),
      ),
      sort: either(
        fc.record({
          attributeName: either(fc.constant("createdAt")),
          orderBy: either(fc.constant("ASC")),
        }),
      ),
      maxResults: either(fc.integer()),
      nextToken: either(fc.string()),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { arbitrary: request.map((value) => JSON.stringify(value)), weight: 9 },
        { arbitrary: fc.string(), weight: 1 },
        { arbitrary: fc.json(), weight: 1 },
      ),
      async (body) => {
        const options = { service: "access-analyzer", headers: {}, path: "/findingv2", body };
        expect([200, 400, 404]).toContain(await post(demo, options));
      },
    ),
    { numRuns: 300 },
  );
  await stillServes(demo);
});
