import {
  DescribeBudgetNotificationsForAccountCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
  paginateDescribeBudgetNotificationsForAccount,
  paginateDescribeBudgets,
  type Budget,
  type BudgetsClient,
} from "@aws-sdk/client-budgets";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  day,
  failureOf,
  fetchAll,
  openDemo,
  sumOf,
  toMicros,
  withDemo,
  type Demo,
} from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const AccountId = "111122223333";

async function allBudgets(client: BudgetsClient): Promise<Budget[]> {
  const found: Budget[] = [];
  const request = { AccountId, ShowFilterExpression: true };
  for await (const page of paginateDescribeBudgets({ client }, request)) {
    found.push(...(page.Budgets ?? []));
  }
  return found;
}

const nameOf = async (call: Promise<unknown>): Promise<string> => (await failureOf(call)).name;

const percent = (part: string | undefined, whole: string | undefined): number =>
  Math.round((Number(part) / Number(whole)) * 100);

const percents = ({ BudgetLimit, CalculatedSpend }: Budget): [number, number | undefined] => [
  percent(CalculatedSpend?.ActualSpend?.Amount, BudgetLimit?.Amount),
  CalculatedSpend?.ForecastedSpend === undefined
    ? undefined
    : percent(CalculatedSpend.ForecastedSpend.Amount, BudgetLimit?.Amount),
];

/** What Cost Explorer says a budget's actual spend is. */
async function spendOf({ ce }: Demo, budget: Budget, now: string, start: string): Promise<bigint> {
  const { results } = await fetchAll(ce, {
    TimePeriod: { Start: start, End: day(now, 1) },
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    Filter: budget.FilterExpression as never,
  });
  return sumOf(results);
}

test("on any date and hour, one budget is overspent at 118 % and one is at 74 % heading for 104 %", async () => {
  const edges = [
    "2026-11-01T00:00:00Z",
    "2026-11-01T23:59:59Z",
    "2026-11-30T23:59:59Z",
    "2027-01-01T00:00:00Z",
    "2028-02-29T00:00:00Z",
    "2028-03-01T00:00:01Z",
  ];
  const anyNow = fc
    .date({
      min: new Date("2024-01-01T00:00:00Z"),
      max: new Date("2033-01-01T00:00:00Z"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString());
  await fc.assert(
    fc.asyncProperty(anyNow, async (now) => {
      await withDemo(now, async (demo) => {
        const [support, project, plan] = await allBudgets(demo.budgets);
        if (support === undefined || project === undefined || plan === undefined) {
          throw new Error("three budgets expected");
        }
        expect(support).toMatchObject({ BudgetType: "COST", TimeUnit: "MONTHLY" });
        expect(percents(support)).toEqual([118, 118]);
        expect(percents(project)).toEqual([74, 104]);
        const [used, forecast] = percents(plan);
        expect(used).toBeGreaterThan(80);
        expect(used).toBeLessThan(92);
        expect(forecast).toBeUndefined();

        const month = `${now.slice(0, 8)}01`;
        expect(toMicros(support.CalculatedSpend?.ActualSpend?.Amount)).toBe(
          await spendOf(demo, support, now, month),
        );
        const start = project.TimePeriod?.Start?.toISOString().slice(0, 10) ?? "";
        expect(toMicros(project.CalculatedSpend?.ActualSpend?.Amount)).toBe(
          await spendOf(demo, project, now, start),
        );
        expect(project.TimePeriod?.End?.getTime()).toBeGreaterThan(Date.parse(now));
      });
    }),
    { numRuns: 40, examples: edges.map((edge): [string] => [edge]) },
  );
});

test("the savings plans budget is in percent and has no forecast", async () => {
  const { budgets } = await openDemo(NOW);
  const [, , plan] = await allBudgets(budgets);
  expect(plan).toMatchObject({
    BudgetType: "SAVINGS_PLANS_UTILIZATION",
    BudgetLimit: { Amount: "100.0", Unit: "PERCENTAGE" },
    CalculatedSpend: { ActualSpend: { Unit: "PERCENTAGE" } },
  });
  expect(plan?.CalculatedSpend).not.toHaveProperty("ForecastedSpend");
});

test("an alarm is on exactly where its threshold is passed", async () => {
  const { budgets: client } = await openDemo(NOW);
  const states = new Map<string | undefined, string[]>();
  const pages = paginateDescribeBudgetNotificationsForAccount({ client }, { AccountId });
  for await (const page of pages) {
    for (const { BudgetName, Notifications = [] } of page.BudgetNotificationsForAccount ?? []) {
      states.set(
        BudgetName,
        Notifications.map(
          ({ NotificationType, ComparisonOperator, Threshold, NotificationState }) =>
            `${NotificationType} ${ComparisonOperator} ${Threshold}: ${NotificationState}`,
        ),
      );
    }
  }
  expect(Object.fromEntries(states)).toEqual({
    "demo-monthly-support": [
      "ACTUAL GREATER_THAN 80: ALARM",
      "ACTUAL GREATER_THAN 100: ALARM",
      "FORECASTED GREATER_THAN 100: ALARM",
    ],
    "demo-production-project": [
      "ACTUAL GREATER_THAN 80: OK",
      "ACTUAL GREATER_THAN 100: OK",
      "FORECASTED GREATER_THAN 100: ALARM",
    ],
    "demo-savings-plans-utilization": ["ACTUAL LESS_THAN 80: OK"],
  });
});

test("the notifications of one budget are those in the list for the account", async () => {
  const { budgets } = await openDemo(NOW);
  const all = await budgets.send(new DescribeBudgetNotificationsForAccountCommand({ AccountId }));
  const [first] = all.BudgetNotificationsForAccount ?? [];
  const one = await budgets.send(
    new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName: first?.BudgetName }),
  );
  expect(one.Notifications).toEqual(first?.Notifications?.slice(0, one.Notifications?.length));
  expect(one.NextToken).toBeDefined();
});

