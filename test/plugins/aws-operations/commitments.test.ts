import { describe, expect, test } from "vitest";
import { commitmentsOutput } from "../../../plugins/aws-operations/commitments/output.ts";
import { commitmentsInput } from "../../../plugins/aws-operations/commitments/tool.ts";
import type { CostLine } from "../../../plugins/aws-operations/demo-account/data/billing.ts";
import * as module from "../../../plugins/aws-operations/index.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { askTool, bodies, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import { linesOf, type Span, total } from "./truth.ts";

const tool = ["aws_commitments", commitmentsOutput] as const;

/** What a Compute Savings Plan applies to. */
const eligible = new Set(["Amazon Elastic Compute Cloud - Compute", "AWS Lambda"]);

function ofType(lines: CostLine[], recordType: string): CostLine[] {
  return lines.filter((line) => line.recordType === recordType && eligible.has(line.service));
}

/** From the books: what was covered, what was not, and what was committed to. */
function truth(span: Span, now = noon) {
  const lines = linesOf(span, { now });
  const fees = lines.filter(({ recordType }) => recordType === "SavingsPlanRecurringFee");
  const coveredLines = ofType(lines, "SavingsPlanCoveredUsage");
  return {
    covered: total(coveredLines),
    onDemand: total(ofType(lines, "Usage")),
    committed: total(fees),
    used: coveredLines.reduce((sum, { amortized }) => sum + amortized, 0) / 1_000_000,
  };
}

describe("Savings Plans", () => {
  test("are told with what they cover and how much of them is used, month by month", async () => {
    const { data, text } = await askTool(pluginOn(await demo()), tool);
    const coverage = okay(data.savingsPlansCoverage);
    const use = okay(data.savingsPlansUtilization);
    const all = truth({ start: "2026-08-01", end: "2026-11-19" });
    expect(data.meta).toMatchObject({ start: "2026-08-01", end: "2026-11-19" });
    expect(coverage).toMatchObject({ active: true });
    expect(coverage.covered).toBeCloseTo(all.covered, 2);
    expect(coverage.onDemand).toBeCloseTo(all.onDemand, 2);
    expect(coverage.percent).toBeCloseTo((100 * all.covered) / (all.covered + all.onDemand), 0);
    expect(use.committed).toBeCloseTo(all.committed, 2);
    expect(use.unused).toBeCloseTo(all.committed - all.used, 2);
    expect(use.percent).toBeCloseTo((100 * all.used) / all.committed, 0);
    expect(use.netSavings).toBeCloseTo(all.covered - all.committed, 2);
    const months = ["2026-08", "2026-09", "2026-10", "2026-11"];
    expect(coverage.months.map(({ month }) => month)).toEqual(months);
    expect(use.months.map(({ month, partial }) => [month, partial])).toEqual(
      months.map((month) => [month, month === "2026-11"]),
    );
    const october = truth({ start: "2026-10-01", end: "2026-10-31" });
    expect(use.months[2]?.committed).toBeCloseTo(october.committed, 2);
    expect(coverage.months[2]?.onDemand).toBeCloseTo(october.onDemand, 2);
    expect(text).toContain("86.7 % of what Savings Plans commit to is used");
    expect(text).toContain("2026-11 (not over)");
  });

  test("that are not there are said not to be, as far as AWS has data", async () => {
    const account = await demo();
    for (const operation of ["GetSavingsPlansCoverage", "GetSavingsPlansUtilization"]) {
      account.faults.add({ operation, kind: "data-unavailable", times: "always" });
    }
    const { data, text, result } = await askTool(pluginOn(account), tool);
    expect(okay(data.savingsPlansUtilization)).toEqual({ status: "ok", active: false, months: [] });
    expect(okay(data.savingsPlansCoverage).active).toBe(false);
    expect(text).toContain("No Savings Plan was active, as far as AWS has data");
    expect(text).not.toContain("0.0 % of what Savings Plans commit");
    expect(result.error).toBeUndefined();
  });

  test("that are not used up lead to what has changed", async () => {
    const { result } = await askTool(pluginOn(await demo()), tool, { kind: "savings_plans" });
    expect(result.suggestedActions).toMatchObject([
      { tool: "aws_cost_compare", arguments: { services: ["EC2", "Lambda"] } },
      { tool: "aws_commitments", arguments: { recommend: true } },
    ]);
  });
});

