import type { SuggestedAction } from "agentflow-mcp/plugin";
import { describe, expect, test } from "vitest";
import { apiActivityInput } from "../../../plugins/aws-operations/api-activity/input.ts";
import type { DemoAccount } from "../../../plugins/aws-operations/demo-account/index.ts";
import { activity, changes, deeds, lookups, tool } from "./api-activity-helpers.ts";
import { demo, failureOf, okay, pluginOn } from "./helpers.ts";
import { hostile, outsideOfMarks, rewriting } from "./truth.ts";

const operation = "LookupEvents";

const inVirginia = ({ region }: { region: string }) => region === "us-east-1";

/** The account with each event's record changed, of those that are meant. */
function withRecords(
  account: DemoAccount,
  change: (record: Record<string, unknown>) => unknown,
): Promise<DemoAccount> {
  return rewriting(account, (body, asked) => {
    if (asked !== operation) return body;
    const page = JSON.parse(body) as { Events?: { CloudTrailEvent: string }[] };
    for (const event of page.Events ?? []) {
      const record = JSON.parse(event.CloudTrailEvent) as Record<string, unknown>;
      const changed = change(record);
      event.CloudTrailEvent = typeof changed === "string" ? changed : JSON.stringify(changed);
    }
    return JSON.stringify(page);
  });
}

describe("a refusal", () => {
  test("names the action that is missing, and where to find the policy", async () => {
    const account = await demo({ faults: [{ operation, kind: "access-denied", times: "always" }] });
    const { result, data } = await activity(account);
    expect(result).toMatchObject({ fallback: true, error: { code: "ACCESS_DENIED" } });
    expect(failureOf(data.summary).message).toContain("cloudtrail:LookupEvents");
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Verify permissions" });
    expect(failureOf(data.summary).code).toBe("ACCESS_DENIED");
    expect(lookups(account)).toHaveLength(1);
  });

  test("in one region leaves the others, and is told with its region", async () => {
    const region = "eu-west-1";
    const account = await demo();
    account.faults.add({ operation, region, kind: "access-denied", times: "always" });
    const { data, text, result } = await activity(account, { regions: [region, "us-east-1"] });
    const { calls, failures } = okay(data.summary);
    expect(calls).toBe(deeds(7, (event) => changes(event) && inVirginia(event)).length);
    expect(failures).toMatchObject([{ region, code: "ACCESS_DENIED" }]);
    expect(text).toMatch(/at least \d+ calls/);
    expect(text).toContain(`Events in ${region}: not available (ACCESS_DENIED)`);
    expect(result.error).toBeUndefined();
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Verify permissions" });
  });

  test("to list the regions leaves the rest, and says that they were not checked", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeRegions", kind: "access-denied", times: "always" });
    const { data, text } = await activity(account);
    expect(okay(data.summary).calls).toBeGreaterThan(0);
    expect(text).toContain("could not be checked (ACCESS_DENIED)");
  });
});

describe("AWS's limit of two look-ups a second", () => {
  test("is kept to by five calls at a time, and each reads to the end", async () => {
    const account = await demo({ lookupLimit: { perSecond: 2 } });
    const plugin = pluginOn(account);
    const days = [28, 29, 30, 31, 32];
    const answers = await Promise.all(
      days.map((one) =>
        activity(
          account,
          { days: one, includeReads: true },
          { plugin, timeMs: 60_000, retries: 0 },
        ),
      ),
    );
    for (const [index, { data }] of answers.entries()) {
      const meant = deeds(days[index] ?? 0, inVirginia);
      expect(okay(data.summary).calls).toBe(meant.length);
      expect(data.meta.read).toMatchObject([{ complete: true, events: meant.length }]);
    }
    expect(lookups(account).length).toBeGreaterThan(2 * days.length);
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  }, 90_000);

  test("that others have used up is waited for once more", async () => {
    const account = await demo({ faults: [{ operation, kind: "throttle" }] });
    const { data } = await activity(account);
    expect(okay(data.summary).calls).toBeGreaterThan(0);
  });

  test("that others use up again and again is an error that may be repeated", async () => {
    const account = await demo({ faults: [{ operation, kind: "throttle", times: "always" }] });
    const { result, data } = await activity(account);
    expect(result).toMatchObject({ error: { code: "THROTTLED" } });
    expect(failureOf(data.summary).retryable).toBe(true);
  });

  test("that is reached on a later page leaves the pages before it, and says where they end", async () => {
    const account = await demo();
    account.faults.add({ operation, kind: "throttle", skip: 1, times: "always" });
    const { data, text } = await activity(account, { days: 60, includeReads: true });
    expect(data.meta.read).toMatchObject([{ complete: false, events: 50, stoppedBy: "THROTTLED" }]);
    expect(text).toContain("since AWS throttled");
  });
});

