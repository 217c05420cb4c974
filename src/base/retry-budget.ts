/** What a log says of an attempt that was not repeated for want of it. */
export const BUDGET_SPENT = "the retry budget of its upstream is spent";

const FULL = 500;
const COST = 14;
const THROTTLED_COST = 5;

/**
 * What retries of one upstream may cost it: a bucket that every retry takes from and every success adds one to. While
 * all goes well, there is always enough; in an outage, about thirty-five retries are made, and then none.
 */
class RetryBudget {
  #tokens = FULL;

  get isFull(): boolean {
    return this.#tokens === FULL;
  }

  /** Pays for a retry; false if there is not enough. */
  spend(throttled: boolean): boolean {
    const cost = throttled ? THROTTLED_COST : COST;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  add(): void {
    this.#tokens = Math.min(FULL, this.#tokens + 1);
  }
}

/** The budgets of all upstreams. Only those that are not full take up room. */
export class RetryBudgets {
  readonly #open = new Map<string, RetryBudget>();

  get size(): number {
    return this.#open.size;
  }

  /** Pays for a retry; false if there is not enough. */
  spend(upstream: string, throttled = false): boolean {
    const budget = this.#open.get(upstream) ?? new RetryBudget();
    this.#open.set(upstream, budget);
    return budget.spend(throttled);
  }

  /** A request has been carried out. */
  succeeded(upstream: string): void {
    const budget = this.#open.get(upstream);
    if (budget === undefined) return;
    budget.add();
    if (budget.isFull) this.#open.delete(upstream);
  }
}
