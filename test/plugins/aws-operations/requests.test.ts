import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { AwsApi } from "../../../plugins/aws-operations/aws/api.ts";
import { RequestCache } from "../../../plugins/aws-operations/aws/cache.ts";
import { Flight, Lane, raceAbort } from "../../../plugins/aws-operations/aws/flight.ts";
import { AwsRequests } from "../../../plugins/aws-operations/aws/requests.ts";
import { ask, bodies, demo, failureOf, okay, operations, pluginOn } from "./helpers.ts";

const hour = 3_600_000;

const anyRequest = {
  operation: "Any",
  action: "any:Any",
  region: "us-east-1",
  ttlMs: hour,
  nextToken: () => undefined,
  missing: () => undefined,
  read: () => 1,
};

/** One further attempt, after a wait. */
async function onceMore<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal } = new AbortController();
  try {
    return await run(signal);
  } catch {
    await sleep(80);
    return run(signal);
  }
}

/** How many requests of different keys are open at the same time. */
async function mostOpen(service: "Cost Explorer" | "Budgets"): Promise<number> {
  const requests = new AwsRequests();
  let open = 0;
  let highest = 0;
  const send = async () => {
    open += 1;
    highest = Math.max(highest, open);
    await sleep(5);
    open -= 1;
    return {};
  };
  const keys = ["a", "b", "c", "d"];
  await Promise.all(keys.map((key) => requests.run({ ...anyRequest, service, key, send })));
  return highest;
}

describe("the cache", () => {
  test("keeps the open month for an hour, and says how old the data are", async () => {
    let now = new Date("2026-11-20T01:00:00Z");
    const account = await demo({ now: () => now });
    const plugin = pluginOn(account, { clock: () => now });
    await ask(plugin);
    account.log.length = 0;
    now = new Date(now.getTime() + 59 * 60_000);
    const { data } = await ask(plugin);
    expect(operations(account)).toEqual([]);
    expect(data.meta).toMatchObject({
      cacheAgeSeconds: 59 * 60,
      asOf: "2026-11-20T01:00:00.000Z",
      ceRequests: 0,
      estimatedApiCostUsd: 0,
    });
    now = new Date(now.getTime() + 2 * 60_000);
    const fresh = await ask(plugin);
    expect(fresh.data.meta.cacheAgeSeconds).toBe(0);
    expect(bodies(account, "GetCostAndUsage").length).toBeGreaterThan(0);
  });

  test("keeps closed months for a day", async () => {
    let now = new Date("2026-11-20T01:00:00Z");
    const account = await demo({ now: () => now });
    const plugin = pluginOn(account, { clock: () => now });
    const question = { analysis: "breakdown", start: "2026-10-01", end: "2026-10-31" };
    const paid = async (hours: number) => {
      now = new Date(now.getTime() + hours * hour);
      return (await ask(plugin, question)).data.meta.ceRequests;
    };
    expect(await paid(0)).toBeGreaterThan(0);
    expect(await paid(22)).toBe(0);
    expect(await paid(3)).toBeGreaterThan(0);
  });

  test("is not asked with refresh, but keeps what that brings", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const { data: first } = await ask(plugin);
    const { data: again } = await ask(plugin, { refresh: true });
    expect(again.meta.ceRequests).toBe(first.meta.ceRequests);
    expect((await ask(plugin)).data.meta.ceRequests).toBe(0);
  });

  test("has a key for each question: filters and metrics are not mixed up", async () => {
    const plugin = pluginOn(await demo());
    const all = okay((await ask(plugin)).data.currentMonth).total;
    const lambda = okay((await ask(plugin, { services: ["Lambda"] })).data.currentMonth).total;
    const amortized = await ask(plugin, { metric: "AmortizedCost", services: ["EC2"] });
    const unblended = await ask(plugin, { metric: "UnblendedCost", services: ["EC2"] });
    expect(lambda).toBeLessThan(all);
    expect(okay(amortized.data.currentMonth).total).not.toBe(
      okay(unblended.data.currentMonth).total,
    );
    // The order of a list makes no difference.
    await ask(plugin, { services: ["AWS Lambda", "AmazonCloudWatch"] });
    const turned = await ask(plugin, { services: ["AmazonCloudWatch", "AWS Lambda"] });
    expect(turned.data.meta.ceRequests).toBe(0);
  });

  test("keeps apart what is read out of the same pages, and what is read in part", async () => {
    const account = await demo();
    const api = new AwsApi({
      accessKey: account.accessKeyId,
      secretKey: account.secretAccessKey,
      endpoint: account.endpoint,
    });
    onTestFinished(() => api.close());
    const question = {
      service: "budgets",
      operation: "DescribeBudgets",
      input: { AccountId: account.accountId },
      ttlMs: hour,
    } as const;
    const count = { ...question, read: (pages: readonly object[]) => pages.length };
    const all = await api.ask(count);
    expect(all.value).toBeGreaterThan(1);
    expect((await api.ask({ ...question, read: () => "read" })).value).toBe("read");
    const part = await api.ask({ ...count, maxPages: 1 });
    expect(part).toMatchObject({ value: 1, truncated: true });
    const sent = account.log.length;
    expect(await api.ask(count)).toMatchObject({ value: all.value, truncated: false });
    expect(account.log).toHaveLength(sent);
  });

  test("belongs to one plugin", async () => {
    const account = await demo();
    await ask(pluginOn(account));
    expect((await ask(pluginOn(account))).data.meta.ceRequests).toBeGreaterThan(0);
  });

  test("holds a bounded number of answers, those in use among them", () => {
    const cache = new RequestCache({ maxEntries: 3 });
    for (let index = 0; index < 10; index += 1) {
      const entry = cache.open<number>(`key ${index}`, hour, false);
      entry.finish(index, cache.now());
      cache.close(`key ${index}`, entry, false);
    }
    expect(cache.size).toBe(3);
    const used = cache.open<number>("key 9", hour, false);
    expect(used.complete?.value).toBe(9);
    expect(cache.open<number>("key 0", hour, false).complete).toBeUndefined();
  });

  test("gives what it has when AWS throttles, and says how old it is", async () => {
    let now = new Date("2026-11-20T01:00:00Z");
    const account = await demo({ now: () => now });
    const plugin = pluginOn(account, { clock: () => now });
    await ask(plugin);
    now = new Date(now.getTime() + 2 * hour);
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", times: "always" });
    const { data, text } = await ask(plugin, {}, { retries: 1 });
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    expect(data.meta.cacheAgeSeconds).toBe(7200);
    expect(text).toContain("the data are 120 min old");
    account.faults.clear();
    expect((await ask(plugin)).data.meta.cacheAgeSeconds).toBe(0);
    // What AWS refuses outright is not hidden behind old data.
    now = new Date(now.getTime() + 2 * hour);
    account.faults.add({ operation: "GetCostAndUsage", kind: "access-denied", times: "always" });
    expect(failureOf((await ask(plugin)).data.currentMonth).code).toBe("ACCESS_DENIED");
  });
});