describe("an answer that the time does not suffice for", () => {
  const args = { days: 60, includeReads: true };

  test("has what was read, says back to when, and is gone on with", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const stop = account.faults.add({ operation, kind: "hang", skip: 1, times: "always" });
    const { data, text, result } = await activity(account, args, { plugin, timeMs: 4000 });
    const newest = deeds(60, inVirginia).slice(0, 50);
    expect(okay(data.summary).calls).toBe(50);
    const readBackTo = newest.at(-1)?.time.toISOString() ?? "";
    expect(data.meta).toMatchObject({
      truncated: true,
      read: [
        { region: "us-east-1", events: 50, complete: false, stoppedBy: "TIMEOUT", readBackTo },
      ],
    });
    expect(text).toContain(
      `⚠ us-east-1: 50 events read, back to ${readBackTo.slice(0, 16).replace("T", " ")} UTC only, since the time ran out. What happened before is unknown.`,
    );
    expect(text).toContain("in at least 50 calls");
    expect(result.suggestedActions).toContainEqual(
      expect.objectContaining({
        title: "Read on before that",
        tool,
        arguments: { ...args, until: readBackTo, regions: ["us-east-1"] },
      }),
    );
    stop();
    account.log.length = 0;
    const whole = await activity(account, args, { plugin });
    expect(okay(whole.data.summary).calls).toBe(deeds(60, inVirginia).length);
    expect(whole.data.meta.truncated).toBe(false);
    // The first page is not read again.
    expect(lookups(account).every(({ NextToken }) => NextToken !== undefined)).toBe(true);
  });

  test("at all is an error", async () => {
    const account = await demo({ faults: [{ operation, kind: "hang", times: "always" }] });
    const { result } = await activity(account, {}, { timeMs: 2500 });
    expect(result).toMatchObject({ fallback: true, error: { code: "TIMEOUT" } });
  });

  test("of which nothing was found says that more is unknown", async () => {
    const account = await demo();
    account.faults.add({ operation, kind: "hang", skip: 1, times: "always" });
    const nobody = { ...args, user: "role/nobody" };
    const { text } = await activity(account, nobody, { timeMs: 4000 });
    expect(text).toContain("**No such calls in what could be read");
  });

  test("is none if the caller has left: the call ends with the caller's reason", async () => {
    const account = await demo();
    account.faults.add({ operation, kind: "hang", skip: 1, times: "always" });
    const leaving = new AbortController();
    const answer = activity(account, args, { signal: leaving.signal });
    await expect.poll(() => lookups(account).length).toBe(2);
    leaving.abort(new Error("left"));
    await expect(answer).rejects.toThrow("left");
  });
});

test.each(["reset", "truncated", "empty", "http", "wrong-content-type"] as const)(
  "an answer of AWS's that is broken (%s) is tried again, and then an error, never nothing",
  async (kind) => {
    const account = await demo({ faults: [{ operation, kind }] });
    expect(okay((await activity(account)).data.summary).calls).toBeGreaterThan(0);
    account.faults.add({ operation, kind, times: "always" });
    expect((await activity(account)).result).toMatchObject({ error: { code: "UPSTREAM" } });
  },
);

test("a place in the list that AWS has forgotten is found again from the start", async () => {
  const account = await demo({ faults: [{ operation, kind: "expired-page-token" }] });
  const { data } = await activity(account, { days: 60, includeReads: true });
  expect(okay(data.summary).calls).toBe(deeds(60, inVirginia).length);
});

describe("arguments", () => {
  test.each([
    [{ days: 91 }, "days"],
    [{ days: 0 }, "days"],
    [{ days: 1.5 }, "days"],
    [{ until: "yesterday" }, "until"],
    [{ user: "" }, "user"],
    [{ regions: ["us-east-1.example.com/"] }, "regions"],
    [{ limit: 0 }, "limit"],
  ])("like %j are refused", (args, name) => {
    expect(apiActivityInput.safeParse(args).error?.issues[0]?.path[0]).toBe(name);
  });

  test("that are misspelt are named", () => {
    const { error } = apiActivityInput.safeParse({ username: "ben.ortiz" });
    expect(error?.issues[0]).toMatchObject({ code: "unrecognized_keys", keys: ["username"] });
  });

  test("with a region that there is not are refused with the nearest that there is", async () => {
    await expect(activity(await demo(), { regions: ["eu-wets-1"] })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("eu-west-1") as string,
    });
  });

  test("about times before the ninety days are refused, with the reason", async () => {
    const account = await demo();
    await expect(activity(account, { until: "2026-08-01" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("last 90 days") as string,
    });
    expect(lookups(account)).toEqual([]);
  });

  test("about a region that is not enabled are answered without asking there", async () => {
    const account = await demo();
    const { data, text } = await activity(account, { regions: ["ap-east-1", "us-east-1"] });
    expect(data.meta).toMatchObject({ regions: ["us-east-1"], notEnabled: ["ap-east-1"] });
    expect(text).toContain("ap-east-1");
  });
});

