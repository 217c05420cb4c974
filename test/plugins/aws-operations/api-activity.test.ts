import type { SuggestedAction } from "agentflow-mcp/plugin";
import { describe, expect, test } from "vitest";
import { apiActivityOutput } from "../../../plugins/aws-operations/api-activity/output.ts";
import { whyAdmin } from "../../../plugins/aws-operations/api-activity/admin-actions.ts";
import { HOSTILE_NOTE } from "../../../plugins/aws-operations/demo-account/data/hostile-texts.ts";
import type { TrailEvent } from "../../../plugins/aws-operations/demo-account/data/trail/trail-event.ts";
import * as plugin from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import {
  activity,
  changes,
  deeds,
  filterOf,
  lookups,
  nameOf,
  tool,
} from "./api-activity-helpers.ts";
import { ask, demo, noon, okay, pluginOn } from "./helpers.ts";
import { outsideOfMarks } from "./truth.ts";

const everywhere = ["us-east-1", "eu-west-1", "us-west-2"];

const inVirginia = ({ region }: TrailEvent): boolean => region === "us-east-1";
const idOf = ({ time, name }: TrailEvent): string => `${time.toISOString()} ${name}`;

function idsOf(items: readonly { readonly time: string; readonly event: string }[]): string[] {
  return items.map(({ time, event }) => `${time} ${event}`);
}

/** Written down by hand: what in the demo's story is administration. */
const administrative = new Set([
  "AttachUserPolicy",
  "AuthorizeSecurityGroupIngress",
  "CreateAccessKey",
  "CreateRoute",
  "DeleteBucketPolicy",
  "DeleteVpcEndpoints",
  "PutBucketPolicy",
  "StopLogging",
  "UpdateAccessKey",
]);

const isAdmin = (event: TrailEvent): boolean =>
  administrative.has(event.name) || event.actor.kind === "root";

describe("the calls of all who did something", () => {
  test("are all there, each once, by what they were, over all pages and regions", async () => {
    const account = await demo();
    const args = { days: 90, includeReads: true, regions: everywhere, limit: 200 };
    const { data } = await activity(account, args);
    const all = deeds(90);
    const summary = okay(data.summary);
    const failed = all.filter(({ error }) => error !== undefined);
    expect(summary).toMatchObject({
      calls: all.length,
      failed: failed.length,
      succeeded: all.length - failed.length,
      denied: failed.filter(({ error }) => error?.code !== undefined).length,
      unknown: 0,
      admin: all.filter(isAdmin).length,
    });
    expect(idsOf(okay(data.adminActions).items)).toEqual(all.filter(isAdmin).map(idOf));
    expect(okay(data.otherCalls).count).toBe(
      all.filter((one) => !isAdmin(one) && one.error === undefined && one.name !== "ConsoleLogin")
        .length,
    );
    expect(data.meta.read.map(({ events }) => events).reduce((a, b) => a + b)).toBe(all.length);
    expect(data.meta.truncated).toBe(false);
  });

  test("are counted by user, event and error, most first", async () => {
    const { data } = await activity(await demo(), { days: 60 });
    const all = deeds(60, (event) => changes(event) && inVirginia(event));
    const { byUser, byEvent, byError } = okay(data.summary);
    for (const { name, calls } of byUser) {
      expect(calls, name).toBe(all.filter((event) => nameOf(event) === name).length);
    }
    expect(byUser[0]?.name).toBe("backup-agent");
    const calls = byEvent.map((one) => one.calls);
    expect(calls).toEqual(calls.toSorted((a, b) => b - a));
    expect(new Map(byError.map((one) => [one.code, one.denied]))).toEqual(
      new Map([
        ["ConsoleLoginFailure", false],
        ["Client.UnauthorizedOperation", true],
        ["AccessDenied", true],
      ]),
    );
  });

  test("that only read are left out, unless they are asked for, and that is said", async () => {
    const account = await demo();
    const { text } = await activity(account);
    expect(filterOf(account)).toBe("ReadOnly=false");
    expect(text).toContain("Calls that change nothing are left out (includeReads).");
    const named = await activity(account, { event: "DescribeInstances" });
    expect(okay(named.data.summary).calls).toBe(
      deeds(7, (event) => event.name === "DescribeInstances" && inVirginia(event)).length,
    );
    expect(named.text).not.toContain("left out");
  });
});

