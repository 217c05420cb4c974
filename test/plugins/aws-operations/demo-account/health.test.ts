import {
  DescribeAffectedEntitiesCommand,
  DescribeEventAggregatesCommand,
  DescribeEventDetailsCommand,
  DescribeEventsCommand,
  type AffectedEntity,
  type DescribeEventsCommandInput,
  type Event,
} from "@aws-sdk/client-health";
import { describe, expect, test } from "vitest";
import { clientsFor, failureOf, openDemo, type Demo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

async function eventsOf(
  { health }: Pick<Demo, "health">,
  input: DescribeEventsCommandInput = {},
): Promise<{ readonly events: readonly Event[]; readonly pages: number }> {
  const events: Event[] = [];
  let pages = 0;
  let nextToken: string | undefined;
  do {
    const page = await health.send(new DescribeEventsCommand({ ...input, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
    pages += 1;
  } while (nextToken !== undefined);
  return { events, pages };
}

async function entitiesOf({ health }: Demo, eventArns: string[]): Promise<AffectedEntity[]> {
  const entities: AffectedEntity[] = [];
  let nextToken: string | undefined;
  do {
    const page = await health.send(
      new DescribeAffectedEntitiesCommand({ filter: { eventArns }, nextToken }),
    );
    entities.push(...(page.entities ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return entities;
}

const brief = ({ service, region, eventTypeCategory, statusCode, eventScopeCode }: Event) =>
  [service, region, eventTypeCategory, statusCode, eventScopeCode].join(" ");

test("two events are open, one is to come, three are over; the last updated comes first", async () => {
  const { events, pages } = await eventsOf(await openDemo(NOW));
  expect(events.map(brief)).toEqual([
    "EC2 us-east-1 issue open PUBLIC",
    "RDS us-east-1 scheduledChange upcoming ACCOUNT_SPECIFIC",
    "LAMBDA us-east-1 accountNotification open ACCOUNT_SPECIFIC",
    "CLOUDFRONT global issue closed PUBLIC",
    "S3 eu-west-1 issue closed PUBLIC",
    "EC2 us-west-2 scheduledChange closed ACCOUNT_SPECIFIC",
  ]);
  const updated = events.map(({ lastUpdatedTime }) => Number(lastUpdatedTime));
  expect(updated).toEqual(updated.toSorted((a, b) => b - a));
  // One page never holds them all unless the account was opened with larger ones.
  expect(pages).toBe(2);
  const large = await eventsOf(await openDemo(NOW, { pageSize: 10_000 }));
  expect(large.pages).toBe(1);
});

test("what is open has begun and not ended; what is to come has not begun", async () => {
  const { events } = await eventsOf(await openDemo(NOW));
  const now = Date.parse(NOW);
  for (const { statusCode, startTime, endTime } of events) {
    const [start, end] = [Number(startTime), endTime?.getTime()];
    if (statusCode === "open") expect(start < now && end === undefined).toBe(true);
    if (statusCode === "upcoming") expect(start > now && (end ?? 0) > start).toBe(true);
    if (statusCode === "closed") expect((end ?? Infinity) > start && (end ?? 0) < now).toBe(true);
  }
});

test.each<[DescribeEventsCommandInput["filter"], string[]]>([
  [{ eventStatusCodes: ["open", "upcoming"] }, ["EC2", "RDS", "LAMBDA"]],
  [{ services: ["EC2"] }, ["EC2", "EC2"]],
  [{ regions: ["global", "eu-west-1"] }, ["CLOUDFRONT", "S3"]],
  [{ eventTypeCategories: ["issue"], eventStatusCodes: ["open"] }, ["EC2"]],
  [{ entityValues: ["orders-db"] }, ["RDS"]],
  [{ personas: ["SECURITY"] }, ["LAMBDA"]],
  [{ actionabilities: ["ACTION_REQUIRED"] }, ["LAMBDA", "EC2"]],
  [{ availabilityZones: ["us-west-2a"] }, ["EC2"]],
  [{ eventTypeCodes: ["AWS_S3_OPERATIONAL_ISSUE"] }, ["S3"]],
  [{ startTimes: [{ from: new Date("2026-11-19T00:00:00Z") }] }, ["EC2", "RDS"]],
  [{ endTimes: [{ to: new Date("2026-11-17T12:00:00Z") }] }, ["S3", "EC2"]],
  [{ lastUpdatedTimes: [{ to: new Date("2026-10-31T00:00:00Z") }] }, ["EC2"]],
])("events are chosen by %j", async (filter, services) => {
  const { events } = await eventsOf(await openDemo(NOW), { filter });
  expect(events.map(({ service }) => service)).toEqual(services);
});

test("details tell what happened, and name the events that are not known", async () => {
  const demo = await openDemo(NOW);
  const { events } = await eventsOf(demo);
  const unknown =
    "arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_X";
  const eventArns = [...events.map(({ arn = "" }) => arn), unknown];
  const { successfulSet = [], failedSet } = await demo.health.send(
    new DescribeEventDetailsCommand({ eventArns }),
  );
  expect(successfulSet.map(({ event }) => event)).toEqual(events);
  for (const { eventDescription } of successfulSet) {
    expect(eventDescription?.latestDescription).toMatch(/\w{3}/);
  }
  expect(failedSet).toMatchObject([{ eventArn: unknown, errorName: "InvalidEventArn" }]);
});

test("the maintenance is about two databases, one of them orders-db", async () => {
  const demo = await openDemo(NOW);
  const { events } = await eventsOf(demo, { filter: { services: ["RDS"] } });
  const entities = await entitiesOf(
    demo,
    events.map(({ arn = "" }) => arn),
  );
  expect(entities.map(({ entityValue, statusCode }) => [entityValue, statusCode])).toEqual([
    ["orders-db", "PENDING"],
    ["orders-db-replica", "PENDING"],
  ]);
  expect(new Set(entities.map(({ entityArn }) => entityArn)).size).toBe(2);
});

test("affected entities of several events come in pages and can be narrowed", async () => {
  const demo = await openDemo(NOW);
  const { events } = await eventsOf(demo);
  const eventArns = events.map(({ arn = "" }) => arn);
  const entities = await entitiesOf(demo, eventArns);
  expect(entities).toHaveLength(6);
  const first = await demo.health.send(
    new DescribeAffectedEntitiesCommand({ filter: { eventArns } }),
  );
  expect(first.entities).toHaveLength(4);
  const resolved = await demo.health.send(
    new DescribeAffectedEntitiesCommand({ filter: { eventArns, statusCodes: ["RESOLVED"] } }),
  );
  expect(resolved.entities?.map(({ entityValue }) => entityValue)).toEqual(["i-0a1b2c3d4e5f60013"]);
});

test("events are counted by category", async () => {
  const { health } = await openDemo(NOW);
  const { eventAggregates } = await health.send(
    new DescribeEventAggregatesCommand({ aggregateField: "eventTypeCategory" }),
  );
  expect(eventAggregates).toEqual([
    { aggregateValue: "issue", count: 3 },
    { aggregateValue: "scheduledChange", count: 2 },
    { aggregateValue: "accountNotification", count: 1 },
  ]);
});

test("a new account has only the events of its own days", async () => {
  const { events } = await eventsOf(await openDemo(NOW, { variant: "new" }));
  expect(events.filter(({ eventScopeCode }) => eventScopeCode !== "PUBLIC").map(brief)).toEqual([
    "RDS us-east-1 scheduledChange upcoming ACCOUNT_SPECIFIC",
  ]);
});

describe("without a support plan", () => {
  test("an account without any services is refused", async () => {
    const { health } = await openDemo(NOW, { variant: "empty" });
    expect(await failureOf(health.send(new DescribeEventsCommand({})))).toMatchObject({
      name: "SubscriptionRequiredException",
      status: 400,
    });
  });

  test("any other is, once it is asked for, in every operation and until withdrawn", async () => {
    const demo = await openDemo(NOW);
    const withdraw = demo.account.faults.add({ kind: "subscription-required" });
    const aggregateField = "eventTypeCategory";
    for (let call = 0; call < 2; call += 1) {
      for (const failed of [
        failureOf(demo.health.send(new DescribeEventsCommand({}))),
        failureOf(demo.health.send(new DescribeEventAggregatesCommand({ aggregateField }))),
      ]) {
        expect((await failed).name).toBe("SubscriptionRequiredException");
      }
    }
    withdraw();
    expect((await eventsOf(demo)).events).toHaveLength(6);
  });
});

test("the endpoint that stands by in us-east-2 answers as well, any other region does not", async () => {
  const { account } = await openDemo(NOW);
  const standby = clientsFor(account, "us-east-2");
  expect((await eventsOf(standby)).events).toHaveLength(6);
  standby.destroy();
  const elsewhere = clientsFor(account, "eu-west-1");
  const { message } = await failureOf(elsewhere.health.send(new DescribeEventsCommand({})));
  expect(message).toContain("valid region, not 'eu-west-1'");
  elsewhere.destroy();
});

describe("refused is", () => {
  const arn = "arn:aws:health:us-east-1::event/EC2/A_B/A_B_C";

  test.each<[string, (demo: Demo) => Promise<unknown>, string, RegExp]>([
    [
      "a page of less than ten",
      ({ health }) => health.send(new DescribeEventsCommand({ maxResults: 9 })),
      "ValidationException",
      /at 'maxResults'.*greater than or equal to 10/,
    ],
    [
      "a page of more than a hundred",
      ({ health }) => health.send(new DescribeEventsCommand({ maxResults: 101 })),
      "ValidationException",
      /at 'maxResults'.*less than or equal to 100/,
    ],
    [
      "details of eleven events",
      ({ health }) =>
        health.send(new DescribeEventDetailsCommand({ eventArns: Array<string>(11).fill(arn) })),
      "ValidationException",
      /at 'eventArns'.*less than or equal to 10/,
    ],
    [
      "details of no events",
      ({ health }) => health.send(new DescribeEventDetailsCommand({ eventArns: [] })),
      "ValidationException",
      /at 'eventArns'.*greater than or equal to 1/,
    ],
    [
      "an ARN of something else",
      ({ health }) =>
        health.send(
          new DescribeEventDetailsCommand({ eventArns: ["arn:aws:ec2:us-east-1::instance/i-1"] }),
        ),
      "ValidationException",
      /regular expression/,
    ],
    [
      "another language",
      ({ health }) => health.send(new DescribeEventsCommand({ locale: "de" })),
      "UnsupportedLocale",
      /de/,
    ],
    [
      "a page token of nobody's",
      ({ health }) => health.send(new DescribeEventsCommand({ nextToken: "AAAABBBB" })),
      "InvalidPaginationToken",
      /invalid/,
    ],
    [
      "a status that does not exist",
      ({ health }) =>
        health.send(
          new DescribeEventsCommand({ filter: { eventStatusCodes: ["done" as "open"] } }),
        ),
      "ValidationException",
      /enum value set: \[open, closed, upcoming\]/,
    ],
  ])("%s", async (_what, call, name, message) => {
    const failure = await failureOf(call(await openDemo(NOW)));
    expect(failure).toMatchObject({ name, status: 400 });
    expect(failure.message).toMatch(message);
  });

  test("a page token once the question has changed", async () => {
    const { health } = await openDemo(NOW);
    const { nextToken } = await health.send(new DescribeEventsCommand({}));
    const changed = new DescribeEventsCommand({ nextToken, filter: { regions: ["us-east-1"] } });
    expect((await failureOf(health.send(changed))).name).toBe("InvalidPaginationToken");
  });
});

test("faults hit Health by operation, and page tokens as Health calls them", async () => {
  const demo = await openDemo(NOW);
  demo.account.faults.add(
    { operation: "DescribeEventDetails", kind: "throttle" },
    { operation: "DescribeEvents", kind: "expired-page-token" },
    { operation: "DescribeEventAggregates", kind: "access-denied" },
  );
  expect((await failureOf(eventsOf(demo))).name).toBe("InvalidPaginationToken");
  const { events } = await eventsOf(demo);
  const eventArns = events.map(({ arn = "" }) => arn);
  const details = await failureOf(demo.health.send(new DescribeEventDetailsCommand({ eventArns })));
  expect(details.name).toBe("ThrottlingException");
  const denied = await failureOf(
    demo.health.send(new DescribeEventAggregatesCommand({ aggregateField: "eventTypeCategory" })),
  );
  expect(denied.name).toBe("AccessDeniedException");
  expect(denied.message).toContain("not authorized to perform: health:DescribeEventAggregates");
});
