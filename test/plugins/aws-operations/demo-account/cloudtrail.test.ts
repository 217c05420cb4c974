import {
  CloudTrailClient,
  LookupEventsCommand,
  type Event,
  type LookupEventsCommandInput,
  type LookupAttributeKey,
} from "@aws-sdk/client-cloudtrail";
import { GetAnomaliesCommand } from "@aws-sdk/client-cost-explorer";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  identitiesOf,
  type DemoAccount,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { day, failureOf, openDemo, withDemo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

function trailIn(account: DemoAccount, region: string): CloudTrailClient {
  const { endpoint, accessKeyId, secretAccessKey } = account;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new CloudTrailClient({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function eventsOf(
  client: CloudTrailClient,
  input: LookupEventsCommandInput = {},
): Promise<{ readonly events: readonly Event[]; readonly pages: readonly number[] }> {
  const events: Event[] = [];
  const pages: number[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new LookupEventsCommand({ ...input, NextToken }));
    events.push(...(page.Events ?? []));
    pages.push(page.Events?.length ?? 0);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return { events, pages };
}

const by = (
  AttributeKey: LookupAttributeKey,
  AttributeValue: string,
): LookupEventsCommandInput => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});

interface TrailRecord {
  readonly userIdentity: {
    readonly type: string;
    readonly arn?: string;
    readonly sessionContext?: { readonly sessionIssuer: { readonly userName: string } };
  };
  readonly eventTime: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly readOnly: boolean;
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
  readonly additionalEventData?: { readonly MFAUsed: string };
}

const recordOf = ({ CloudTrailEvent = "" }: Event): TrailRecord =>
  JSON.parse(CloudTrailEvent) as TrailRecord;

test("ninety days of a region come in pages of fifty, the latest first, nothing twice", async () => {
  const { cloudTrail } = await openDemo(NOW);
  const { events, pages } = await eventsOf(cloudTrail);
  expect(pages.length).toBeGreaterThan(4);
  expect(new Set(pages.slice(0, -1))).toEqual(new Set([50]));
  expect(new Set(events.map(({ EventId }) => EventId)).size).toBe(events.length);
  const times = events.map(({ EventTime }) => Number(EventTime));
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect(times[0]).toBeLessThanOrEqual(Date.parse(NOW));
  expect(times.at(-1)).toBeGreaterThan(Date.parse(NOW) - 91 * 86_400_000);
});

test("each event says the same in its members as in its record", async () => {
  const { cloudTrail } = await openDemo(NOW);
  for (const event of (await eventsOf(cloudTrail)).events) {
    const record = recordOf(event);
    expect(record).toMatchObject({
      eventID: event.EventId,
      eventName: event.EventName,
      eventSource: event.EventSource,
      awsRegion: "us-east-1",
      readOnly: event.ReadOnly === "true",
      recipientAccountId: "111122223333",
    });
    expect(Date.parse(record.eventTime)).toBe(Number(event.EventTime));
  }
});

test.each<[region: string, name: string, username: string, resource: string | undefined]>([
  ["us-east-1", "StopInstances", "ben.ortiz", "i-0a1b2c3d4e5f60006"],
  ["eu-west-1", "StopInstances", "ben.ortiz", "i-0a1b2c3d4e5f60012"],
  ["us-west-2", "StopInstances", "grace.osei", "i-0a1b2c3d4e5f60013"],
  ["eu-west-1", "RunInstances", "deploy-bot", "i-0a1b2c3d4e5f60010"],
  ["us-east-1", "AuthorizeSecurityGroupIngress", "ben.ortiz", "sg-0a1b2c3d4e5fe0001"],
  ["us-east-1", "CreateAccessKey", "anna.keller", "AKIADEMOCIRU2EXAMPLE"],
  ["us-east-1", "AttachUserPolicy", "anna.keller", "ben.ortiz"],
  ["us-east-1", "DeleteBucketPolicy", "dora.novak", "demo-public-assets"],
  ["us-east-1", "PutBucketPolicy", "dora.novak", "demo-public-assets"],
  ["us-east-1", "UpdateFunctionCode20150331v2", "deploy-bot", "checkout-api"],
  ["eu-west-1", "CreateTags", "ivy.marsh", "i-0a1b2c3d4e5f60011"],
])("in %s, %s was done by %s", async (region, name, username, resource) => {
  const { account } = await openDemo(NOW);
  const client = trailIn(account, region);
  const { events } = await eventsOf(client, by("EventName", name));
  const found = events.filter(({ Resources = [] }) =>
    Resources.some(({ ResourceName }) => ResourceName === resource),
  );
  expect(found.map(({ Username, ReadOnly }) => [Username, ReadOnly])).toEqual([
    [username, "false"],
  ]);
  const byResource = await eventsOf(client, by("ResourceName", resource ?? ""));
  expect(byResource.events.map(({ EventId }) => EventId)).toContain(found[0]?.EventId);
});

test("people sign in, the root user among them and with a second factor; one fails to", async () => {
  const { account, cloudTrail } = await openDemo(NOW);
  const { events } = await eventsOf(cloudTrail, by("EventName", "ConsoleLogin"));
  const root = events.filter(({ Username }) => Username === "root");
  expect(root.map((event) => recordOf(event).userIdentity.type)).toEqual(["Root"]);
  expect(root.map((event) => recordOf(event).additionalEventData?.MFAUsed)).toEqual(["Yes"]);
  expect(new Set(events.map(({ Username }) => Username)).size).toBeGreaterThan(4);
  const failed = events.map(recordOf).filter(({ errorMessage }) => errorMessage !== undefined);
  expect(failed).toHaveLength(2);
  expect(failed[0]).toMatchObject({
    userIdentity: { arn: "arn:aws:iam::111122223333:user/finn.berg" },
    responseElements: { ConsoleLogin: "Failure" },
  });
  // As the rest of the account has it.
  account.faults.add({ kind: "root-without-mfa" });
  const alone = await eventsOf(cloudTrail, by("Username", "root"));
  expect(alone.events.map((event) => recordOf(event).additionalEventData?.MFAUsed)).toEqual(["No"]);
});

test("each key of the last ninety days was made by somebody who had signed in, and is told by the same id as in IAM", async () => {
  const { account, cloudTrail } = await openDemo(NOW);
  const { events } = await eventsOf(cloudTrail, by("EventName", "CreateAccessKey"));
  const made = events.flatMap(({ EventTime, Resources = [] }) =>
    Resources.filter(({ ResourceType }) => ResourceType === "AWS::IAM::AccessKey").map(
      ({ ResourceName }) => `${ResourceName} ${EventTime?.toISOString()}`,
    ),
  );
  const oldest = Date.parse(NOW) - 90 * 86_400_000;
  const young = identitiesOf(account.estate)
    .users.flatMap(({ keys }) => keys.map(({ metadata }) => metadata))
    .filter(({ CreateDate }) => CreateDate.getTime() > oldest)
    .map(({ AccessKeyId, CreateDate }) => `${AccessKeyId} ${CreateDate.toISOString()}`);
  expect(new Set(made)).toEqual(new Set(young));
  expect(young.length).toBeGreaterThan(4);
});

test("people sign with keys of the console's making, programs with their own, sign-ins with none", async () => {
  const { cloudTrail } = await openDemo(NOW);
  const { events } = await eventsOf(cloudTrail);
  const keys = (name: string) =>
    new Set(
      events.filter(({ Username }) => Username === name).map(({ AccessKeyId }) => AccessKeyId),
    );
  expect(keys("anna.keller")).toEqual(new Set(["ASIADEMOANNAKEXAMPLE", undefined]));
  expect(keys("ci-runner")).toEqual(new Set(["AKIADEMOCIRUNEXAMPLE"]));
  expect(keys("root")).toEqual(new Set([undefined]));
});

test("what was refused has its error code in the record alone", async () => {
  const { cloudTrail } = await openDemo(NOW);
  const { events } = await eventsOf(cloudTrail);
  const refused = events.map(recordOf).filter(({ errorCode }) => errorCode !== undefined);
  expect(refused.map(({ errorCode }) => errorCode)).toEqual([
    "Client.UnauthorizedOperation",
    "AccessDenied",
    "AccessDenied",
  ]);
  expect(refused.every(({ responseElements }) => responseElements === null)).toBe(true);
});

test.each<[LookupAttributeKey, string, (event: Event) => boolean]>([
  ["ReadOnly", "false", ({ ReadOnly }) => ReadOnly === "false"],
  ["Username", "anna.keller", ({ Username }) => Username === "anna.keller"],
  ["EventSource", "iam.amazonaws.com", ({ EventSource }) => EventSource === "iam.amazonaws.com"],
  [
    "ResourceType",
    "AWS::S3::Bucket",
    ({ Resources }) => Resources?.[0]?.ResourceType === "AWS::S3::Bucket",
  ],
  ["AccessKeyId", "AKIADEMOCIRUNEXAMPLE", ({ Username }) => Username === "ci-runner"],
])("events are looked up by %s", async (key, value, isRight) => {
  const { cloudTrail } = await openDemo(NOW);
  const all = await eventsOf(cloudTrail);
  const { events } = await eventsOf(cloudTrail, by(key, value));
  expect(events.length).toBeGreaterThan(0);
  expect(events.length).toBeLessThan(all.events.length);
  expect(events).toEqual(all.events.filter(isRight));
});

test("one event is found by its id, in its region only", async () => {
  const { account, cloudTrail } = await openDemo(NOW);
  const { events } = await eventsOf(cloudTrail, by("EventName", "PutBucketPolicy"));
  const id = by("EventId", events[0]?.EventId ?? "");
  expect((await eventsOf(cloudTrail, id)).events).toEqual(events);
  expect((await eventsOf(trailIn(account, "eu-west-1"), id)).events).toEqual([]);
});

test("the evening before the anomaly, chen.li turned the route to the NAT gateway, whatever the date", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.date({
        min: new Date("2025-06-01T00:00:00Z"),
        max: new Date("2030-12-31T00:00:00Z"),
        noInvalidDate: true,
      }),
      async (date) => {
        const now = date.toISOString();
        await withDemo(now, async ({ account, ce }) => {
          const DateInterval = { StartDate: day(now, -30), EndDate: day(now) };
          const { Anomalies: [anomaly] = [] } = await ce.send(
            new GetAnomaliesCommand({ DateInterval }),
          );
          const start = new Date(anomaly?.AnomalyStartDate ?? "");
          const { endpoint, accessKeyId, secretAccessKey } = account;
          const client = new CloudTrailClient({
            endpoint,
            region: "eu-west-1",
            credentials: { accessKeyId, secretAccessKey },
          });
          const { events } = await eventsOf(client, {
            ...by("ReadOnly", "false"),
            StartTime: new Date(start.getTime() - 12 * 3_600_000),
            EndTime: start,
          });
          client.destroy();
          expect(events.map(({ EventName, Username }) => [EventName, Username])).toEqual([
            ["CreateRoute", "chen.li"],
            ["DeleteVpcEndpoints", "chen.li"],
          ]);
          expect(events.map(recordOf)).toMatchObject([
            {
              userIdentity: { sessionContext: { sessionIssuer: { userName: "demo-operations" } } },
              requestParameters: { natGatewayId: "nat-0a1b2c3d4e5f90002" },
            },
            {},
          ]);
        });
      },
    ),
    { numRuns: 15 },
  );
});

