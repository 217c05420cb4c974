import type {
  Budget as AwsBudget,
  BudgetNotificationsForAccount,
  Notification,
  Spend,
} from "@aws-sdk/client-budgets";
import { type Money, parseMoney, percentOf, toNumber } from "./money.ts";
import { withoutUndefined } from "../aws/objects.ts";
import { type Day, firstOfMonth, lastOfMonth, monthsAway, type Period, toDay } from "./periods.ts";

/** A budget with what was spent of it. */
export interface BudgetAlert {
  readonly budgetName: string;
  readonly budget: BudgetState;
  readonly notifications: BudgetNotification[];
}

interface BudgetState {
  /** `COST`, `USAGE`, `SAVINGS_PLANS_UTILIZATION`, … */
  readonly type: string;
  /** `MONTHLY`, `QUARTERLY`, … */
  readonly timeUnit: string;
  /** The days that count now: of this month, quarter or year, or the budget's own. */
  readonly start?: Day;
  readonly end?: Day;
  /** Unit of the amounts: a currency, `PERCENTAGE` for utilization budgets, or a unit of usage. */
  readonly unit?: string;
  readonly limit?: number;
  readonly actual?: number;
  /** Absent while AWS has none, as for new budgets. */
  readonly forecast?: number;
  /** Of the limit. */
  readonly actualPercent?: number;
  readonly forecastPercent?: number;
  /** True if AWS adjusts the limit itself. */
  readonly autoAdjusted?: boolean;
  /** What the budget is limited to, as AWS writes it; absent if to nothing. */
  readonly filter?: Record<string, unknown>;
}

interface BudgetNotification {
  /** `ACTUAL` or `FORECASTED`. */
  readonly type: string;
  /** `GREATER_THAN`, `LESS_THAN` or `EQUAL_TO`. */
  readonly operator: string;
  readonly threshold: number;
  /** `PERCENTAGE` of the limit or `ABSOLUTE_VALUE`. */
  readonly thresholdType: string;
  /** True if the threshold has been passed: AWS calls it ALARM. */
  readonly firing: boolean;
}

/** Joins budgets with their notifications; those that fire come first, then the most used. */
export function joinBudgets(
  budgets: readonly AwsBudget[],
  notifications: readonly BudgetNotificationsForAccount[],
  now: Date,
): BudgetAlert[] {
  const byName = new Map<string | undefined, Notification[]>();
  for (const { BudgetName, Notifications = [] } of notifications) {
    byName.set(BudgetName, [...(byName.get(BudgetName) ?? []), ...Notifications]);
  }
  const alerts = budgets.map((budget) => ({
    budgetName: budget.BudgetName ?? "(no name)",
    budget: readBudget(budget, now),
    notifications: (byName.get(budget.BudgetName) ?? []).map(readNotification),
  }));
  return alerts.toSorted(
    (left, right) =>
      Number(isFiring(right)) - Number(isFiring(left)) ||
      (right.budget.actualPercent ?? 0) - (left.budget.actualPercent ?? 0) ||
      left.budgetName.localeCompare(right.budgetName),
  );
}

export function isFiring({ notifications }: BudgetAlert): boolean {
  return notifications.some(({ firing }) => firing);
}

function readBudget(budget: AwsBudget, now: Date): BudgetState {
  const limit = budget.BudgetLimit ?? plannedLimit(budget, now);
  const actual = budget.CalculatedSpend?.ActualSpend;
  const forecast = budget.CalculatedSpend?.ForecastedSpend;
  const filter = budget.FilterExpression ?? nonEmpty(budget.CostFilters);
  return withoutUndefined({
    type: budget.BudgetType ?? "UNKNOWN",
    timeUnit: budget.TimeUnit ?? "UNKNOWN",
    ...periodOf(budget, toDay(now)),
    unit: limit?.Unit ?? actual?.Unit,
    limit: amountOf(limit),
    actual: amountOf(actual),
    forecast: amountOf(forecast),
    actualPercent: percentOfLimit(actual, limit),
    forecastPercent: percentOfLimit(forecast, limit),
    autoAdjusted: budget.AutoAdjustData === undefined ? undefined : true,
    filter: filter === undefined ? undefined : { ...filter },
  });
}

function periodOf({ TimeUnit, TimePeriod }: AwsBudget, today: Day): Partial<Period> {
  switch (TimeUnit) {
    case "DAILY":
      return { start: today, end: today };
    case "MONTHLY":
      return { start: firstOfMonth(today), end: lastOfMonth(today) };
    case "QUARTERLY": {
      const start = monthsAway(today, -((Number(today.slice(5, 7)) - 1) % 3));
      return { start, end: lastOfMonth(monthsAway(start, 2)) };
    }
    case "ANNUALLY":
      return { start: `${today.slice(0, 4)}-01-01`, end: `${today.slice(0, 4)}-12-31` };
    case "CUSTOM":
    case undefined:
    default:
      return {
        ...(TimePeriod?.Start !== undefined && { start: toDay(TimePeriod.Start) }),
        ...(TimePeriod?.End !== undefined && { end: toDay(TimePeriod.End) }),
      };
  }
}

/** Limits planned per month or quarter are keyed by the second they start at. */
function plannedLimit({ PlannedBudgetLimits = {} }: AwsBudget, now: Date): Spend | undefined {
  const started = Object.entries(PlannedBudgetLimits)
    .map(([second, spend]) => ({ start: Number(second) * 1000, spend }))
    .filter(({ start }) => start <= now.getTime())
    .toSorted((left, right) => right.start - left.start);
  return started[0]?.spend;
}

function readNotification(notification: Notification): BudgetNotification {
  return {
    type: notification.NotificationType ?? "UNKNOWN",
    operator: notification.ComparisonOperator ?? "UNKNOWN",
    threshold: notification.Threshold ?? 0,
    thresholdType: notification.ThresholdType ?? "PERCENTAGE",
    firing: notification.NotificationState === "ALARM",
  };
}

function moneyOf(spend: Spend | undefined): Money | undefined {
  return spend?.Amount === undefined ? undefined : parseMoney(spend.Amount);
}

function amountOf(spend: Spend | undefined): number | undefined {
  const money = moneyOf(spend);
  return money === undefined ? undefined : toNumber(money);
}

function percentOfLimit(spend: Spend | undefined, limit: Spend | undefined): number | undefined {
  const [part, whole] = [moneyOf(spend), moneyOf(limit)];
  if (part === undefined || whole === undefined || spend?.Unit !== limit?.Unit) return undefined;
  return percentOf(part, whole);
}

function nonEmpty<T extends object>(record: T | undefined): T | undefined {
  return record !== undefined && Object.keys(record).length > 0 ? record : undefined;
}
