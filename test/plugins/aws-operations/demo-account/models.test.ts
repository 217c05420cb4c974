import {
  DescribeBudgetNotificationsForAccountCommand,
  DescribeBudgetsCommand,
  DescribeNotificationsForBudgetCommand,
} from "@aws-sdk/client-budgets";
import * as ce from "@aws-sdk/client-cost-explorer";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { costExplorer } from "../../../../plugins/aws-operations/demo-account/services/cost-explorer/cost-explorer.ts";
import { budgets as budgetsService } from "../../../../plugins/aws-operations/demo-account/services/budgets.ts";
import type { Variant } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { openDemo, type Demo } from "./helpers.ts";
import {
  answerProblems,
  hasModels,
  loadModel,
  MODELS,
  problemsOf,
  type Model,
} from "./model-validator.ts";
import { recordBodies } from "./recorded-bodies.ts";

const AccountId = "111122223333";
const NOWS = ["2026-11-20T10:00:00Z", "2026-11-01T00:00:00Z", "2028-02-29T23:00:00Z"];

interface Call {
  readonly operation: string;
  readonly send: (demo: Demo, now: string) => Promise<unknown>;
}

const period = (now: string) => ({ Start: `${now.slice(0, 8)}01`, End: nextDay(now) });
const nextDay = (now: string): string =>
  new Date(Date.parse(now.slice(0, 10)) + 86_400_000).toISOString().slice(0, 10);

const usage = (more: Partial<ce.GetCostAndUsageCommandInput>): Call => ({
  operation: "GetCostAndUsage",
  send: (demo, now) =>
    demo.ce.send(
      new ce.GetCostAndUsageCommand({
        TimePeriod: period(now),
        Granularity: "DAILY",
        Metrics: ["UnblendedCost", "AmortizedCost", "UsageQuantity"],
        ...more,
      }),
    ),
});

const COST_EXPLORER: readonly Call[] = [
  usage({}),
  usage({
    GroupBy: [
      { Type: "DIMENSION", Key: "LINKED_ACCOUNT" },
      { Type: "TAG", Key: "Team" },
    ],
  }),
  {
    operation: "GetCostForecast",
    send: (demo, now) =>
      demo.ce.send(
        new ce.GetCostForecastCommand({
          TimePeriod: { Start: now.slice(0, 10), End: nextDay(now) },
          Granularity: "DAILY",
          Metric: "UNBLENDED_COST",
          PredictionIntervalLevel: 80,
        }),
      ),
  },
  {
    operation: "GetAnomalies",
    send: (demo) =>
      demo.ce.send(new ce.GetAnomaliesCommand({ DateInterval: { StartDate: "2020-01-01" } })),
  },
  {
    operation: "GetAnomalyMonitors",
    send: (demo) => demo.ce.send(new ce.GetAnomalyMonitorsCommand({ MaxResults: 1 })),
  },
  {
    operation: "GetDimensionValues",
    send: (demo, now) =>
      demo.ce.send(
        new ce.GetDimensionValuesCommand({ TimePeriod: period(now), Dimension: "LINKED_ACCOUNT" }),
      ),
  },
];

const BUDGETS: readonly Call[] = [
  {
    operation: "DescribeBudgets",
    send: (demo) =>
      demo.budgets.send(new DescribeBudgetsCommand({ AccountId, ShowFilterExpression: true })),
  },
  {
    operation: "DescribeBudgetNotificationsForAccount",
    send: (demo) =>
      demo.budgets.send(new DescribeBudgetNotificationsForAccountCommand({ AccountId })),
  },
  {
    operation: "DescribeNotificationsForBudget",
    send: (demo) =>
      demo.budgets.send(
        new DescribeNotificationsForBudgetCommand({
          AccountId,
          BudgetName: "demo-monthly-support",
        }),
      ),
  },
];

async function problemsWith(
  model: Model,
  calls: readonly Call[],
  variant: Variant,
): Promise<string[]> {
  const problems: string[] = [];
  for (const now of NOWS) {
    const demo = await openDemo(now, { variant, pageSize: 20 });
    const bodies = recordBodies([demo.ce, demo.budgets]);
    for (const { operation, send } of calls) {
      bodies.length = 0;
      const failed = await send(demo, now).then(
        () => false,
        () => true,
      );
      if (failed) problems.push(`${operation} failed`);
      else problems.push(...answerProblems(model, operation, bodies[0] ?? ""));
    }
  }
  return problems;
}

describe.skipIf(!hasModels)(
  `answers fit the models AWS publishes (skipped without ${MODELS})`,
  () => {
    test.each<Variant>(["default", "cny"])("Cost Explorer, %s", async (variant) => {
      expect(await problemsWith(loadModel("ce-2017-10-25"), COST_EXPLORER, variant)).toEqual([]);
    });

    test.each<Variant>(["default", "cny", "new"])("Budgets, %s", async (variant) => {
      expect(await problemsWith(loadModel("budgets-2016-10-20"), BUDGETS, variant)).toEqual([]);
    });

    test("STS", async () => {
      const { sts } = await openDemo(NOWS[0] ?? "");
      const bodies = recordBodies([sts]);
      await sts.send(new GetCallerIdentityCommand({}));
      const model = loadModel("sts-2011-06-15");
      expect(answerProblems(model, "GetCallerIdentity", bodies[0] ?? "")).toEqual([]);
    });

    test("every operation served is in the model", () => {
      for (const [service, file] of [
        [costExplorer, "ce-2017-10-25"],
        [budgetsService, "budgets-2016-10-20"],
      ] as const) {
        const { operations } = loadModel(file);
        expect(Object.keys(operations)).toEqual(
          expect.arrayContaining([...service.operations.keys()]),
        );
      }
    });

    test("the validator finds what is wrong", () => {
      const model = loadModel("budgets-2016-10-20");
      const budget = {
        BudgetName: "a:b",
        TimeUnit: "WEEKLY",
        TimePeriod: { Start: "now" },
        Extra: 1,
      };
      expect(problemsOf(model, "Budget", budget, "budget")).toEqual([
        "budget: lacks BudgetType",
        expect.stringContaining('budget.BudgetName: "a:b" does not match'),
        'budget.TimeUnit: "WEEKLY" is not one of its values',
        "budget.TimePeriod.Start: not a time in epoch seconds",
        "budget: has an unknown member Extra",
      ]);
    });
  },
);