describe("a filter", () => {
  test.each<[Record<string, unknown>, string, (event: TrailEvent) => boolean]>([
    [{ user: "ben.ortiz" }, "Username=ben.ortiz", (one) => nameOf(one) === "ben.ortiz"],
    [{ user: "Root" }, "Username=root", ({ actor }) => actor.kind === "root"],
    [{ event: "StopInstances" }, "EventName=StopInstances", ({ name }) => name === "StopInstances"],
    [{ event: "consolelogin" }, "EventName=ConsoleLogin", ({ name }) => name === "ConsoleLogin"],
    [{ service: "IAM" }, "EventSource=iam.amazonaws.com", ({ service }) => service === "iam"],
    [
      { service: "login" },
      "EventSource=signin.amazonaws.com",
      ({ service }) => service === "signin",
    ],
    [
      { service: "ec2.amazonaws.com", user: "ben.ortiz" },
      "Username=ben.ortiz",
      (one) => one.service === "ec2" && nameOf(one) === "ben.ortiz",
    ],
    [
      { resource: "ci-runner", event: "CreateAccessKey" },
      "ResourceName=ci-runner",
      ({ name, request }) =>
        name === "CreateAccessKey" && JSON.stringify(request).includes("ci-runner"),
    ],
    [{ adminOnly: true }, "ReadOnly=false", isAdmin],
    [
      { adminOnly: true, user: "hugo.lind" },
      "Username=hugo.lind",
      (one) => isAdmin(one) && nameOf(one) === "hugo.lind",
    ],
    [
      { user: "role/demo-operations" },
      "ReadOnly=false",
      ({ actor }) => actor.kind === "role" && actor.role === "demo-operations",
    ],
    [
      { user: "arn:aws:sts::111122223333:assumed-role/demo-operations/chen.li" },
      "ReadOnly=false",
      ({ actor }) => actor.kind === "role" && actor.role === "demo-operations",
    ],
    [
      { user: "AKIADEMODEPLOEXAMPLE" },
      "AccessKeyId=AKIADEMODEPLOEXAMPLE",
      (one) => nameOf(one) === "deploy-bot",
    ],
  ])("like %j is sent as %s, and leaves just those", async (args, filter, isMeant) => {
    const account = await demo();
    const all = { days: 90, regions: everywhere, limit: 200, ...args };
    const { data } = await activity(account, all);
    const meant = deeds(90, (event) => isMeant(event) && changes(event));
    expect(meant.length).toBeGreaterThan(0);
    expect(okay(data.summary).calls).toBe(meant.length);
    expect(filterOf(account)).toBe(filter);
    for (const { LookupAttributes = [] } of lookups(account)) {
      expect(LookupAttributes.length).toBeLessThanOrEqual(1);
    }
    expect(JSON.stringify(data)).not.toMatch(/A[KS]IA[A-Z0-9]{12}/);
  });

  test("of days begins at midnight and ends now, or with the day that is named", async () => {
    const account = await demo();
    const { data } = await activity(account, { days: 1 });
    expect(data.meta).toMatchObject({ from: "2026-11-19T00:00:00.000Z", to: noon.toISOString() });
    const past = await activity(account, { days: 2, until: "2026-11-14" });
    expect(past.data.meta).toMatchObject({
      from: "2026-11-12T00:00:00.000Z",
      to: "2026-11-15T00:00:00.000Z",
    });
    const meant = deeds(90, (event) => {
      const day = event.time.toISOString().slice(0, 10);
      return changes(event) && inVirginia(event) && day >= "2026-11-12" && day <= "2026-11-14";
    });
    expect(okay(past.data.summary).calls).toBe(meant.length);
    const future = await activity(account, { until: "2027-01-01" });
    expect(future.data.meta.to).toBe(noon.toISOString());
  });
});