describe("callers at the same time", () => {
  test("share one request", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(plugin)));
    const [first] = answers;
    const pages = first?.data.meta.requests[0]?.pages ?? 0;
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(pages);
    // Each page is paid for once, and counted by all who waited for it.
    for (const { data } of answers) expect(data.meta.ceRequests).toBe(pages);
    expect(new Set(answers.map(({ data }) => okay(data.currentMonth).total)).size).toBe(1);
  });

  test("share a refresh", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    await ask(plugin);
    account.log.length = 0;
    const [one] = await Promise.all([
      ask(plugin, { refresh: true }),
      ask(plugin, { refresh: true }),
      ask(plugin, { refresh: true }),
    ]);
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(one.data.meta.requests[0]?.pages ?? 0);
  });

  test("do not lose their answer when one of them leaves, even the one who asked first", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "slow", ms: 300 });
    const plugin = pluginOn(account);
    const leaving = new AbortController();
    const first = ask(plugin, {}, { signal: leaving.signal });
    await expect.poll(() => bodies(account, "GetCostAndUsage").length).toBe(1);
    const second = ask(plugin);
    await sleep(50);
    leaving.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    const { data } = await second;
    const pages = data.meta.requests[0]?.pages ?? 0;
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(pages);
    expect(account.log.some(({ aborted }) => aborted)).toBe(false);
    expect(data.meta.ceRequests).toBe(pages);
  });

  test("end the request when the last of them leaves", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "hang" });
    const plugin = pluginOn(account);
    const leaving = new AbortController();
    const both = [1, 2].map(() => ask(plugin, {}, { signal: leaving.signal }));
    await expect.poll(() => bodies(account, "GetCostAndUsage").length).toBe(1);
    leaving.abort(new Error("left"));
    const settled = await Promise.allSettled(both);
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect.poll(() => account.log.find(({ fault }) => fault === "hang")?.aborted).toBe(true);
    // Whoever comes next starts afresh.
    expect(okay((await ask(plugin)).data.currentMonth).total).toBeGreaterThan(0);
  });

  test("send requests to Cost Explorer one after the other, to the other services at once", async () => {
    expect(await mostOpen("Cost Explorer")).toBe(1);
    expect(await mostOpen("Budgets")).toBe(4);
  });

  test("use one connection for all pages", async () => {
    const account = await demo();
    await ask(pluginOn(account));
    const paid = account.log.filter(({ service }) => service === "ce");
    expect(new Set(paid.map(({ connectionPort }) => connectionPort)).size).toBe(1);
  });
});

