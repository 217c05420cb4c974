import type {
  Budget,
  BudgetNotificationsForAccount,
  DescribeBudgetNotificationsForAccountCommandOutput,
  DescribeBudgetsCommandOutput,
} from "@aws-sdk/client-budgets";
import type {
  GetAnomaliesCommandOutput,
  GetAnomalyMonitorsCommandOutput,
  GetCostAndUsageCommandOutput,
  GetCostForecastCommandOutput,
} from "@aws-sdk/client-cost-explorer";
import type { GetCallerIdentityCommandOutput } from "@aws-sdk/client-sts";
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
import { type CostTable, currenciesOf, readCosts } from "./cost-rows.ts";
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

/** What a caller may limit costs to by name. */
const namedDimensions = new Set<CostGrouping>(["SERVICE", "LINKED_ACCOUNT", "REGION"]);

const staleCredentials = new Set(["EXPIRED_TOKEN", "BAD_CREDENTIALS"]);

/** Costs, forecasts, anomalies and budgets of an AWS account: cached, paged to the end, days in UTC. */
export class AWSCostExplorer {
  readonly region: string;
  readonly #clients: AwsClients;
  readonly #requests: AwsRequests;
  readonly #clock: () => Date;
  readonly #names = new Map<CostGrouping, Set<string>>();
  #currency: string | undefined;

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
    return this.getCostsByDimension({ ...query, dimension: "RECORD_TYPE" }, scope);
  }

  /**
   * Costs by a dimension or tag, which is the first key of each row; the second is the record type. One request
   * answers both, since Cost Explorer groups by up to two things.
   */
  async getCostsByDimension(
    query: CostQuery & { readonly dimension: CostGrouping },
    scope?: CallScope,
  ): Promise<Answer<CostTable>> {
    const { dimension } = query;
    const second = dimension === "RECORD_TYPE" ? [] : (["RECORD_TYPE"] as const);
    const input = costRequest(query, [dimension, ...second]);
    const isOpen = query.period.end >= firstOfMonth(toDay(this.#clock()));
    const answer = await this.#ask<GetCostAndUsageCommandOutput, CostTable>(
      {
        ...costExplorerRequest("GetCostAndUsage", input, isOpen ? ttl.openMonth : ttl.closedMonths),
        interval: interval(input.TimePeriod),
        send: async (NextPageToken, options) => {
          const { sdk, client } = await this.#clients.costExplorer();
          return client.send(new sdk.GetCostAndUsageCommand({ ...input, NextPageToken }), options);
        },
        missing: ({ ResultsByTime }) => (ResultsByTime === undefined ? "ResultsByTime" : undefined),
        read: readCosts,
      },
      scope,
    );
    this.#remember(answer.value, input.Filter === undefined ? dimension : undefined);
    return answer;
  }

  /** What AWS expects to be spent from today on. Fails with FORECAST_NO_HISTORY for a young account. */
  getCostForecast(query: ForecastQuery, scope?: CallScope): Promise<Answer<CostForecast>> {
    const input = forecastRequest(query);
    return this.#ask<GetCostForecastCommandOutput, CostForecast>(
      {
        ...costExplorerRequest("GetCostForecast", input, ttl.forecast),
        interval: interval(input.TimePeriod),
        send: async (_, options) => {
          const { sdk, client } = await this.#clients.costExplorer();
          return client.send(new sdk.GetCostForecastCommand(input), options);
        },
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
    const { value } = await this.#ask<GetCallerIdentityCommandOutput, CallerIdentity>(
      {
        service: "STS",
        operation: "GetCallerIdentity",
        action: "sts:GetCallerIdentity",
        key: "GetCallerIdentity",
        ttlMs: ttl.identity,
        send: async (_, options) => {
          const { sdk, client } = await this.#clients.sts();
          return client.send(new sdk.GetCallerIdentityCommand(), options);
        },
        missing: ({ Account }) => (Account === undefined ? "Account" : undefined),
        read: ([page]) => ({ account: page?.Account ?? "", arn: page?.Arn ?? "" }),
      },
      scope,
    );
    return value;
  }

  /** Names that costs without limits were listed under before; empty if nothing was asked yet. */
  seenNames(dimension: CostGrouping): ReadonlySet<string> {
    return this.#names.get(dimension) ?? new Set();
  }

  /** The currency of the costs that were read last, if any were. */
  get seenCurrency(): string | undefined {
    return this.#currency;
  }

  /** Aborts what runs and closes the sockets. */
  close(): Promise<void> {
    this.#requests.close();
    this.#clients.destroy();
    return Promise.resolve();
  }

  #remember({ rows }: CostTable, listed: CostGrouping | undefined): void {
    this.#currency = currenciesOf(rows.filter(({ keys }) => keys.length > 0))[0] ?? this.#currency;
    if (listed === undefined || !namedDimensions.has(listed)) return;
    const names = this.#names.get(listed) ?? new Set();
    for (const { keys } of rows) if (keys[0] !== undefined) names.add(keys[0]);
    this.#names.set(listed, names);
  }

  #anomalies(period: Period, scope?: CallScope): Promise<Answer<Anomaly[]>> {
    // Unlike everywhere else in Cost Explorer, this end is included.
    const input = { DateInterval: { StartDate: period.start, EndDate: period.end } };
    return this.#ask<GetAnomaliesCommandOutput, Anomaly[]>(
      {
        ...costExplorerRequest("GetAnomalies", input, ttl.anomalies),
        send: async (NextPageToken, options) => {
          const { sdk, client } = await this.#clients.costExplorer();
          return client.send(new sdk.GetAnomaliesCommand({ ...input, NextPageToken }), options);
        },
        missing: ({ Anomalies }) => (Anomalies === undefined ? "Anomalies" : undefined),
        read: (pages) => readAnomalies(pages.flatMap(({ Anomalies = [] }) => Anomalies)),
      },
      scope,
    );
  }

  #monitors(scope?: CallScope): Promise<Answer<AnomalyMonitor[]>> {
    return this.#ask<GetAnomalyMonitorsCommandOutput, AnomalyMonitor[]>(
      {
        ...costExplorerRequest("GetAnomalyMonitors", {}, ttl.anomalies),
        send: async (NextPageToken, options) => {
          const { sdk, client } = await this.#clients.costExplorer();
          return client.send(new sdk.GetAnomalyMonitorsCommand({ NextPageToken }), options);
        },
        missing: ({ AnomalyMonitors }) =>
          AnomalyMonitors === undefined ? "AnomalyMonitors" : undefined,
        read: (pages) => readMonitors(pages.flatMap(({ AnomalyMonitors = [] }) => AnomalyMonitors)),
      },
      scope,
    );
  }

  #budgets(AccountId: string, scope?: CallScope): Promise<Answer<Budget[]>> {
    return this.#ask<DescribeBudgetsCommandOutput, Budget[]>(
      {
        ...budgetsRequest("DescribeBudgets", AccountId),
        send: async (NextToken, options) => {
          const { sdk, client } = await this.#clients.budgets();
          const input = { AccountId, ShowFilterExpression: true, NextToken };
          return client.send(new sdk.DescribeBudgetsCommand(input), options);
        },
        read: (pages) => pages.flatMap(({ Budgets = [] }) => Budgets),
      },
      scope,
    );
  }

  #notifications(
    AccountId: string,
    scope?: CallScope,
  ): Promise<Answer<BudgetNotificationsForAccount[]>> {
    return this.#ask<
      DescribeBudgetNotificationsForAccountCommandOutput,
      BudgetNotificationsForAccount[]
    >(
      {
        ...budgetsRequest("DescribeBudgetNotificationsForAccount", AccountId),
        send: async (NextToken, options) => {
          const { sdk, client } = await this.#clients.budgets();
          const input = { AccountId, NextToken };
          return client.send(new sdk.DescribeBudgetNotificationsForAccountCommand(input), options);
        },
        read: (pages) => pages.flatMap(({ BudgetNotificationsForAccount: list = [] }) => list),
      },
      scope,
    );
  }

  /** An operation's answer, whose pages go on under either service's name for the token. */
  #ask<Page, Value>(
    { missing = () => undefined, send, ...question }: Question<Page, Value>,
    scope?: CallScope,
  ): Promise<Answer<Value>> {
    return this.#requests.run(
      {
        ...question,
        // Only lists that AWS never leaves out are demanded: an account without budgets is answered without one.
        missing,
        send: (token, abortSignal) => send(token, { abortSignal }),
        nextToken: (page) => {
          const { NextPageToken, NextToken } = page as Paged;
          return NextPageToken ?? NextToken;
        },
      },
      scope,
    );
  }
}

interface Paged {
  readonly NextPageToken?: string | undefined;
  readonly NextToken?: string | undefined;
}

interface Question<Page, Value> extends Omit<
  PagedRequest<Page, Value>,
  "send" | "nextToken" | "missing"
> {
  readonly send: (
    token: string | undefined,
    options: { readonly abortSignal: AbortSignal },
  ) => Promise<Page>;
  readonly missing?: (page: Page) => string | undefined;
}

type Common = Pick<
  PagedRequest<unknown, unknown>,
  "service" | "operation" | "action" | "key" | "ttlMs"
>;

function costExplorerRequest(operation: string, input: object, ttlMs: number): Common {
  return {
    service: "Cost Explorer",
    operation,
    action: `ce:${operation}`,
    key: `${operation} ${JSON.stringify(input)}`,
    ttlMs,
  };
}

function budgetsRequest(operation: string, account: string): Common {
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
