import * as sdk from "@aws-sdk/client-accessanalyzer";
import { describe, expect, test } from "vitest";
import {
  analyzersIn,
  identitiesOf,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { analyzerIn, arnOfAnalyzer } from "./access-analyzer-helpers.ts";
import { allOf, failureOf, openDemo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const EXTERNAL = arnOfAnalyzer("us-east-1", "demo-external");
const EXTERNAL_EU = arnOfAnalyzer("eu-west-1", "demo-external");
const UNUSED = arnOfAnalyzer("us-east-1", "demo-unused");

async function open(region = "us-east-1") {
  const { account } = await openDemo(NOW);
  return { account, client: analyzerIn(account, region) };
}

const analyzers = (client: sdk.AccessAnalyzerClient, type?: sdk.Type) =>
  allOf(
    sdk.paginateListAnalyzers({ client }, type === undefined ? {} : { type }),
    (page) => page.analyzers,
  );

const findings = (client: sdk.AccessAnalyzerClient, input: sdk.ListFindingsV2CommandInput) =>
  allOf(sdk.paginateListFindingsV2({ client }, input), (page) => page.findings);

/** The last part of each resource's ARN. */
const resources = async (
  client: sdk.AccessAnalyzerClient,
  input: sdk.ListFindingsV2CommandInput,
): Promise<(string | undefined)[]> =>
  (await findings(client, input)).items.map(({ resource }) => resource?.split(/[:/]/).at(-1));

describe("analyzers", () => {
  test("are those of the region that is asked", async () => {
    const { account, client } = await open();
    const names = async (region: string) =>
      (await analyzers(analyzerIn(account, region))).items.map(({ name, type, status }) =>
        [name, type, status].join(" "),
      );
    expect(await names("us-east-1")).toEqual([
      "demo-external ACCOUNT ACTIVE",
      "demo-unused ACCOUNT_UNUSED_ACCESS ACTIVE",
    ]);
    expect(await names("eu-west-1")).toEqual(["demo-external ACCOUNT ACTIVE"]);
    expect(await names("us-west-2")).toEqual([]);
    const { items } = await analyzers(client, "ACCOUNT_UNUSED_ACCESS");
    expect(items).toEqual(
      analyzersIn(account.estate, "us-east-1")
        .slice(1)
        .map(({ summary }) => summary),
    );
  });

  test("have found twelve things in two regions", async () => {
    const { account } = await open();
    let pages = 0;
    const found: (sdk.FindingSummaryV2 & { region: string })[] = [];
    for (const [region, arn] of [
      ["us-east-1", EXTERNAL],
      ["us-east-1", UNUSED],
      ["eu-west-1", EXTERNAL_EU],
    ] as const) {
      const list = await findings(analyzerIn(account, region), { analyzerArn: arn });
      const analyzer = analyzersIn(account.estate, region).find(
        ({ summary }) => summary.arn === arn,
      );
      expect(list.items).toEqual(analyzer?.findings.map(({ summary }) => summary));
      found.push(...list.items.map((item) => ({ ...item, region })));
      pages += list.pages;
    }
    expect(found).toHaveLength(12);
    expect(new Set(found.map(({ id }) => id)).size).toBe(12);
    expect(pages).toBe(4);
    expect(found.filter(({ error }) => error !== undefined)).toMatchObject([
      { error: "ACCESS_DENIED", region: "eu-west-1" },
    ]);
    expect(found.filter(({ status }) => status === "ARCHIVED")).toHaveLength(1);
  });

  test("that are being created have found nothing yet", async () => {
    const { account, client } = await open();
    account.faults.add({ kind: "analyzer-creating" });
    const { items } = await analyzers(client);
    expect(items.map(({ status }) => status)).toEqual(["CREATING", "CREATING"]);
    expect(await resources(client, { analyzerArn: EXTERNAL })).toEqual([]);
  });

  test("can be missing, in one region or in all", async () => {
    const { account, client } = await open();
    const withdraw = account.faults.add({ kind: "no-analyzer", region: "us-east-1" });
    expect((await analyzers(client)).items).toEqual([]);
    expect((await analyzers(analyzerIn(account, "eu-west-1"))).items).toHaveLength(1);
    const call = client.send(new sdk.ListFindingsV2Command({ analyzerArn: EXTERNAL }));
    expect(await failureOf(call)).toMatchObject({ name: "ResourceNotFoundException", status: 404 });
    withdraw();
    account.faults.add({ kind: "no-analyzer" });
    expect((await analyzers(analyzerIn(account, "eu-west-1"))).items).toEqual([]);
  });
});

describe("findings", () => {
  test.each<[string, Record<string, sdk.Criterion>, string[]]>([
    ["what is public", { isPublic: { eq: ["true"] } }, ["demo-public-assets"]],
    [
      "what is not",
      { isPublic: { eq: ["false"] }, resourceType: { neq: ["AWS::KMS::Key"] } },
      ["demo-data-share", "demo-partner-access", "demo-vendor-audit"],
    ],
    ["a status", { status: { eq: ["ARCHIVED"] } }, ["demo-vendor-audit"]],
    [
      "one of several types",
      { resourceType: { eq: ["AWS::KMS::Key", "AWS::S3::Bucket"] } },
      ["demo-public-assets", "0a1b2c3d-4e5f-4000-8000-000000000001"],
    ],
    ["a part of a name", { resource: { contains: ["partner"] } }, ["demo-partner-access"]],
    [
      "who may",
      { "principal.AWS": { eq: ["222233334444"] } },
      ["demo-partner-access", "0a1b2c3d-4e5f-4000-8000-000000000001"],
    ],
    ["what could not be read", { error: { exists: true } }, []],
  ])("are chosen by %s", async (_what, filter, expected) => {
    const { client } = await open();
    expect(await resources(client, { analyzerArn: EXTERNAL, filter })).toEqual(expected);
  });

  test("of unused access are chosen by their type", async () => {
    const { client } = await open();
    const filter = { findingType: { eq: ["UnusedIAMRole"] } };
    expect(await resources(client, { analyzerArn: UNUSED, filter })).toEqual([
      "demo-lambda-old",
      "demo-migration",
    ]);
  });

  test("are sorted on request", async () => {
    const { client } = await open();
    const sort = { attributeName: "createdAt", orderBy: "DESC" } as const;
    const sorted = await resources(client, { analyzerArn: EXTERNAL, sort });
    expect([sorted[0], sorted.at(-1)]).toEqual(["demo-public-assets", "demo-partner-access"]);
  });

  test("have details, of a kind for each kind of finding", async () => {
    const { account, client } = await open();
    const kinds = new Map<string | undefined, string[]>();
    for (const arn of [EXTERNAL, UNUSED]) {
      for (const { id, findingType } of (await findings(client, { analyzerArn: arn })).items) {
        const { findingDetails = [], ...finding } = await client.send(
          new sdk.GetFindingV2Command({ analyzerArn: arn, id }),
        );
        expect(finding).toMatchObject({ id, findingType });
        kinds.set(
          findingType,
          findingDetails.flatMap((details) => Object.keys(details)),
        );
      }
    }
    expect(Object.fromEntries(kinds)).toEqual({
      ExternalAccess: ["externalAccessDetails"],
      UnusedIAMRole: ["unusedIamRoleDetails"],
      UnusedIAMUserAccessKey: ["unusedIamUserAccessKeyDetails"],
      UnusedPermission: ["unusedPermissionDetails", "unusedPermissionDetails"],
    });
    const [first] = analyzersIn(account.estate, "us-east-1")[0]?.findings ?? [];
    const { findingDetails } = await client.send(
      new sdk.GetFindingV2Command({ analyzerArn: EXTERNAL, id: first?.summary.id }),
    );
    expect(findingDetails).toEqual([
      {
        externalAccessDetails: {
          action: ["s3:GetObject"],
          condition: {},
          isPublic: true,
          principal: { AWS: "*" },
          sources: [{ type: "POLICY" }],
          resourceControlPolicyRestriction: "NOT_APPLICABLE",
        },
      },
    ]);
  });

  test("have details in pages", async () => {
    const { account, client } = await open();
    const finding = analyzersIn(account.estate, "us-east-1")[1]?.findings.find(
      ({ summary }) => summary.findingType === "UnusedPermission",
    );
    const input = { analyzerArn: UNUSED, id: finding?.summary.id, maxResults: 1 };
    const { items, pages } = await allOf(
      sdk.paginateGetFindingV2({ client }, input),
      ({ findingDetails }) => findingDetails,
    );
    expect(pages).toBe(2);
    expect(items).toEqual(finding?.details);
  });

  test("of the first version are for analyzers of external access alone", async () => {
    const { client } = await open();
    const list = (analyzerArn: string) =>
      allOf(sdk.paginateListFindings({ client }, { analyzerArn }), (page) => page.findings);
    const { items } = await list(EXTERNAL);
    expect(items.map(({ isPublic }) => isPublic)).toEqual([true, false, false, false, false]);
    expect(await failureOf(list(UNUSED))).toMatchObject({
      name: "ValidationException",
      status: 400,
    });
  });
});

describe("statistics", () => {
  test("count what the lists hold", async () => {
    const { account } = await open();
    for (const [region, arn] of [
      ["us-east-1", EXTERNAL],
      ["eu-west-1", EXTERNAL_EU],
    ] as const) {
      const client = analyzerIn(account, region);
      const { findingsStatistics: [statistics] = [] } = await client.send(
        new sdk.GetFindingsStatisticsCommand({ analyzerArn: arn }),
      );
      const external = statistics?.externalAccessFindingsStatistics;
      const count = async (filter: Record<string, sdk.Criterion>) =>
        (await resources(client, { analyzerArn: arn, filter })).length;
      const status = { eq: ["ACTIVE"] };
      expect(external?.totalActiveFindings).toBe(await count({ status }));
      expect(external?.totalArchivedFindings).toBe(await count({ status: { eq: ["ARCHIVED"] } }));
      const types = Object.entries(external?.resourceTypeStatistics ?? {});
      expect(types.length).toBeGreaterThan(2);
      for (const [type, counted] of types) {
        const resourceType = { eq: [type] };
        expect([type, counted]).toEqual([
          type,
          {
            totalActivePublic: await count({ status, resourceType, isPublic: { eq: ["true"] } }),
            totalActiveCrossAccount: await count({
              status,
              resourceType,
              isPublic: { eq: ["false"] },
            }),
            totalActiveErrors: await count({ status, resourceType, error: { exists: true } }),
          },
        ]);
      }
    }
  });

  test("of unused access go by kind and account", async () => {
    const { client } = await open();
    const { findingsStatistics } = await client.send(
      new sdk.GetFindingsStatisticsCommand({ analyzerArn: UNUSED }),
    );
    expect(findingsStatistics).toEqual([
      {
        unusedAccessFindingsStatistics: {
          unusedAccessTypeStatistics: [
            { unusedAccessType: "UnusedIAMRole", total: 2 },
            { unusedAccessType: "UnusedIAMUserAccessKey", total: 1 },
            { unusedAccessType: "UnusedPermission", total: 1 },
          ],
          topAccounts: [
            {
              account: "111122223333",
              numberOfActiveFindings: 4,
              details: { UnusedIAMRole: 2, UnusedIAMUserAccessKey: 1, UnusedPermission: 1 },
            },
          ],
          totalActiveFindings: 4,
          totalArchivedFindings: 0,
          totalResolvedFindings: 0,
        },
      },
    ]);
  });
});

test("what is found is there: roles and users in IAM, keys that have never been used", async () => {
  const { account } = await open();
  const { users, roles } = identitiesOf(account.estate);
  const arns = new Set([...users.map(({ detail }) => detail.Arn), ...roles.map(({ Arn }) => Arn)]);
  const all = ["us-east-1", "eu-west-1"].flatMap((region) =>
    analyzersIn(account.estate, region).flatMap((analyzer) => analyzer.findings),
  );
  const named = all.filter(({ summary }) => summary.resource.startsWith("arn:aws:iam:"));
  expect(named).toHaveLength(7);
  expect(named.filter(({ summary }) => !arns.has(summary.resource))).toEqual([]);
  const unused = all.flatMap(({ details }) =>
    details.flatMap(({ unusedIamUserAccessKeyDetails: key }) =>
      key === undefined ? [] : [key.accessKeyId],
    ),
  );
  const keys = users.flatMap((user) => user.keys).filter(({ used }) => used === undefined);
  expect(keys.map(({ metadata }) => metadata.AccessKeyId)).toEqual(expect.arrayContaining(unused));
});

describe("Access Analyzer refuses", () => {
  test.each<[string, string, number, (client: sdk.AccessAnalyzerClient) => Promise<unknown>]>([
    [
      "an analyzer of another region",
      "ResourceNotFoundException",
      404,
      (client) => client.send(new sdk.ListFindingsV2Command({ analyzerArn: EXTERNAL_EU })),
    ],
    [
      "what is no ARN of an analyzer",
      "ValidationException",
      400,
      (client) => client.send(new sdk.ListFindingsV2Command({ analyzerArn: "demo-external" })),
    ],
    [
      "a finding that is not there",
      "ResourceNotFoundException",
      404,
      (client) =>
        client.send(new sdk.GetFindingV2Command({ analyzerArn: EXTERNAL, id: "a/b c?d=e" })),
    ],
    [
      "a filter that it does not know",
      "ValidationException",
      400,
      (client) =>
        client.send(
          new sdk.ListFindingsV2Command({
            analyzerArn: EXTERNAL,
            filter: { severity: { eq: ["HIGH"] } },
          }),
        ),
    ],
    [
      "a filter that is for the other kind of analyzer",
      "ValidationException",
      400,
      (client) =>
        client.send(
          new sdk.ListFindingsV2Command({
            analyzerArn: UNUSED,
            filter: { isPublic: { eq: ["true"] } },
          }),
        ),
    ],
    [
      "a filter without values",
      "ValidationException",
      400,
      (client) =>
        client.send(
          new sdk.ListFindingsV2Command({ analyzerArn: EXTERNAL, filter: { status: { eq: [] } } }),
        ),
    ],
    [
      "a page of nothing",
      "ValidationException",
      400,
      (client) => client.send(new sdk.ListAnalyzersCommand({ maxResults: 0 })),
    ],
    [
      "a token that it has not made",
      "ValidationException",
      400,
      (client) =>
        client.send(new sdk.ListFindingsV2Command({ analyzerArn: EXTERNAL, nextToken: "x" })),
    ],
    [
      "an unknown type of analyzer",
      "ValidationException",
      400,
      (client) => client.send(new sdk.ListAnalyzersCommand({ type: "PLANET" as sdk.Type })),
    ],
  ])("%s", async (_what, name, status, call) => {
    const { client } = await open();
    const failure = await failureOf(call(client));
    expect(failure).toMatchObject({ name, status });
    expect(failure.message).not.toBe("");
  });

  test("a region that is not enabled", async () => {
    const { account } = await open();
    expect(await failureOf(analyzers(analyzerIn(account, "ap-east-1")))).toMatchObject({
      name: "UnrecognizedClientException",
      status: 403,
    });
  });
});
