import type {
  Budget,
  DescribeBudgetNotificationsForAccountResponse,
  DescribeBudgetsResponse,
  DescribeNotificationsForBudgetResponse,
  Notification,
  Spend,
} from "@aws-sdk/client-budgets";
import { DEMO_ACCOUNT_ID } from "../credentials.ts";
import { budgetsOf, type CostBudget, type DemoBudget } from "../data/budgets.ts";
import { formatSpend } from "../data/money.ts";
import { awsJson } from "../protocol/aws-json.ts";
import { AwsError } from "../protocol/errors.ts";
import { spelling } from "../protocol/protocol.ts";
import { boolean, integer, required, structure, text, type Shape } from "../protocol/shape.ts";
import {
  isManagement,
  operation,
  type AccountView,
  type Operation,
  type Service,
} from "./service.ts";

/** Small, so that a caller that reads one page only misses a budget. */
const MAX_PAGE_SIZE = 2;

const accountId = text({ min: 12, max: 12, pattern: /\d{12}/ });
const nextToken = text();

export const budgets: Service = {
  signingName: "budgets",
  protocol: spelling(awsJson("1.1"), {
    invalid: { code: "InvalidParameterException" },
  }),
  permission: () => ({ action: "budgets:ViewBudget", resource: budgetArn(DEMO_ACCOUNT_ID) }),
  operations: new Map([
    [
      "DescribeBudgets",
      own(
        structure({
          AccountId: required(accountId),
          MaxResults: integer({ min: 1, max: 1000 }),
          NextToken: nextToken,
          ShowFilterExpression: boolean,
        }),
        (request, account): DescribeBudgetsResponse => {
          const all = existing(account).map((budget) =>
            describe(budget, account, request.ShowFilterExpression ?? false),
          );
          const page = pageOf(all, request, account);
          return { Budgets: [...page.items], ...next(page.nextToken) };
        },
      ),
    ],
    [
      "DescribeBudgetNotificationsForAccount",
      own(
        structure({
          AccountId: required(accountId),
          MaxResults: integer({ min: 1, max: 1000 }),
          NextToken: nextToken,
        }),
        (request, account): DescribeBudgetNotificationsForAccountResponse => {
          const all = existing(account).map((budget) => ({
            BudgetName: budget.name,
            Notifications: notifications(budget),
          }));
          const page = pageOf(all, request, account);
          return { BudgetNotificationsForAccount: [...page.items], ...next(page.nextToken) };
        },
      ),
    ],
    [
      "DescribeNotificationsForBudget",
      own(
        structure({
          AccountId: required(accountId),
          BudgetName: required(text({ min: 1, max: 100 })),
          MaxResults: integer({ min: 1, max: 100 }),
          NextToken: nextToken,
        }),
        (request, account): DescribeNotificationsForBudgetResponse => {
          const budget = existing(account).find(({ name }) => name === request.BudgetName);
          if (budget === undefined) {
            throw new AwsError(
              "NotFoundException",
              `Unable to get budget: ${request.BudgetName} - the budget doesn't exist.`,
            );
          }
          const page = pageOf(notifications(budget), request, account);
          return { Notifications: [...page.items], ...next(page.nextToken) };
        },
      ),
    ],
  ]),
};

/** An operation on the caller's own account; every other account is refused. */
function own<Input extends { readonly AccountId: string }>(
  input: Shape<Input>,
  run: (request: Input, account: AccountView) => object,
): Operation {
  return operation(input, (request, account) => {
    if (request.AccountId !== account.caller.account) {
      throw new AwsError(
        "AccessDeniedException",
        `User: ${account.caller.arn} is not authorized to perform: budgets:ViewBudget on resource: ${budgetArn(request.AccountId)} because no resource-based policy allows the budgets:ViewBudget action`,
      );
    }
    return run(request, account);
  });
}

const existing = (account: AccountView): readonly DemoBudget[] =>
  account.variant === "empty" || !isManagement(account)
    ? []
    : budgetsOf(account.ledger, account.now);

function describe(budget: DemoBudget, { ledger, now }: AccountView, showFilter: boolean): Budget {
  const common = {
    BudgetName: budget.name,
    TimePeriod: { Start: budget.start, End: budget.end },
    LastUpdatedTime: new Date(Math.floor(now.getTime() / 1000) * 1000),
  };
  if (budget.kind === "utilisation") {
    return {
      ...common,
      BudgetType: "SAVINGS_PLANS_UTILIZATION",
      TimeUnit: "MONTHLY",
      BudgetLimit: percent(100),
      CalculatedSpend: { ActualSpend: percent(budget.actualPercent) },
    };
  }
  const spend = (amount: number): Spend => ({ Amount: formatSpend(amount), Unit: ledger.unit });
  return {
    ...common,
    BudgetType: "COST",
    TimeUnit: budget.timeUnit,
    BudgetLimit: spend(budget.limit),
    CalculatedSpend: {
      ActualSpend: spend(budget.actual),
      ...(budget.forecast === undefined ? {} : { ForecastedSpend: spend(budget.forecast) }),
    },
    CostFilters: { [budget.scope.filter]: [budget.scope.value] },
    CostTypes: {
      IncludeTax: true,
      IncludeSubscription: true,
      UseBlended: false,
      IncludeRefund: true,
      IncludeCredit: true,
      IncludeUpfront: true,
      IncludeRecurring: true,
      IncludeOtherSubscription: true,
      IncludeSupport: true,
      IncludeDiscount: true,
      UseAmortized: false,
    },
    ...(showFilter ? filterOf(budget) : {}),
  };
}

function filterOf({ scope }: CostBudget): Pick<Budget, "FilterExpression" | "Metrics"> {
  return {
    Metrics: ["UnblendedCost"],
    FilterExpression: { Dimensions: { Key: scope.dimension, Values: [scope.value] } },
  };
}

function notifications(budget: DemoBudget): Notification[] {
  if (budget.kind === "utilisation") {
    const isLow = budget.actualPercent < 80;
    return [
      {
        NotificationType: "ACTUAL",
        ComparisonOperator: "LESS_THAN",
        Threshold: 80,
        ThresholdType: "PERCENTAGE",
        NotificationState: isLow ? "ALARM" : "OK",
      },
    ];
  }
  const { actual, forecast = 0, limit } = budget;
  const above = (
    type: "ACTUAL" | "FORECASTED",
    threshold: number,
    amount: number,
  ): Notification => ({
    NotificationType: type,
    ComparisonOperator: "GREATER_THAN",
    Threshold: threshold,
    ThresholdType: "PERCENTAGE",
    NotificationState: (amount / limit) * 100 > threshold ? "ALARM" : "OK",
  });
  return [
    above("ACTUAL", 80, actual),
    above("ACTUAL", 100, actual),
    above("FORECASTED", 100, forecast),
  ];
}

interface PagedRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function pageOf<T>(
  all: readonly T[],
  request: PagedRequest,
  { pages }: AccountView,
): ReturnType<typeof pages.page<T>> {
  const { NextToken: token, ...identity } = request;
  const size = Math.min(request.MaxResults ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE);
  return pages.page(all, size, { token, identity });
}

const next = (token: string | undefined): { NextToken?: string } =>
  token === undefined ? {} : { NextToken: token };

const percent = (value: number): Spend => ({ Amount: value.toFixed(1), Unit: "PERCENTAGE" });

const budgetArn = (account: string): string => `arn:aws:budgets::${account}:budget/*`;
