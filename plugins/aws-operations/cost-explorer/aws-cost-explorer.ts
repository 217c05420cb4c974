import type { Budget, BudgetNotificationsForAccount } from "@aws-sdk/client-budgets";
import { AwsApi } from "../aws/api.ts";
import type { AwsConnection } from "../aws/credentials.ts";
import { type CallerIdentity, callerIdentity } from "../aws/identity.ts";
import type { Answer, CallScope } from "../aws/requests.ts";
import { type Anomaly, type AnomalyMonitor, readAnomalies, readMonitors } from "./anomalies.ts";
import { type BudgetAlert, joinBudgets } from "./budgets.ts";
import {
  type CostGrouping,
  type CostQuery,
  costRequest,
  type ForecastQuery,
  forecastRequest,
} from "./cost-queries.ts";
import { type CostTable, currenciesOf, readCosts } from "./cost-rows.ts";
import { type CostForecast, readForecast } from "./forecasts.ts";
import { firstOfMonth, type Period, toDay } from "./periods.ts";

export interface CostExplorerOptions extends AwsConnection {
  /** What day it is, and by which answers grow old. Default: the system's clock. */
  readonly clock?: () => Date;
  /** What sends the requests. Default: one of its own, with this connection. */
  readonly api?: AwsApi;
}

export interface AnomalyReport {
  /** The largest impact first. */
  readonly anomalies: readonly Anomaly[];
  /** Present if there are no anomalies: which monitors looked, if any. */
  readonly monitors?: readonly AnomalyMonitor[];
}

const hour = 3_600_000;
const ttl = {
  /** AWS updates costs at most three times a day. */
  openMonth: hour,
  closedMonths: 24 * hour,
  forecast: 6 * hour,
  anomalies: hour,
  budgets: hour / 12,
};

/** What a caller may limit costs to by name. */
const namedDimensions = new Set<CostGrouping>(["SERVICE", "LINKED_ACCOUNT", "REGION"]);

/** What bills that were read have shown. */
interface Seen {
  readonly names: Map<CostGrouping, Set<string>>;
  currency: string | undefined;
}

/** Costs, forecasts, anomalies and budgets of an AWS account: cached, paged to the end, days in UTC. */
export class AWSCostExplorer {
  readonly api: AwsApi;
  /** By profile: each is an account of its own. */
  readonly #seen = new Map<string | undefined, Seen>();

  constructor({ api, ...options }: CostExplorerOptions = {}) {
    this.api = api ?? new AwsApi(options);
  }

  get region(): string {
    return this.api.region;
  }

  /** Costs by record type (usage, credit, tax, …), which is the first key of each row. */
  getCosts(query: CostQuery, scope?: CallScope): Promise<Answer<CostTable>> {
    return this.getCostsByDimension({ ...query, dimension: "RECORD_TYPE" }, scope);
  }

  /**
   * Costs by a dimension or tag, which is the first key of each row; the second is the record type. One request
   * answers both, since Cost Explorer groups by up to two things.
   */
  getCostsByDimension(
    query: CostQuery & { readonly dimension: CostGrouping },
    scope?: CallScope,
  ): Promise<Answer<CostTable>> {
    const { dimension } = query;
    const second = dimension === "RECORD_TYPE" ? [] : (["RECORD_TYPE"] as const);
    return this.getCostsGrouped(query, [dimension, ...second], scope);
  }

  /** Costs by one or two things, which are the keys of each row, in this order. */
  async getCostsGrouped(
    query: CostQuery,
    groupBy: readonly CostGrouping[],
    scope?: CallScope,
  ): Promise<Answer<CostTable>> {
    const input = costRequest(query, groupBy);
    const isOpen = query.period.end >= firstOfMonth(toDay(this.api.clock()));
    const answer = await this.api.ask(
      {
        service: "ce",
        operation: "GetCostAndUsage",
        input,
        ttlMs: isOpen ? ttl.openMonth : ttl.closedMonths,
        interval: interval(input.TimePeriod),
        missing: ({ ResultsByTime }) => (ResultsByTime === undefined ? "ResultsByTime" : undefined),
        read: readCosts,
      },
      scope,
    );
    const listed = input.Filter === undefined ? groupBy[0] : undefined;
    this.#remember(answer.value, listed, scope?.profile);
    return answer;
  }

  /** What AWS expects to be spent from today on. Fails with FORECAST_NO_HISTORY for a young account. */
  getCostForecast(query: ForecastQuery, scope?: CallScope): Promise<Answer<CostForecast>> {
    const input = forecastRequest(query);
    return this.api.ask(
      {
        service: "ce",
        operation: "GetCostForecast",
        input,
        ttlMs: ttl.forecast,
        interval: interval(input.TimePeriod),
        missing: ({ Total }) => (Total?.Amount === undefined ? "Total" : undefined),
        read: ([page]) => readForecast(page),
      },
      scope,
    );
  }