describe("what is recorded in one region for all", () => {
  test("is looked at when a user is asked about, and that is said", async () => {
    const { data, text } = await activity(await demo(), {
      user: "anna.keller",
      days: 30,
      regions: ["eu-west-1"],
    });
    expect(data.meta.regions).toEqual(["eu-west-1", "us-east-1"]);
    expect(okay(data.adminActions).items.map(({ event }) => event)).toContain("AttachUserPolicy");
    expect(text).toContain("recorded in us-east-1 only: that was looked at, too");
  });

  test("is said not to be looked at where it is not, root's sign-ins above all", async () => {
    const { data, text } = await activity(await demo(), { regions: ["eu-west-1"], days: 30 });
    expect(data.meta.regions).toEqual(["eu-west-1"]);
    expect(text).toContain("Not looked at: us-east-1");
    expect(okay(data.rootUse)).toMatchObject({
      count: 0,
      warnings: [expect.stringContaining("us-east-1")],
    });
    expect(text).not.toContain("none by root");
  });

  test("is not missed where one service of another kind is asked about", async () => {
    const { data, text } = await activity(await demo(), { regions: ["eu-west-1"], service: "ec2" });
    expect(data.meta.regions).toEqual(["eu-west-1"]);
    expect(text).not.toContain("Not looked at");
  });
});

describe("the answer", () => {
  test("says who did what, when and from where, administration first", async () => {
    const { text } = await activity(await demo(), { days: 30 });
    const meant = deeds(30, (event) => isAdmin(event) && inVirginia(event));
    expect(text.split("\n")[2]).toMatch(
      new RegExp(`^\\*\\*${meant.length} administrative actions; ⚠ 1 call by root; 2 failed`),
    );
    expect(text).toContain(
      "| 2026-10-25 15:36 | ben.ortiz | ec2:AuthorizeSecurityGroupIngress | tcp 22 for 0.0.0.0/0 | 203.0.113.202, us-east-1 | ok |",
    );
    expect(text).toContain(
      "| hugo.lind | cloudtrail:StopLogging |  | 203.0.113.208, us-east-1 | AccessDenied |",
    );
    expect(text.indexOf("### Administrative")).toBeLessThan(text.indexOf("### Sign-ins"));
    expect(text).toContain("Events arrive up to 15 minutes late.");
    expect(text).toContain("Management events only");
    expect(text.length).toBeLessThan(4500);
    expect(outsideOfMarks(text)).not.toMatch(/ben\.ortiz|hugo|anna|Demo/);
  });

  test("tells who signed in without MFA, who failed to, and that root did", async () => {
    const { data } = await activity(await demo(), { days: 30 });
    const logins = deeds(30, ({ name }) => name === "ConsoleLogin");
    const failed = logins.filter(({ error }) => error !== undefined);
    const alone = logins.filter((one) => one.error === undefined && !usedMfa(one));
    expect(okay(data.signIns)).toMatchObject({
      count: logins.length,
      failed: failed.length,
      withoutMfa: alone.length,
    });
    expect(failed.length * alone.length).toBeGreaterThan(0);
    expect(okay(data.signIns).items[0]).toMatchObject({ who: "finn.berg", outcome: "failed" });
    expect(okay(data.rootUse)).toMatchObject({ count: 1, items: [{ who: "root", mfa: true }] });
  });

  test("shows root without MFA as IAM does", async () => {
    const account = await demo({ faults: [{ kind: "root-without-mfa" }] });
    const { data, text } = await activity(account, { user: "root", days: 30 });
    expect(okay(data.rootUse).items).toMatchObject([{ mfa: false }]);
    expect(text).toContain("ok, without MFA");
  });

  test("names the role that somebody had taken on, and has what they did with it", async () => {
    const { data, text } = await activity(await demo(), {
      user: "chen.li",
      days: 30,
      regions: ["eu-west-1"],
    });
    expect(text).toContain("chen.li as demo-operations");
    const route = okay(data.adminActions).items.find(({ event }) => event === "CreateRoute");
    expect(route).toMatchObject({ kind: "role", role: "demo-operations", region: "eu-west-1" });
    expect(route?.admin).toBe("traffic takes another way");
  });

  test("reads nothing of a request but what says what was done", async () => {
    const { text, data } = await activity(await demo(), {
      event: "CreateTags",
      days: 30,
      regions: ["eu-west-1"],
    });
    expect(okay(data.summary).calls).toBe(1);
    expect(text + JSON.stringify(data)).not.toContain(HOSTILE_NOTE.slice(0, 20));
  });

  test("asked for again comes from what is kept, unless it is refreshed", async () => {
    const account = await demo();
    const on = pluginOn(account);
    await activity(account, {}, { plugin: on });
    const before = lookups(account).length;
    await activity(account, {}, { plugin: on });
    expect(lookups(account)).toHaveLength(before);
    await activity(account, { refresh: true }, { plugin: on });
    expect(lookups(account).length).toBeGreaterThan(before);
  });
});