describe("reservations", () => {
  test("are asked for service by service, EC2 and RDS unless others are named", async () => {
    const account = await demo();
    const { data, text } = await askTool(pluginOn(account), tool, { kind: "reservations" });
    const asked = bodies(account, "GetReservationUtilization").map(({ Filter }) => Filter);
    expect(asked).toEqual(
      ["Amazon Elastic Compute Cloud - Compute", "Amazon Relational Database Service"].map(
        (service) => ({ Dimensions: { Key: "SERVICE", Values: [service] } }),
      ),
    );
    expect(okay(data.reservationUtilization).services).toMatchObject([
      { service: "EC2", active: false, purchasedHours: 0 },
      { service: "RDS", active: false, purchasedHours: 0 },
    ]);
    const span = { start: "2026-08-01", end: "2026-11-19" };
    const hours = linesOf(span)
      .filter(
        ({ recordType, unit, service }) =>
          recordType === "Usage" && unit === "Hrs" && service.includes("Relational"),
      )
      .reduce((sum, { quantity }) => sum + quantity / 1_000_000, 0);
    expect(okay(data.reservationCoverage).services[1]?.onDemandHours).toBeCloseTo(hours, 0);
    expect(text).toContain("nothing reserved");
    expect(data.savingsPlansCoverage).toBeUndefined();
    expect(operations(account)).not.toContain("GetSavingsPlansCoverage");
  });

  test("of one service that fail leave those of the others", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetReservationCoverage", kind: "access-denied", skip: 1 });
    const { data, text } = await askTool(pluginOn(account), tool, { services: "EC2, RDS" });
    const { services, warnings } = okay(data.reservationCoverage);
    expect(services.map(({ service }) => service)).toEqual(["EC2"]);
    expect(warnings?.[0]).toContain("Reservations of RDS: ");
    expect(text).toContain("may not call ce:GetReservationCoverage");
  });
});

describe("a recommendation", () => {
  test("is asked for only on request, and says on what terms", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    await askTool(plugin, tool);
    expect(operations(account)).not.toContain("GetSavingsPlansPurchaseRecommendation");
    const { data, text, result } = await askTool(plugin, tool, {
      recommend: true,
      termYears: 3,
      upfront: "all",
    });
    expect(bodies(account, "GetSavingsPlansPurchaseRecommendation")).toEqual([
      {
        SavingsPlansType: "COMPUTE_SP",
        TermInYears: "THREE_YEARS",
        PaymentOption: "ALL_UPFRONT",
        LookbackPeriodInDays: "THIRTY_DAYS",
      },
    ]);
    const offer = okay(data.recommendation);
    expect(offer).toMatchObject({ termYears: 3, upfront: "all", worthwhile: true });
    const spent = total(ofType(linesOf({ start: "2026-10-21", end: "2026-11-19" }), "Usage"));
    expect(offer.currentSpend).toBeCloseTo(spent, 0);
    expect(offer.monthlySavings).toBeGreaterThan(0);
    expect(text).toContain("A Compute Savings Plan (3 years, all upfront)");
    expect(text).toContain("turn off what is unused first");
    // It recommends, and a person buys.
    expect(JSON.stringify(result.suggestedActions)).toContain("for a person to decide");
  });

  test("of nothing is said to be none", async () => {
    const plugin = pluginOn(await demo({ variant: "new" }));
    const { data, text } = await askTool(plugin, tool, { kind: "savings_plans", recommend: true });
    expect(okay(data.recommendation).worthwhile).toBe(false);
    expect(text).toContain("AWS recommends none.");
  });

  test("knows the currency, which the other answers do not name", async () => {
    const plugin = pluginOn(await demo({ variant: "cny" }));
    const assumed = await askTool(plugin, tool, { kind: "savings_plans" });
    expect(assumed.data.meta).toMatchObject({ currency: "USD", currencyAssumed: true });
    expect(assumed.text).toContain("AWS names no currency here; USD is assumed.");
    const told = await askTool(plugin, tool, { kind: "savings_plans", recommend: true });
    expect(told.data.meta.currency).toBe("CNY");
    expect(told.text).not.toMatch(/\$\d[\d,.]* (committed|a month|an hour)|is assumed/);
  });
});