  /**
   * Anomalies whose last day is in the period, both days included. If there are none, also the monitors: without one,
   * nothing can have been found.
   */
  async getAnomalies(period: Period, scope?: CallScope): Promise<AnomalyReport> {
    const { value: anomalies } = await this.#anomalies(period, scope);
    if (anomalies.length > 0) return { anomalies };
    const { value: monitors } = await this.#monitors(scope);
    return { anomalies, monitors };
  }

  /** The account's budgets with their notifications; those that fire come first. */
  async getBudgetAlerts(scope?: CallScope): Promise<readonly BudgetAlert[]> {
    const { account } = await this.verifyCredentials(scope);
    const [budgets, notifications] = await Promise.all([
      this.#budgets(account, scope),
      this.#notifications(account, scope),
    ]);
    return joinBudgets(budgets.value, notifications.value, this.api.clock());
  }

  /** Who the credentials belong to. Free, and allowed to everybody; fails if they do not work. */
  verifyCredentials(scope?: CallScope): Promise<CallerIdentity> {
    return callerIdentity(this.api, scope);
  }

  /** Names that costs without limits were listed under before; empty if nothing was asked yet. */
  seenNames(dimension: CostGrouping, profile?: string): ReadonlySet<string> {
    return this.#seen.get(profile)?.names.get(dimension) ?? new Set();
  }

  /** The currency of the costs that were read last, if any were. */
  seenCurrency(profile?: string): string | undefined {
    return this.#seen.get(profile)?.currency;
  }

  /** For amounts that AWS gives without a currency: that of costs read before, else the partition's or the configured one. */
  likelyCurrency(
    configured: string,
    profile?: string,
  ): { readonly currency: string; readonly currencyAssumed?: boolean } {
    const seen = this.seenCurrency(profile);
    if (seen !== undefined) return { currency: seen };
    const isChina = this.api.regionOf(profile).startsWith("cn-");
    return { currency: isChina ? "CNY" : configured, currencyAssumed: true };
  }

  /** Aborts what runs and closes the sockets. */
  close(): Promise<void> {
    this.api.close();
    return Promise.resolve();
  }

  #remember({ rows }: CostTable, listed: CostGrouping | undefined, profile?: string): void {
    const seen = this.#seen.get(profile) ?? { names: new Map(), currency: undefined };
    this.#seen.set(profile, seen);
    seen.currency = currenciesOf(rows.filter(({ keys }) => keys.length > 0))[0] ?? seen.currency;
    if (listed === undefined || !namedDimensions.has(listed)) return;
    const names = seen.names.get(listed) ?? new Set();
    for (const { keys } of rows) if (keys[0] !== undefined) names.add(keys[0]);
    seen.names.set(listed, names);
  }

  #anomalies(period: Period, scope?: CallScope): Promise<Answer<Anomaly[]>> {
    return this.api.ask(
      {
        service: "ce",
        operation: "GetAnomalies",
        // Unlike everywhere else in Cost Explorer, this end is included.
        input: { DateInterval: { StartDate: period.start, EndDate: period.end } },
        ttlMs: ttl.anomalies,
        missing: ({ Anomalies }) => (Anomalies === undefined ? "Anomalies" : undefined),
        read: (pages) => readAnomalies(pages.flatMap(({ Anomalies = [] }) => Anomalies)),
      },
      scope,
    );
  }

  #monitors(scope?: CallScope): Promise<Answer<AnomalyMonitor[]>> {
    return this.api.ask(
      {
        service: "ce",
        operation: "GetAnomalyMonitors",
        input: {},
        ttlMs: ttl.anomalies,
        missing: ({ AnomalyMonitors }) =>
          AnomalyMonitors === undefined ? "AnomalyMonitors" : undefined,
        read: (pages) => readMonitors(pages.flatMap(({ AnomalyMonitors = [] }) => AnomalyMonitors)),
      },
      scope,
    );
  }

  // Only lists that AWS never leaves out are demanded: an account without budgets is answered without one.
  #budgets(AccountId: string, scope?: CallScope): Promise<Answer<Budget[]>> {
    return this.api.ask(
      {
        service: "budgets",
        operation: "DescribeBudgets",
        input: { AccountId, ShowFilterExpression: true },
        ttlMs: ttl.budgets,
        read: (pages) => pages.flatMap(({ Budgets = [] }) => Budgets),
      },
      scope,
    );
  }

  #notifications(
    AccountId: string,
    scope?: CallScope,
  ): Promise<Answer<BudgetNotificationsForAccount[]>> {
    return this.api.ask(
      {
        service: "budgets",
        operation: "DescribeBudgetNotificationsForAccount",
        input: { AccountId },
        ttlMs: ttl.budgets,
        read: (pages) => pages.flatMap(({ BudgetNotificationsForAccount: list = [] }) => list),
      },
      scope,
    );
  }
}

function interval(period: { Start: string | undefined; End: string | undefined } | undefined): {
  Start: string;
  End: string;
} {
  return { Start: period?.Start ?? "", End: period?.End ?? "" };
}
