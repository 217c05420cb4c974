import { awsError, type RequestInfo } from "./errors.ts";

export interface SessionCostsOptions {
  readonly clock?: () => Date;
  /** What paid requests may cost per UTC day, in US dollars. Default: anything. */
  readonly dailyBudgetUsd?: number | undefined;
  /** Called after each paid request, and after the first that is refused on a day. */
  readonly onChange?: () => void;
}

/** Paid requests of one kind. */
interface Count {
  /** The IAM action: `ce:GetCostAndUsage`. */
  readonly action: string;
  /** On whose behalf; absent for the plugin's own credentials. */
  readonly profile?: string;
  readonly requests: number;
  readonly usd: number;
}

interface Tally {
  readonly requests: number;
  readonly usd: number;
  readonly byAction: readonly Count[];
}

/** What asking has cost. */
export interface CostsReport {
  readonly sinceStart: Tally & { readonly start: string };
  readonly today: Tally & { readonly date: string };
  readonly dailyBudget?: {
    readonly usd: number;
    readonly leftUsd: number;
    readonly refusedRequests: number;
  };
}

/** What is kept of a day when the plugin is loaded anew. */
export interface SavedCosts {
  readonly date: string;
  readonly counts: readonly (readonly [key: string, cents: number, requests: number])[];
}

/** Parts of a cent do not add up exactly. */
const tinyCents = 1e-6;

type Counts = Map<string, { cents: number; requests: number }>;

/**
 * Counts the requests that cost money when they are sent, and refuses those that the day's budget does not cover. To look and to
 * count is one step, so that requests at the same time cannot spend the same cent twice.
 */
export class SessionCosts {
  readonly #clock: () => Date;
  readonly #budgetCents: number | undefined;
  readonly #onChange: () => void;
  readonly #start: string;
  readonly #all: Counts = new Map();
  #date: string;
  #today: Counts = new Map();
  #refused = 0;

  constructor(options: SessionCostsOptions = {}) {
    const { clock = () => new Date(), dailyBudgetUsd, onChange = () => undefined } = options;
    this.#clock = clock;
    // Half a cent buys nothing; a hundredth of a cent more or less is how numbers are stored.
    this.#budgetCents =
      dailyBudgetUsd === undefined ? undefined : Math.floor(dailyBudgetUsd * 100 + 1e-6);
    this.#onChange = onChange;
    this.#start = clock().toISOString();
    this.#date = this.#start.slice(0, 10);
  }

  /** Counts a request that is about to be sent; throws if it may not be. */
  spend({ action, source, priceInCents: price = 0 }: RequestInfo): void {
    if (price === 0) return;
    this.#turnPage();
    const spent = centsOf(this.#today);
    if (this.#budgetCents !== undefined && spent + price > this.#budgetCents + tinyCents) {
      this.#refused += 1;
      if (this.#refused === 1) this.#onChange();
      throw this.#refusal(spent);
    }
    const key = `${action} ${source?.profile ?? ""}`;
    for (const counts of [this.#all, this.#today]) {
      const { cents, requests } = counts.get(key) ?? { cents: 0, requests: 0 };
      counts.set(key, { cents: cents + price, requests: requests + 1 });
    }
    this.#onChange();
  }

  report(): CostsReport {
    this.#turnPage();
    const budget = this.#budgetCents;
    return {
      sinceStart: { start: this.#start, ...tally(this.#all) },
      today: { date: this.#date, ...tally(this.#today) },
      ...(budget !== undefined && {
        dailyBudget: {
          usd: budget / 100,
          leftUsd: toUsd(Math.max(0, budget - centsOf(this.#today))),
          refusedRequests: this.#refused,
        },
      }),
    };
  }

  save(): SavedCosts {
    const counts = [...this.#today].map(
      ([key, { cents, requests }]) => [key, cents, requests] as const,
    );
    return { date: this.#date, counts };
  }

  /** Adds what was spent before on the same day: a new start is no new budget. */
  restore(saved: SavedCosts): void {
    this.#turnPage();
    if (saved.date !== this.#date) return;
    for (const [key, cents, requests] of saved.counts) {
      const now = this.#today.get(key) ?? { cents: 0, requests: 0 };
      this.#today.set(key, { cents: now.cents + cents, requests: now.requests + requests });
    }
  }

  #turnPage(): void {
    const date = this.#clock().toISOString().slice(0, 10);
    if (date === this.#date) return;
    this.#date = date;
    this.#today = new Map();
    this.#refused = 0;
  }

  #refusal(spentCents: number): Error {
    const budget = ((this.#budgetCents ?? 0) / 100).toFixed(2);
    return awsError(
      "REQUEST_BUDGET_SPENT",
      `Not sent: paid requests may cost $${budget} a day (billingConfig.dailyRequestBudgetUsd), and $${(spentCents / 100).toFixed(2)} ` +
        `is spent on ${this.#date}. Answers that are kept and free requests go on; the next day begins at 00:00 UTC.`,
    );
  }
}

/** To the millionth. */
export function toUsd(cents: number): number {
  return Math.round(cents * 10_000) / 1_000_000;
}

function centsOf(counts: Counts): number {
  let sum = 0;
  for (const { cents } of counts.values()) sum += cents;
  return sum;
}

function tally(counts: Counts): Tally {
  const byAction = [...counts].map(([key, { cents, requests }]): Count => {
    const [action = "", profile = ""] = key.split(" ");
    return { action, ...(profile !== "" && { profile }), requests, usd: toUsd(cents) };
  });
  const requests = byAction.reduce((sum, count) => sum + count.requests, 0);
  return { requests, usd: toUsd(centsOf(counts)), byAction };
}