function usedMfa({ additional }: TrailEvent): boolean {
  return JSON.stringify(additional ?? {}).includes('"MFAUsed":"Yes"');
}

describe("the next steps", () => {
  test("follow from what was found, each with its call", async () => {
    const { result } = await activity(await demo(), { days: 30 });
    expect(result.suggestedActions).toMatchObject([
      { tool, arguments: { user: "root", days: 90 } },
      { tool: "aws_iam_review", arguments: { checks: ["admins", "access_keys"] } },
      {
        tool: "aws_security_scan",
        arguments: { checks: ["public_exposure"], regions: ["us-east-1"] },
      },
      { tool, arguments: { days: 30, includeReads: true } },
      { tool, arguments: { event: "ConsoleLogin", days: 90 } },
    ]);
  });

  test("show what was looked at before somebody tried to stop the trail", async () => {
    const { data } = await activity(await demo(), {
      user: "hugo.lind",
      days: 31,
      includeReads: true,
    });
    expect(okay(data.errors).items.map(({ event }) => event)).toEqual([
      "StopLogging",
      "DescribeTrails",
    ]);
  });

  test("of a cost anomaly lead to who caused it", async () => {
    const account = await demo();
    const on = pluginOn(account);
    const { result } = await ask(on, { analysis: "anomalies" });
    const step = (result.suggestedActions as SuggestedAction[]).find((one) => one.tool === tool);
    const { data } = await activity(account, { ...step?.arguments }, { plugin: on });
    expect(data.meta.regions).toContain("eu-west-1");
    expect(okay(data.adminActions).items).toContainEqual(
      expect.objectContaining({ who: "chen.li", event: "DeleteVpcEndpoints" }),
    );
  });
});

describe("the table of administrative actions", () => {
  test.each([
    ["lambda", "AddPermission20150331v2", "somebody may do more"],
    ["cloudtrail", "StopLogging", "no longer written down"],
    ["kms", "ScheduleKeyDeletion", "encryption key"],
  ])("has %s:%s, with the reason", (service, event, why) => {
    expect(whyAdmin({ service, event, kind: "user" })).toContain(why);
  });

  test("has an action of one service, not of every other", () => {
    expect(whyAdmin({ service: "dynamodb", event: "DeletePolicy", kind: "user" })).toBeUndefined();
    expect(whyAdmin({ service: "ec2", event: "StopInstances", kind: "user" })).toBeUndefined();
    expect(whyAdmin({ service: "ec2", event: "StopInstances", kind: "root" })).toBeDefined();
  });
});

test("a client gets it through the host, and wrong arguments are named", async () => {
  const account = await demo({ lookupLimit: { perSecond: 2 } });
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
  const listed = tools.find(({ name }) => name === tool);
  expect(JSON.stringify(listed?.outputSchema).length).toBeLessThanOrEqual(6000);
  expect(listed?.annotations).toMatchObject({ readOnlyHint: true });
  const result = await host.client.callTool({
    name: tool,
    arguments: { adminOnly: true, days: 30, regions: "us-east-1, eu-west-1" },
  });
  expect(result.isError ?? false).toBe(false);
  expect(JSON.stringify(result.content)).toContain("administrative actions");
  const data = apiActivityOutput.parse(result.structuredContent);
  expect(okay(data.adminActions).count).toBe(deeds(30, (event) => isAdmin(event)).length);
  const wrong = await host.client.callTool({ name: tool, arguments: { days: 91, who: "me" } });
  expect(wrong.isError).toBe(true);
  expect(JSON.stringify(wrong.content)).toMatch(/days.*who|who.*days/);
  await host.close();
});
