import type { Budget, BudgetNotificationsForAccount } from "@aws-sdk/client-budgets";
import { type Anomaly, type AnomalyMonitor, readAnomalies, readMonitors } from "./anomalies.ts";
import { type BudgetAlert, joinBudgets } from "./budgets.ts";
import { type AwsConnection, AwsClients } from "./clients.ts";
import {
  type CostGrouping,
  type CostQuery,
  costRequest,
  type ForecastQuery,
  forecastRequest,
} from "./cost-queries.ts";
import { type CostTable, readCosts } from "./cost-rows.ts";
import { type CostForecast, readForecast } from "./forecasts.ts";
import { firstOfMonth, type Period, toDay } from "./periods.ts";
import { type Answer, AwsRequests, type CallScope, type PagedRequest } from "./requests.ts";

export interface CostExplorerOptions extends AwsConnection {
  /** What day it is, and by which answers grow old. Default: the system's clock. */
  readonly clock?: () => Date;
}

/** Who the credentials belong to. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
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
  identity: hour,
};

const staleCredentials = new Set(["EXPIRED_TOKEN", "BAD_CREDENTIALS"]);

/** Costs, forecasts, anomalies and budgets of an AWS account: cached, paged to the end, days in UTC. */
export class AWSCostExplorer {
  readonly region: string;
  readonly #clients: AwsClients;
  readonly #requests: AwsRequests;
  readonly #clock: () => Date;

