import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";
import type { CostMetric } from "../config/index.ts";
import type { AWSCostExplorer } from "../cost-explorer/aws-cost-explorer.ts";
import {
  type Compared,
  compareMonths,
  type DriverCosts,
  driversOfMonths,
} from "../cost-explorer/comparisons.ts";
import type { CostLimits } from "../cost-explorer/cost-limits.ts";
import type { ComparisonQuery, CostGrouping } from "../cost-explorer/cost-queries.ts";
import {
  type CostRow,
  type CostTable,
  currenciesOf,
  keyLabel,
} from "../cost-explorer/cost-rows.ts";
import type { Money } from "../cost-explorer/money.ts";
import { type Day, monthsAway } from "../cost-explorer/periods.ts";
import { isMonth, type Spans } from "./spans.ts";

/** What is compared, with every default filled in. */
export interface CompareQuery extends Spans {
  readonly today: Day;
  readonly groupBy: CostGrouping;
  readonly limits: CostLimits;
  readonly withoutCredits: boolean;
  readonly metric: CostMetric;
  readonly drivers: boolean;
  readonly top: number;
}

type Method = "aws" | "costs";

export interface Comparison {
  readonly method: Method;
  readonly currency: string;
  readonly total: Compared;
  readonly byKey: ReadonlyMap<string, Compared>;
  readonly labels: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

export interface Drivers {
  readonly method: Method;
  readonly items: readonly DriverCosts[];
  readonly warnings: readonly string[];
}

export interface CompareSourceOptions {
  readonly costExplorer: AWSCostExplorer;
  readonly query: CompareQuery;
  readonly scope: CallScope;
  /** In which single numbers are given, if there is any of it. */
  readonly currency: string;
}

type Tables = readonly [baseline: CostTable, comparison: CostTable];

/** AWS keeps the last 13 months for its comparison. */
const comparableMonths = 13;

/** Refusals after which the same can be computed from costs. */
const refusals = new Set(["ACCESS_DENIED", "BAD_REQUEST", "CE_NO_DATA", "NOT_FOUND", "UPSTREAM"]);

/** The data behind one comparison: AWS's own where it takes the periods, else from the costs of both. */
export class CompareSource {
  readonly #options: CompareSourceOptions;
  #comparison: Promise<Comparison> | undefined;
  readonly #tables = new Map<string, Promise<Tables>>();

  constructor(options: CompareSourceOptions) {
    this.#options = options;
  }

  comparison(): Promise<Comparison> {
    // AWS's comparison names no accounts.
    const isNamed = this.#options.query.groupBy !== "LINKED_ACCOUNT";
    this.#comparison ??= this.#byAwsOr(
      isNamed,
      () => this.#compareByAws(),
      (warnings) => this.#compareCosts(warnings),
    );
    return this.#comparison;
  }

