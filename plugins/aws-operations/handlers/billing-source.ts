import type { BillingConfig } from "../config/index.ts";
import type { AWSCostExplorer } from "../tools/aws-cost-explorer.ts";
import type { CostQuery } from "../tools/cost-queries.ts";
import { addDays, monthsAway, previousMonth, type Period, recentMonths } from "../tools/periods.ts";
import type { CallScope } from "../tools/requests.ts";
import type { BillingQuery } from "./billing-query.ts";
import { CostView } from "./cost-view.ts";

export interface BillingSourceOptions {
  readonly costExplorer: AWSCostExplorer;
  readonly config: BillingConfig;
  readonly query: BillingQuery;
  readonly scope: CallScope;
}

/** The data behind the sections of one answer. What several sections need is asked for once. */
export class BillingSource {
  readonly costExplorer: AWSCostExplorer;
  readonly config: BillingConfig;
  readonly query: BillingQuery;
  readonly scope: CallScope;
  #recent: Promise<CostView> | undefined;
  #history: Promise<CostView> | undefined;
  #period: Promise<CostView> | undefined;

  constructor({ costExplorer, config, query, scope }: BillingSourceOptions) {
    this.costExplorer = costExplorer;
    this.config = config;
    this.query = query;
    this.scope = scope;
  }

  /**
   * The previous month and the current one by day: one paid request answers what this month cost, what the last one
   * did, the same days of it, yesterday, the last week, and all of that by group.
   */
  recent(): Promise<CostView> {
    const { today } = this.query;
    this.#recent ??= this.#view({
      period: { start: previousMonth(today).start, end: today },
      granularity: "DAILY",
    });
    return this.#recent;
  }

  /** The full months before those of {@link recent}; they hardly change, so they are kept for long. */
  history(): Promise<CostView> | undefined {
    const { today, months } = this.query;
    if (months < 2) return undefined;
    const { start } = recentMonths(today, months);
    const end = addDays(monthsAway(today, -1), -1);
    this.#history ??= this.#view({ period: { start, end }, granularity: "MONTHLY" });
    return this.#history;
  }

  /** The period that the caller named. */
  period(period: Period): Promise<CostView> {
    this.#period ??= this.#view({ period, granularity: "MONTHLY" });
    return this.#period;
  }

  async #view(query: CostQuery): Promise<CostView> {
    const { filters, metrics, groupBy } = this.query;
    const { value } = await this.costExplorer.getCostsByDimension(
      { ...query, metrics, filters, dimension: groupBy },
      this.scope,
    );
    return new CostView(value, this.query, this.config.currency);
  }
}