describe("a failure", () => {
  test("spoils only its own section", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetSavingsPlansUtilization", kind: "access-denied" });
    const { data, text, result } = await askTool(pluginOn(account), tool);
    expect(failureOf(data.savingsPlansUtilization).code).toBe("ACCESS_DENIED");
    expect(okay(data.savingsPlansCoverage).active).toBe(true);
    expect(text).toContain("may not call ce:GetSavingsPlansUtilization");
    expect(result.error).toBeUndefined();
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Verify permissions" });
  });

  test("of all is one error, told once", async () => {
    const { result } = await askTool(pluginOn(await demo({ variant: "empty" })), tool);
    const { code, message } = result.error as { code: string; message: string };
    expect(result.fallback).toBe(true);
    expect(code).toBe("CE_NOT_ENABLED");
    expect(message.match(/Cost Explorer is not enabled/g)).toHaveLength(1);
  });

  test("to answer with anything is no utilization of zero", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetSavingsPlansUtilization", kind: "empty", times: "always" });
    const { data } = await askTool(pluginOn(account), tool, {}, { retries: 0 });
    expect(failureOf(data.savingsPlansUtilization).code).toBe("UPSTREAM");
  });

  test("in passing is tried again", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetSavingsPlansCoverage", kind: "throttle", times: 2 });
    const { data } = await askTool(pluginOn(account), tool, { kind: "savings_plans" });
    expect(okay(data.savingsPlansCoverage).active).toBe(true);
    expect(data.meta.ceRequests).toBe(4);
  });
});

describe("the months", () => {
  test.each([
    ["2026-12-01T00:30:00Z", 1, "2026-11-01", "2026-11-30"],
    ["2026-12-02T00:30:00Z", 12, "2025-12-01", "2026-12-01"],
    ["2028-03-01T12:00:00Z", 1, "2028-02-01", "2028-02-29"],
  ])("on %s, %d before the current one, are %s to %s", async (time, months, start, end) => {
    const now = new Date(time);
    const account = await demo({ now });
    const { data } = await askTool(pluginOn(account, { now: time }), tool, {
      kind: "savings_plans",
      months,
    });
    expect(data.meta).toMatchObject({ start, end });
    const all = truth({ start, end }, now);
    expect(okay(data.savingsPlansUtilization).committed).toBeCloseTo(all.committed, 2);
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  });

  test("are read to their last page", async () => {
    const account = await demo({ pageSize: 3 });
    const { data } = await askTool(pluginOn(account), tool, { months: 12 });
    expect(okay(data.savingsPlansCoverage).months).toHaveLength(13);
  });
});

test("the arguments are lenient where they can be, and named where they are wrong", () => {
  expect(commitmentsInput.parse({ services: "EC2, RDS" }).services).toEqual(["EC2", "RDS"]);
  for (const wrong of [{ months: 13 }, { kind: "all" }, { services: ["S3"] }, { termYears: 2 }]) {
    expect(commitmentsInput.safeParse(wrong).success).toBe(false);
  }
});

test("the tool goes with the group of what saves costs", () => {
  expect(createPlugin().getToolsConfig()).toHaveProperty("aws_commitments");
  const without = createPlugin({ enable_cost_optimization: false }).getToolsConfig();
  expect(without).not.toHaveProperty("aws_commitments");
  expect(without).toHaveProperty("aws_cost_compare");
});

test("a client gets an answer that its own validation takes", async () => {
  const account = await demo();
  await using host = await hostOn(account);
  const { tools } = await host.client.listTools();
  const listed = tools.find(({ name }) => name === "aws_commitments");
  expect(Buffer.byteLength(JSON.stringify(listed?.outputSchema))).toBeLessThan(6000);
  const result = await host.client.callTool({ name: "aws_commitments", arguments: {} });
  expect(result.structuredContent).toMatchObject({ savingsPlansCoverage: { status: "ok" } });
});

async function hostOn(account: Awaited<ReturnType<typeof demo>>) {
  const host = await createTestHost({
    plugins: { "aws-operations": module },
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
  return { client: host.client, [Symbol.asyncDispose]: () => host.close() };
}