  drivers(): Promise<Drivers> {
    return this.#byAwsOr(
      true,
      () => this.#driversByAws(),
      (warnings) => this.#driversOfCosts(warnings),
    );
  }

  async #byAwsOr<T>(
    isPossible: boolean,
    byAws: () => Promise<T>,
    ofCosts: (warnings: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const { baseline, comparison, today } = this.#options.query;
    const oldest = monthsAway(today, -comparableMonths);
    const isKept = isMonth(baseline) && isMonth(comparison) && baseline.start >= oldest;
    if (!isPossible || !isKept) return ofCosts([]);
    try {
      return await byAws();
    } catch (error) {
      if (!isToolError(error) || error.retryable || !refusals.has(error.code)) throw error;
      return ofCosts([
        `AWS does not compare these months (${error.code}): computed from their costs.`,
      ]);
    }
  }

  async #compareByAws(): Promise<Comparison> {
    const { costExplorer, query, scope, currency } = this.#options;
    const { groupBy } = query;
    const costs = await compareMonths(costExplorer.api, { ...this.#months(), groupBy }, scope);
    return {
      method: "aws",
      currency: costs.currency ?? currency,
      total: costs.total,
      byKey: labelled(costs.byKey, groupBy),
      labels: new Map(),
      warnings: [],
    };
  }

  async #driversByAws(): Promise<Drivers> {
    const { costExplorer, scope } = this.#options;
    const { drivers, truncated } = await driversOfMonths(costExplorer.api, this.#months(), scope);
    return {
      method: "aws",
      items: drivers,
      warnings: truncated ? ["AWS lists more drivers than are read."] : [],
    };
  }

  #months(): ComparisonQuery {
    const { baseline, comparison, metric } = this.#options.query;
    return { baseline, comparison, metric, filters: this.#filters() };
  }

  async #compareCosts(warnings: readonly string[]): Promise<Comparison> {
    const { groupBy, drivers } = this.#options.query;
    // One request for both, where the drivers are by the same thing.
    const index = drivers ? lineItem.indexOf(groupBy as (typeof lineItem)[number]) : -1;
    const tables = await this.#costs(index === -1 ? [groupBy] : lineItem);
    const { currency, others } = this.#currencies(tables);
    const all = compareRows(tables, currency, ({ keys }) => keys[Math.max(index, 0)] ?? "");
    const sum = { before: 0n, after: 0n };
    for (const { before, after } of all.values()) {
      sum.before += before;
      sum.after += after;
    }
    const foreign = `Costs in ${others.join(", ")} are not in these sums.`;
    return {
      method: "costs",
      currency,
      total: sum,
      byKey: labelled(all, groupBy),
      labels: new Map(tables.flatMap(({ labels }) => [...labels])),
      warnings: others.length === 0 ? warnings : [...warnings, foreign],
    };
  }

  async #driversOfCosts(warnings: readonly string[]): Promise<Drivers> {
    const tables = await this.#costs(lineItem);
    const { currency } = this.#currencies(tables);
    const all = compareRows(tables, currency, ({ keys }) => keys.slice(0, 2).join("\n"));
    const items = [...all].map(([key, compared]): DriverCosts => {
      const [service = "", usageType = ""] = key.split("\n");
      return { service, usageType, ...compared };
    });
    return { method: "costs", items, warnings };
  }

  #costs(groupBy: readonly CostGrouping[]): Promise<Tables> {
    const { costExplorer, query, scope } = this.#options;
    const { baseline, comparison, metric } = query;
    const ask = async (period: typeof baseline): Promise<CostTable> => {
      const question = { period, metrics: [metric], filters: this.#filters() };
      return (await costExplorer.getCostsGrouped(question, groupBy, scope)).value;
    };
    const key = groupBy.join(" ");
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const tables = Promise.all([ask(baseline), ask(comparison)]);
    this.#tables.set(key, tables);
    return tables;
  }

  #filters() {
    const { limits, withoutCredits } = this.#options.query;
    return { ...limits, withoutCredits };
  }

  /** The one that single numbers are in, and those that are left out. */
  #currencies(tables: Tables): { readonly currency: string; readonly others: readonly string[] } {
    const configured = this.#options.currency;
    const found = currenciesOf(
      tables.flatMap(({ rows }) => rows.filter(({ keys }) => keys.length > 0)),
    );
    const currency = found.includes(configured) ? configured : (found[0] ?? configured);
    return { currency, others: found.filter((unit) => unit !== currency) };
  }
}

/** What a line of the bill is of. */
const lineItem = ["SERVICE", "USAGE_TYPE"] as const;

function compareRows(
  tables: Tables,
  currency: string,
  keyOf: (row: CostRow) => string,
): Map<string, Compared> {
  const all = new Map<string, { before: Money; after: Money }>();
  for (const [index, { rows }] of tables.entries()) {
    for (const row of rows) {
      // A total of zero, which AWS gives where nothing matches, has no keys.
      if (row.unit !== currency || row.keys.length === 0) continue;
      const key = keyOf(row);
      const sums = all.get(key) ?? { before: 0n, after: 0n };
      if (index === 0) sums.before += row.amount;
      else sums.after += row.amount;
      all.set(key, sums);
    }
  }
  return all;
}

function labelled<Value>(
  byKey: ReadonlyMap<string, Value>,
  groupBy: CostGrouping,
): Map<string, Value> {
  return new Map([...byKey].map(([key, value]) => [keyLabel(key, groupBy), value]));
}