describe("pages", () => {
  test("that came are kept when a later one has to be tried again", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", skip: 3, times: 1 });
    const { data } = await ask(pluginOn(account));
    const pages = data.meta.requests[0]?.pages ?? 0;
    expect(pages).toBeGreaterThan(4);
    expect(data.meta.ceRequests).toBe(pages + 1);
    const tokens = bodies(account, "GetCostAndUsage").map(({ NextPageToken }) => NextPageToken);
    expect(tokens.filter((token) => token === undefined)).toHaveLength(1);
    expect(tokens[3]).toBe(tokens[4]);
  });

  test.each(["request-changed", "expired-page-token"] as const)(
    "are read from the first again after %s",
    async (kind) => {
      const account = await demo();
      const truth = okay((await ask(pluginOn(account))).data.currentMonth).total;
      account.log.length = 0;
      account.faults.add({ operation: "GetCostAndUsage", kind, skip: 2, times: 1 });
      const { data } = await ask(pluginOn(account));
      const pages = data.meta.requests[0]?.pages ?? 0;
      expect(okay(data.currentMonth).total).toBe(truth);
      expect(data.meta.ceRequests).toBe(pages + 4);
    },
  );

  test("that change again are an error, not a sum of both", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "request-changed", times: "always" });
    const plugin = pluginOn(account);
    const { data } = await ask(plugin);
    expect(failureOf(data.currentMonth)).toMatchObject({
      code: "PAGING_RESTARTED",
      retryable: false,
    });
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(4);
    account.faults.clear();
    expect(okay((await ask(plugin)).data.currentMonth).total).toBeGreaterThan(0);
  });

  test("that change are read again once for all who wait", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    account.faults.add({ operation: "GetCostAndUsage", kind: "request-changed", times: 1 });
    const answers = await Promise.all([ask(plugin), ask(plugin), ask(plugin)]);
    const pages = answers[0].data.meta.requests[0]?.pages ?? 0;
    expect(new Set(answers.map(({ data }) => okay(data.currentMonth).total)).size).toBe(1);
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(pages + 2);
  });
});

describe("one kind of request that hangs", () => {
  test("does not hold up the others", async () => {
    const requests = new AwsRequests();
    const hangs = { ...anyRequest, service: "Cost Explorer", operation: "Slow", key: "s" } as const;
    const leaving = new AbortController();
    const slow = requests.run(
      { ...hangs, send: () => new Promise<never>(() => undefined) },
      { signal: leaving.signal },
    );
    const quick = { ...anyRequest, service: "Cost Explorer", key: "q" } as const;
    const { value } = await requests.run(
      { ...quick, send: () => Promise.resolve({}) },
      { signal: AbortSignal.timeout(1000) },
    );
    expect(value).toBe(1);
    leaving.abort(new Error("left"));
    await expect(slow).rejects.toThrow("left");
  });
});