  constructor({ clock = () => new Date(), ...connection }: CostExplorerOptions = {}) {
    this.#clients = new AwsClients(connection);
    this.#requests = new AwsRequests({
      now: () => clock().getTime(),
      // The clients remember the credentials they found; after a new sign-in, the next call is to find those.
      onError: ({ code }) => {
        if (staleCredentials.has(code)) this.#clients.destroy();
      },
    });
    this.#clock = clock;
    this.region = this.#clients.region;
  }

  /** Costs by record type (usage, credit, tax, …), which is the first key of each row. */
  getCosts(query: CostQuery, scope?: CallScope): Promise<Answer<CostTable>> {
    return this.#costs(query, ["RECORD_TYPE"], scope);
  }

  /**
   * Costs by a dimension or tag, which is the first key of each row; the second is the record type. One request
   * answers both, since Cost Explorer groups by up to two things.
   */
  getCostsByDimension(
    query: CostQuery & { readonly dimension: CostGrouping },
    scope?: CallScope,
  ): Promise<Answer<CostTable>> {
    const second = query.dimension === "RECORD_TYPE" ? [] : (["RECORD_TYPE"] as const);
    return this.#costs(query, [query.dimension, ...second], scope);
  }

  /** What AWS expects to be spent from today on. Fails with FORECAST_NO_HISTORY for a young account. */
  getCostForecast(query: ForecastQuery, scope?: CallScope): Promise<Answer<CostForecast>> {
    const input = forecastRequest(query);
    return this.#requests.run(
      {
        ...costExplorerRequest("GetCostForecast", input),
        interval: interval(input.TimePeriod),
        ttlMs: ttl.forecast,
        send: async (_, signal) => {
          const { sdk, client } = await this.#clients.costExplorer();
          return client.send(new sdk.GetCostForecastCommand(input), { abortSignal: signal });
        },
        nextToken: () => undefined,
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
    return joinBudgets(budgets.value, notifications.value, this.#clock());
  }

  /** Who the credentials belong to. Free, and allowed to everybody; fails if they do not work. */
  async verifyCredentials(scope?: CallScope): Promise<CallerIdentity> {
    const { value } = await this.#requests.run(
      {
        service: "STS",
        operation: "GetCallerIdentity",
        action: "sts:GetCallerIdentity",
        key: "GetCallerIdentity",
        ttlMs: ttl.identity,
        send: async (_, signal) => {
          const { sdk, client } = await this.#clients.sts();
          return client.send(new sdk.GetCallerIdentityCommand(), { abortSignal: signal });
        },
        nextToken: () => undefined,
        missing: ({ Account }) => (Account === undefined ? "Account" : undefined),
        read: ([page]) => ({ account: page?.Account ?? "", arn: page?.Arn ?? "" }),
      },
      scope,
    );
    return value;
  }

  /** Aborts what runs and closes the sockets. */
  close(): Promise<void> {
    this.#requests.close();
    this.#clients.destroy();
    return Promise.resolve();
  }

  #costs(
    query: CostQuery,
    groupBy: readonly CostGrouping[],
    scope?: CallScope,
  ): Promise<Answer<CostTable>> {
    const input = costRequest(query, groupBy);
    const isOpen = query.period.end >= firstOfMonth(toDay(this.#clock()));
    return this.#requests.run(
      {
        ...costExplorerRequest("GetCostAndUsage", input),
        interval: interval(input.TimePeriod),
        ttlMs: isOpen ? ttl.openMonth : ttl.closedMonths,
        send: async (NextPageToken, signal) => {
          const { sdk, client } = await this.#clients.costExplorer();
          const command = new sdk.GetCostAndUsageCommand({ ...input, NextPageToken });
          return client.send(command, { abortSignal: signal });
        },
        nextToken: ({ NextPageToken }) => NextPageToken,
        missing: ({ ResultsByTime }) => (ResultsByTime === undefined ? "ResultsByTime" : undefined),
        read: readCosts,
      },
      scope,
    );
  }

  #anomalies(period: Period, scope?: CallScope): Promise<Answer<Anomaly[]>> {
    // Unlike everywhere else in Cost Explorer, this end is included.
    const input = { DateInterval: { StartDate: period.start, EndDate: period.end } };
    return this.#requests.run(
      {
        ...costExplorerRequest("GetAnomalies", input),
        ttlMs: ttl.anomalies,
        send: async (NextPageToken, signal) => {
          const { sdk, client } = await this.#clients.costExplorer();
          const command = new sdk.GetAnomaliesCommand({ ...input, NextPageToken });
          return client.send(command, { abortSignal: signal });
        },
        nextToken: ({ NextPageToken }) => NextPageToken,
        missing: ({ Anomalies }) => (Anomalies === undefined ? "Anomalies" : undefined),
        read: (pages) => readAnomalies(pages.flatMap(({ Anomalies = [] }) => Anomalies)),
      },
      scope,
    );
  }

  #monitors(scope?: CallScope): Promise<Answer<AnomalyMonitor[]>> {
    return this.#requests.run(
      {
        ...costExplorerRequest("GetAnomalyMonitors", {}),
        ttlMs: ttl.anomalies,
        send: async (NextPageToken, signal) => {
          const { sdk, client } = await this.#clients.costExplorer();
          const command = new sdk.GetAnomalyMonitorsCommand({ NextPageToken });
          return client.send(command, { abortSignal: signal });
        },
        nextToken: ({ NextPageToken }) => NextPageToken,
        missing: ({ AnomalyMonitors }) =>
          AnomalyMonitors === undefined ? "AnomalyMonitors" : undefined,
        read: (pages) => readMonitors(pages.flatMap(({ AnomalyMonitors = [] }) => AnomalyMonitors)),
      },
      scope,
    );
  }

  #budgets(AccountId: string, scope?: CallScope): Promise<Answer<Budget[]>> {
    return this.#requests.run(
      {
        ...budgetsRequest("DescribeBudgets", AccountId),
        send: async (NextToken, signal) => {
          const { sdk, client } = await this.#clients.budgets();
          const input = { AccountId, ShowFilterExpression: true, NextToken };
          return client.send(new sdk.DescribeBudgetsCommand(input), { abortSignal: signal });
        },
        nextToken: ({ NextToken }) => NextToken,
        // An account without budgets is answered without a list.
        missing: () => undefined,
        read: (pages) => pages.flatMap(({ Budgets = [] }) => Budgets),
      },
      scope,
    );
  }

  #notifications(
    AccountId: string,
    scope?: CallScope,
  ): Promise<Answer<BudgetNotificationsForAccount[]>> {
    return this.#requests.run(
      {
        ...budgetsRequest("DescribeBudgetNotificationsForAccount", AccountId),
        send: async (NextToken, signal) => {
          const { sdk, client } = await this.#clients.budgets();
          const command = new sdk.DescribeBudgetNotificationsForAccountCommand({
            AccountId,
            NextToken,
          });
          return client.send(command, { abortSignal: signal });
        },
        nextToken: ({ NextToken }) => NextToken,
        missing: () => undefined,
        read: (pages) => pages.flatMap(({ BudgetNotificationsForAccount: list = [] }) => list),
      },
      scope,
    );
  }
}

type Common = Pick<PagedRequest<unknown, unknown>, "service" | "operation" | "action" | "key">;

function costExplorerRequest(operation: string, input: object): Common {
  return {
    service: "Cost Explorer",
    operation,
    action: `ce:${operation}`,
    key: `${operation} ${JSON.stringify(input)}`,
  };
}

function budgetsRequest(operation: string, account: string): Common & { ttlMs: number } {
  return {
    service: "Budgets",
    operation,
    // One action covers every read of Budgets.
    action: "budgets:ViewBudget",
    key: `${operation} ${account}`,
    ttlMs: ttl.budgets,
  };
}

function interval(period: { Start: string | undefined; End: string | undefined } | undefined): {
  Start: string;
  End: string;
} {
  return { Start: period?.Start ?? "", End: period?.End ?? "" };
}