test("a caller who reads one page only misses a budget", async () => {
  const { budgets } = await openDemo(NOW);
  const page = await budgets.send(new DescribeBudgetsCommand({ AccountId }));
  expect(page.Budgets).toHaveLength(2);
  expect(await allBudgets(budgets)).toHaveLength(3);
});

test("timestamps arrive as dates", async () => {
  const { budgets } = await openDemo(NOW);
  const [support] = await allBudgets(budgets);
  expect(support?.TimePeriod).toEqual({
    Start: new Date("2025-11-01T00:00:00Z"),
    End: new Date("2087-06-15T00:00:00Z"),
  });
  expect(support?.LastUpdatedTime).toEqual(new Date(NOW));
});

test("filter expressions are shown on request, beside the older cost filters", async () => {
  const { budgets } = await openDemo(NOW);
  const { Budgets: [plain] = [] } = await budgets.send(new DescribeBudgetsCommand({ AccountId }));
  expect(plain?.CostFilters).toEqual({ Service: ["AWS Support (Business)"] });
  expect(plain?.FilterExpression).toBeUndefined();
  const [shown] = await allBudgets(budgets);
  expect(shown?.FilterExpression).toEqual({
    Dimensions: { Key: "SERVICE", Values: ["AWS Support (Business)"] },
  });
});

test.each([
  ["the start of an access key", "AKIAIOSFODNN", "InvalidParameterException"],
  ["eleven digits", "11112222333", "InvalidParameterException"],
  ["somebody else's account", "999999999999", "AccessDeniedException"],
])("%s is not an account id to ask about", async (_what, id, name) => {
  const { budgets } = await openDemo(NOW);
  const failure = await failureOf(budgets.send(new DescribeBudgetsCommand({ AccountId: id })));
  expect(failure).toMatchObject({ name, status: 400 });
});

test("sizes, tokens and names out of range are refused", async () => {
  const { budgets } = await openDemo(NOW);
  const describeBudgets = (more: object) =>
    budgets.send(new DescribeBudgetsCommand({ AccountId, ...more }));
  expect(await nameOf(describeBudgets({ MaxResults: 0 }))).toBe("InvalidParameterException");
  expect(await nameOf(describeBudgets({ MaxResults: 1_001 }))).toBe("InvalidParameterException");
  expect(await nameOf(describeBudgets({ NextToken: "x" }))).toBe("InvalidNextTokenException");
  const missing = new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName: "nope" });
  expect(await nameOf(budgets.send(missing))).toBe("NotFoundException");
});

test("a new account has budgets without forecasts, and an empty one has none", async () => {
  for (const now of [NOW, "2026-11-01T00:00:00Z", "2026-11-04T12:00:00Z"]) {
    const young = await openDemo(now, { variant: "new" });
    const [support, project] = await allBudgets(young.budgets);
    expect(support && percents(support)).toEqual([118, undefined]);
    expect(project && percents(project)).toEqual([74, undefined]);
  }
  const empty = await openDemo(NOW, { variant: "empty" });
  expect(await allBudgets(empty.budgets)).toEqual([]);
});