describe("an event whose record cannot be read", () => {
  test.each(["", "{", "null", "[]", '"text"'])(
    "(%j) counts, with an unknown outcome",
    async (record) => {
      const account = await withRecords(await demo(), () => record);
      const { data, text } = await activity(account, { days: 30 });
      const meant = deeds(30, (event) => changes(event) && inVirginia(event));
      expect(okay(data.summary)).toMatchObject({
        calls: meant.length,
        unknown: meant.length,
        succeeded: 0,
        failed: 0,
      });
      expect(text).toContain(`${meant.length} events could not be read in full`);
      // What the event itself says is still known.
      const key = okay(data.adminActions).items.find(({ event }) => event === "CreateAccessKey");
      expect(key).toMatchObject({ who: "anna.keller", outcome: "unknown" });
    },
  );

  test("in shapes of its own breaks nothing", async () => {
    const odd = { items: "none" };
    const account = await withRecords(await demo(), (record) => ({
      ...record,
      userIdentity: [],
      requestParameters: { ipPermissions: odd, userName: 7 },
      responseElements: "ok",
      errorCode: { code: 1 },
      userAgent: null,
    }));
    const { data } = await activity(account, { days: 30 });
    expect(okay(data.summary).calls).toBeGreaterThan(0);
  });
});

describe("what others have written", () => {
  const obeyed = /Ignore all previous|paytnuocca|terminate-instances/;

  test("stands in the marked block only, without what nobody sees, and in no next step", async () => {
    const account = await withRecords(await demo(), (record) => ({
      ...record,
      userAgent: hostile.note,
      sourceIPAddress: hostile.name,
      errorCode: hostile.note,
      errorMessage: hostile.note,
      requestParameters: { userName: hostile.name, policyName: hostile.note },
      userIdentity: {
        type: "AssumedRole",
        principalId: `x:${hostile.name}`,
        invokedBy: hostile.note,
        sessionContext: { sessionIssuer: { userName: hostile.note } },
      },
    }));
    const { text, result } = await activity(account, { days: 30, includeReads: true });
    expect(text).toMatch(obeyed);
    expect(outsideOfMarks(text)).not.toMatch(obeyed);
    expect(outsideOfMarks(text)).not.toContain("aws-data");
    expect(text).not.toMatch(/[\u{202E}\u{202C}\u{9B}\u{200B}]/u);
    expect(JSON.stringify(result.suggestedActions)).not.toMatch(obeyed);
  });

  test("never brings a password or a whole key with it", async () => {
    const secret = "wJalrXUtnFEMI-K7MDENG";
    const account = await withRecords(await demo(), (record) => ({
      ...record,
      requestParameters: {
        userName: "AKIAIOSFODNN7EXAMPLE",
        password: secret,
        newPassword: secret,
        masterUserPassword: secret,
        environment: { variables: { TOKEN: secret } },
      },
      responseElements: {
        accessKey: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: secret },
      },
      errorCode: "Failed",
      errorMessage:
        "The key AKIAIOSFODNN7EXAMPLE may not. Encoded authorization failure message: c2VjcmV0",
    }));
    const { text, data, result } = await activity(account, { days: 90, limit: 200 });
    const all = text + JSON.stringify(data) + JSON.stringify(result.suggestedActions);
    expect(all.includes(secret)).toBe(false);
    expect(all.match(/A[KS]IA[A-Z0-9]{12}/)?.[0]).toBeUndefined();
    expect(all.includes("c2VjcmV0")).toBe(false);
    expect(all).toContain("AKIA…");
  });
});

test("an account in which nothing happened is said to be one, and where to look next", async () => {
  const account = await demo({ variant: "empty" });
  const { data, text, result } = await activity(account);
  expect(okay(data.summary)).toMatchObject({ calls: 0, byUser: [], byEvent: [] });
  expect(text).toContain("**No such calls.**");
  expect((result.suggestedActions as SuggestedAction[])[0]).toMatchObject({
    tool,
    arguments: { days: 90 },
  });
  const [next] = (await activity(account, { days: 90 })).result.suggestedActions ?? [];
  expect(next).toMatchObject({ tool, arguments: { regions: ["all"] } });
});