describe("a question that runs out of time", () => {
  test("goes on after the pages it has read when it is asked again", async () => {
    const account = await demo({ pageSize: 300 });
    account.faults.add({ operation: "GetCostAndUsage", kind: "slow", ms: 150, times: "always" });
    const plugin = pluginOn(account);
    const question = { groupBy: "USAGE_TYPE" };
    const first = await ask(plugin, question, { timeMs: 1500 });
    expect(failureOf(first.data.currentMonth).code).toBe("TIMEOUT");
    expect(first.text).toMatch(/GetCostAndUsage: \d+ pages were read.*asking again goes on/);
    expect(first.text).not.toContain("did not answer within");
    account.faults.clear();
    const { data } = await ask(plugin, question);
    const pages = data.meta.requests[0]?.pages ?? 0;
    expect(data.meta.ceRequests).toBeLessThan(pages);
    const firsts = bodies(account, "GetCostAndUsage").filter(
      ({ NextPageToken }) => NextPageToken === undefined,
    );
    expect(firsts).toHaveLength(1);
  });

  test("forgets the pages after five minutes", async () => {
    let now = new Date("2026-11-20T01:00:00Z");
    const account = await demo({ now: () => now });
    const plugin = pluginOn(account, { clock: () => now });
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", skip: 2, times: 1 });
    const failed = await ask(plugin, {}, { retries: 0 });
    expect(failureOf(failed.data.currentMonth).message).toContain("2 pages were read");
    now = new Date(now.getTime() + 6 * 60_000);
    const { data } = await ask(plugin);
    expect(data.meta.ceRequests).toBe(data.meta.requests[0]?.pages);
  });

  test("keeps nothing of what AWS refuses, and a fresh answer wins over half a refresh", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    account.faults.add({ operation: "GetCostAndUsage", kind: "access-denied", skip: 2, times: 1 });
    const refused = await ask(plugin);
    expect(failureOf(refused.data.currentMonth).message).not.toContain("pages were read");
    const { data } = await ask(plugin);
    expect(data.meta.ceRequests).toBe(data.meta.requests[0]?.pages);
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", skip: 2, times: 1 });
    await ask(plugin, { refresh: true }, { retries: 0 });
    expect((await ask(plugin)).data.meta.ceRequests).toBe(0);
    const again = await ask(plugin, { refresh: true });
    expect(again.data.meta.ceRequests).toBe((data.meta.requests[0]?.pages ?? 0) - 2);
  });

  test("reads fifty pages at most", async () => {
    const { data } = await ask(pluginOn(await demo({ pageSize: 10 })));
    expect(data.meta).toMatchObject({ ceRequests: 50, truncated: true });
  });
});

describe("callers of the same failing request", () => {
  test("do not multiply the attempts, and each counts what it waited for", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "empty", times: "always" });
    const plugin = pluginOn(account);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(plugin)));
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(4);
    for (const { data } of answers) expect(failureOf(data.currentMonth).code).toBe("UPSTREAM");
    for (const { data } of answers) expect(data.meta.ceRequests).toBe(4);
  });

  test("do not fail with one of them who leaves in the middle of an attempt", async () => {
    const requests = new AwsRequests();
    let sent = 0;
    const send = (_: string | undefined, signal: AbortSignal): Promise<object> => {
      sent += 1;
      if (sent === 1) return Promise.reject(Object.assign(new Error("x"), { name: "Throttling" }));
      if (sent > 2) return Promise.resolve({});
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    };
    const request = { ...anyRequest, service: "Cost Explorer", key: "k", send } as const;
    const waits = requests.run(request, { retry: onceMore });
    await expect.poll(() => sent).toBe(1);
    await sleep(10);
    const leaving = new AbortController();
    const leaves = requests.run(request, { signal: leaving.signal });
    await expect.poll(() => sent, { interval: 5 }).toBe(2);
    leaving.abort(new Error("left"));
    await expect(leaves).rejects.toThrow("left");
    expect((await waits).value).toBe(1);
  });
});

describe("a flight", () => {
  test("settles for a caller as soon as the caller's signal fires", async () => {
    const never = new Promise<never>(() => undefined);
    await expect(raceAbort(never, AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
    expect(await raceAbort(Promise.resolve(1), new AbortController().signal)).toBe(1);
  });

  test("is over when it has been aborted, so that nobody joins it", async () => {
    const flight = new Flight(
      (signal) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    );
    const leaving = new AbortController();
    const joined = flight.join(leaving.signal);
    expect(flight.over).toBe(false);
    leaving.abort(new Error("left"));
    await expect(joined).rejects.toThrow("left");
    expect(flight.over).toBe(true);
  });

  test("in a lane waits for those before it, and gives up its place when aborted", async () => {
    const lane = new Lane();
    const order: string[] = [];
    const work = (name: string, ms: number) => async () => {
      order.push(`${name} in`);
      await sleep(ms);
      order.push(`${name} out`);
    };
    const { signal } = new AbortController();
    const first = lane.run(work("a", 30), signal);
    const leaving = new AbortController();
    const second = lane.run(work("b", 0), leaving.signal);
    const third = lane.run(work("c", 0), signal);
    leaving.abort(new Error("left"));
    await expect(second).rejects.toThrow("left");
    await Promise.all([first, third]);
    expect(order).toEqual(["a in", "a out", "c in", "c out"]);
  });
});