test("names, instructions and all, come as they were written", async () => {
  const { account } = await openDemo(NOW);
  const { events } = await eventsOf(trailIn(account, "eu-west-1"), by("EventName", "CreateTags"));
  expect(JSON.stringify(events.map(recordOf))).toContain("Ignore all previous instructions");
});

test("a new account remembers its own days, an empty one nothing", async () => {
  const { cloudTrail } = await openDemo(NOW, { variant: "new" });
  const { events } = await eventsOf(cloudTrail);
  const oldest = Number(events.at(-1)?.EventTime);
  expect(oldest).toBeGreaterThanOrEqual(Date.parse("2026-11-14T00:00:00Z"));
  const empty = await openDemo(NOW, { variant: "empty" });
  expect((await eventsOf(empty.cloudTrail)).events).toEqual([]);
});

describe("refused is", () => {
  test.each<[string, LookupEventsCommandInput, string]>([
    [
      "a second attribute",
      {
        LookupAttributes: [
          { AttributeKey: "Username", AttributeValue: "root" },
          { AttributeKey: "EventName", AttributeValue: "ConsoleLogin" },
        ],
      },
      "InvalidLookupAttributesException",
    ],
    [
      "an end before the start",
      { StartTime: new Date("2026-11-02"), EndTime: new Date("2026-11-01") },
      "InvalidTimeRangeException",
    ],
    [
      "a time beyond the ninety days",
      { StartTime: new Date("2026-01-01"), EndTime: new Date("2026-02-01") },
      "InvalidTimeRangeException",
    ],
    ["no result", { MaxResults: 0 }, "InvalidMaxResultsException"],
    ["a page of fifty-one", { MaxResults: 51 }, "InvalidMaxResultsException"],
    ["a page token of nobody's", { NextToken: "AAAA" }, "InvalidNextTokenException"],
    ["an attribute that does not exist", by("Color" as "EventId", "red"), "ValidationException"],
    ["an empty attribute", by("Username", ""), "ValidationException"],
  ])("%s", async (_what, input, name) => {
    const { cloudTrail } = await openDemo(NOW);
    const failure = await failureOf(cloudTrail.send(new LookupEventsCommand(input)));
    expect(failure).toMatchObject({ name, status: 400 });
  });

  test("a page token in another region", async () => {
    const { account, cloudTrail } = await openDemo(NOW);
    const { NextToken } = await cloudTrail.send(new LookupEventsCommand({ MaxResults: 1 }));
    const elsewhere = trailIn(account, "eu-west-1");
    const call = elsewhere.send(new LookupEventsCommand({ MaxResults: 1, NextToken }));
    expect((await failureOf(call)).name).toBe("InvalidNextTokenException");
  });

  test("a region that the account has not enabled", async () => {
    const { account } = await openDemo(NOW);
    const call = trailIn(account, "me-south-1").send(new LookupEventsCommand({}));
    expect((await failureOf(call)).message).toMatch(/region|token/);
  });
});

