import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { SessionCosts } from "../../../plugins/aws-operations/aws/session-costs.ts";
import { CostsWatch, costsUri } from "../../../plugins/aws-operations/costs-watch.ts";
import * as module from "../../../plugins/aws-operations/index.ts";
import type { AWSOperationsPlugin } from "../../../plugins/aws-operations/plugin.ts";
import { createTestHost } from "../../../src/testing.ts";
import { ask, bodies, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import { requestFor } from "./helpers-contract.ts";

afterEach(() => vi.useRealTimers());

const hour = 3_600_000;

interface Report {
  readonly sinceStart: Tally & { readonly start: string };
  readonly today: Tally & { readonly date: string };
  readonly dailyBudget?: { usd: number; leftUsd: number; refusedRequests: number };
}
interface Tally {
  readonly requests: number;
  readonly usd: number;
  readonly byAction: { action: string; profile?: string; requests: number; usd: number }[];
}

async function costsOf(plugin: AWSOperationsPlugin): Promise<Report> {
  const resource = plugin.getResources()[costsUri];
  const text = await resource?.read?.({ ...requestFor({}), uri: costsUri, variables: {} });
  return JSON.parse(text as string) as Report;
}

/** Questions that have nothing in common, each one request where a page holds it all. */
function question(index: number) {
  const day = String(index + 1).padStart(2, "0");
  return { analysis: "breakdown", start: `2026-09-${day}`, end: `2026-09-${day}` };
}

function memory() {
  const values = new Map<string, unknown>();
  return {
    get: (key: string) => Promise.resolve(values.get(key)),
    set: (key: string, value: unknown) => {
      values.set(key, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
    delete: (key: string) => Promise.resolve(void values.delete(key)),
    keys: () => Promise.resolve([...values.keys()]),
  };
}

function contextWith(storage: ReturnType<typeof memory>, updated: string[] = []) {
  return {
    ...requestFor({}),
    id: "aws-operations",
    storage,
    resourceUpdated: (uri: string) => void updated.push(uri),
    definitionsChanged: () => undefined,
  };
}

describe("aws://session-costs", () => {
  test("counts what was paid for, by action, retries and pages included", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", times: 2 });
    const plugin = pluginOn(account);
    expect(await costsOf(plugin)).toEqual({
      sinceStart: { start: noon.toISOString(), requests: 0, usd: 0, byAction: [] },
      today: { date: "2026-11-20", requests: 0, usd: 0, byAction: [] },
    });
    const { data } = await ask(plugin);
    await ask(plugin, { analysis: "alerts" });
    // What the cache answers is free, and so are budgets and identities.
    await ask(plugin);
    const { sinceStart, today } = await costsOf(plugin);
    const sent = account.log.filter(({ service }) => service === "ce").length;
    expect(sinceStart.requests).toBe(sent);
    expect(sinceStart.usd).toBeCloseTo(sent / 100, 10);
    expect(sinceStart.byAction).toContainEqual({
      action: "ce:GetCostAndUsage",
      requests: data.meta.ceRequests,
      usd: data.meta.estimatedApiCostUsd,
    });
    expect(sinceStart.byAction.map(({ action }) => action)).not.toContain("budgets:ViewBudget");
    expect(today).toMatchObject({ requests: sent, byAction: sinceStart.byAction });
  });

  test("begins a new day at midnight UTC, and keeps the sum since the start", async () => {
    let now = new Date("2026-11-20T23:30:00Z");
    const account = await demo({ now: () => now, pageSize: 10_000 });
    const plugin = pluginOn(account, { clock: () => now });
    await ask(plugin, question(0));
    now = new Date(now.getTime() + hour);
    await ask(plugin, question(1));
    const { sinceStart, today } = await costsOf(plugin);
    expect(sinceStart.requests).toBe(2);
    expect(today).toMatchObject({ date: "2026-11-21", requests: 1 });
  });

  test("says for which profile", async () => {
    const account = await demo({ pageSize: 10_000 });
    const plugin = pluginOn(account, { profiles: { other: {} } });
    await ask(plugin, question(0));
    await ask(plugin, { ...question(0), profile: "other" });
    const { byAction } = (await costsOf(plugin)).sinceStart;
    expect(byAction.map(({ profile, requests }) => [profile, requests])).toEqual([
      [undefined, 1],
      ["other", 1],
    ]);
  });

  test("is a resource that a client can read and watch", async () => {
    const account = await demo();
    const host = await createTestHost({
      plugins: { "aws-operations": module },
      config: {
        plugins: {
          "aws-operations": {
            awsAccessKey: account.accessKeyId,
            awsSecretKey: account.secretAccessKey,
            endpoint: account.endpoint,
            now: noon.toISOString(),
            billing_config: { daily_request_budget_usd: 5 },
          },
        },
      },
    });
    onTestFinished(() => host.close());
    const updated: string[] = [];
    host.client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      updated.push(params.uri);
    });
    await host.client.listen({ resourceSubscriptions: [costsUri] });
    await host.client.callTool({ name: "aws_cost_analysis", arguments: {} });
    await expect.poll(() => updated, { timeout: 10_000 }).toContain(costsUri);
    const { contents } = await host.client.readResource({ uri: costsUri });
    const report = JSON.parse((contents[0] as { text: string }).text) as Report;
    const sent = bodies(account, "GetCostAndUsage").length;
    expect(report.today.requests).toBe(sent);
    expect(report.dailyBudget).toEqual({
      usd: 5,
      leftUsd: (500 - sent) / 100,
      refusedRequests: 0,
    });
  });

  test("tells of a hundred changes at once, once", async () => {
    vi.useFakeTimers();
    const updated: string[] = [];
    const watch = new CostsWatch(new SessionCosts());
    await watch.start(contextWith(memory(), updated));
    for (let index = 0; index < 100; index += 1) watch.changed();
    expect(updated).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(updated).toEqual([costsUri]);
    watch.changed();
    watch.stop();
    vi.advanceTimersByTime(60_000);
    expect(updated).toEqual([costsUri]);
  });
});

function budget(usd: number) {
  return { config: { billingConfig: { dailyRequestBudgetUsd: usd } } };
}

function broken(): Promise<never> {
  return Promise.reject(new Error("disk full"));
}

describe("a budget for paid requests", () => {
  test("refuses what goes beyond, before it is sent, and says what is possible", async () => {
    const account = await demo({ pageSize: 10_000 });
    const plugin = pluginOn(account, budget(0.02));
    await ask(plugin, question(0));
    await ask(plugin, question(1));
    account.log.length = 0;
    const { data, result } = await ask(plugin, question(2));
    expect(failureOf(data.period)).toEqual({
      code: "REQUEST_BUDGET_SPENT",
      message:
        "Not sent: paid requests may cost $0.02 a day (billingConfig.dailyRequestBudgetUsd), and $0.02 is spent on 2026-11-20. " +
        "Answers that are kept and free requests go on; the next day begins at 00:00 UTC.",
      retryable: false,
    });
    expect(result).toMatchObject({ fallback: true, error: { code: "REQUEST_BUDGET_SPENT" } });
    expect(data.meta.ceRequests).toBe(0);
    expect(operations(account)).not.toContain("GetCostAndUsage");
    expect((await costsOf(plugin)).dailyBudget).toEqual({
      usd: 0.02,
      leftUsd: 0,
      refusedRequests: 1,
    });
    expect(JSON.stringify(result.suggestedActions)).toContain("budget for paid requests");
  });

  test("leaves what is free, and what is known already", async () => {
    const account = await demo({ pageSize: 10_000 });
    const plugin = pluginOn(account, budget(0.01));
    const first = await ask(plugin);
    const again = await ask(plugin);
    expect(okay(again.data.currentMonth)).toEqual(okay(first.data.currentMonth));
    const { data, result } = await ask(plugin, { analysis: "alerts" });
    expect(okay(data.budgetAlerts).count).toBe(3);
    expect(failureOf(data.anomalies).code).toBe("REQUEST_BUDGET_SPENT");
    expect(result.error).toBeUndefined();
  });

  test("lets an answer stand in that has expired, and says why", async () => {
    let now = new Date("2026-11-20T01:00:00Z");
    const account = await demo({ now: () => now, pageSize: 10_000 });
    const plugin = pluginOn(account, { ...budget(0.01), clock: () => now });
    const first = await ask(plugin);
    now = new Date(now.getTime() + 2 * hour);
    const { data, text } = await ask(plugin);
    expect(okay(data.currentMonth).total).toBe(okay(first.data.currentMonth).total);
    expect(data.meta.ceRequests).toBe(0);
    expect(text).toContain(
      "Today's budget for paid requests is spent, GetCostAndUsage was not asked: the data are 120 min old.",
    );
    const refreshed = await ask(plugin, { refresh: true });
    expect(refreshed.text).toContain("Today's budget for paid requests is spent");
    // The next day has a budget of its own.
    now = new Date("2026-11-21T00:00:01Z");
    expect((await ask(plugin)).data.meta.ceRequests).toBe(1);
  });

  test("holds for requests at the same time, whoever they are for", async () => {
    const account = await demo({ pageSize: 10_000 });
    const plugin = pluginOn(account, { ...budget(0.05), profiles: { other: {} } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask(plugin, { ...question(index), ...(index % 2 === 0 && { profile: "other" }) }),
      ),
    );
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(5);
    const answered = answers.filter(({ data }) => data.period?.status === "ok");
    expect(answered).toHaveLength(5);
    expect((await costsOf(plugin)).dailyBudget).toMatchObject({ leftUsd: 0 });
  });

  test("holds in the middle of an answer", async () => {
    const account = await demo();
    const plugin = pluginOn(account, budget(0.03));
    const { data } = await ask(plugin);
    expect(failureOf(data.currentMonth).code).toBe("REQUEST_BUDGET_SPENT");
    expect(bodies(account, "GetCostAndUsage")).toHaveLength(3);
    expect(data.meta.ceRequests).toBe(3);
  });

  test("of nothing sends nothing that costs", async () => {
    const account = await demo();
    const { result } = await ask(pluginOn(account, budget(0)));
    expect(result.error).toMatchObject({ code: "REQUEST_BUDGET_SPENT" });
    expect(operations(account)).toEqual(["GetCallerIdentity"]);
  });

  test("is not there anew when the plugin is loaded anew on the same day", async () => {
    let now = new Date("2026-11-20T12:00:00Z");
    const account = await demo({ now: () => now, pageSize: 10_000 });
    const storage = memory();
    const load = async (): Promise<AWSOperationsPlugin> => {
      const plugin = pluginOn(account, { ...budget(0.01), clock: () => now });
      await plugin.onPluginLoad(contextWith(storage));
      return plugin;
    };
    const first = await load();
    await ask(first, question(0));
    await first.onPluginUnload();
    const second = await load();
    expect((await costsOf(second)).today).toMatchObject({ requests: 1 });
    expect((await costsOf(second)).sinceStart).toMatchObject({ requests: 0 });
    const refused = await ask(second, question(1));
    expect(failureOf(refused.data.period).code).toBe("REQUEST_BUDGET_SPENT");
    await second.onPluginUnload();
    now = new Date("2026-11-21T12:00:00Z");
    const third = await load();
    expect(okay((await ask(third, question(1))).data.period).total).toBeGreaterThan(0);
  });

  test("survives a storage that does not work", async () => {
    const account = await demo({ pageSize: 10_000 });
    const storage = { ...memory(), get: broken, set: broken };
    const plugin = pluginOn(account, budget(0.01));
    await plugin.onPluginLoad(contextWith(storage));
    expect(okay((await ask(plugin, question(0))).data.period).total).toBeGreaterThan(0);
    expect(failureOf((await ask(plugin, question(1))).data.period).code).toBe(
      "REQUEST_BUDGET_SPENT",
    );
  });
});