describe("two look-ups a second", () => {
  test("are answered in each region, the third is throttled, until the second is over", async () => {
    let nowMs = 0;
    const lookupLimit = { perSecond: 2, nowMs: () => nowMs };
    const { account, cloudTrail } = await openDemo(NOW, { lookupLimit });
    const ireland = trailIn(account, "eu-west-1");
    const lookup = (client = cloudTrail) => client.send(new LookupEventsCommand({ MaxResults: 1 }));
    await lookup();
    await lookup();
    expect(await failureOf(lookup())).toEqual({
      name: "ThrottlingException",
      message: "Rate exceeded",
      status: 400,
    });
    await lookup(ireland);
    nowMs = 999;
    expect((await failureOf(lookup())).name).toBe("ThrottlingException");
    nowMs = 1_000;
    await lookup();
  });

  test("are not counted unless asked for, and any look-up can be throttled by a fault", async () => {
    const { account, cloudTrail } = await openDemo(NOW);
    await Promise.all(
      Array.from({ length: 10 }, () => cloudTrail.send(new LookupEventsCommand({ MaxResults: 1 }))),
    );
    account.faults.add({ operation: "LookupEvents", kind: "throttle", skip: 1 });
    await cloudTrail.send(new LookupEventsCommand({}));
    const { name } = await failureOf(cloudTrail.send(new LookupEventsCommand({})));
    expect(name).toBe("ThrottlingException");
  });
});
