import type { Spike } from "./anomaly.ts";
import { spikeBefore } from "./anomaly.ts";
import { MANAGEMENT } from "./catalogue.ts";
import { billedLines, type CostLine } from "./billing.ts";
import { dayOf, daysBetween, firstOfMonth, startOfMonth, type Day } from "./days.ts";
import { remember } from "./remember.ts";

/** Which account is shown; see `DemoAccountOptions.variant`. */
export type Variant = "default" | "cny" | "new" | "empty";

export const NEW_ACCOUNT_AGE_DAYS = 6;
const HISTORY_MONTHS = 13;
const MIN_FORECAST_HISTORY_DAYS = 30;

const HOURS_PER_DAY = 24;

/**
 * Every cost of the demo organisation. A past date costs the same in every process; only the spike
 * and the first day depend on when the account was started, and today grows by the hour.
 */
export class Ledger {
  readonly unit: string;
  readonly spike: Spike | undefined;
  readonly #variant: Variant;
  readonly #startedAt: Date;
  readonly #startedOn: Day;
  /** The one account whose costs are seen; undefined for all of the organisation. */
  readonly #account: string | undefined;
  readonly #members = new Map<string, Ledger>();
  readonly #actual = new Map<Day, readonly CostLine[]>();
  readonly #expected = new Map<Day, readonly CostLine[]>();

  constructor(variant: Variant, startedAt: Date, account?: string) {
    this.#variant = variant;
    this.#account = account;
    this.#startedAt = startedAt;
    this.#startedOn = dayOf(startedAt);
    this.unit = variant === "cny" ? "CNY" : "USD";
    this.spike =
      variant === "new" || variant === "empty" ? undefined : spikeBefore(this.#startedOn);
  }

  /** The management account sees what every account costs, a member only what it costs itself. */
  seenFrom(account: string): Ledger {
    if (account === MANAGEMENT.id) return this;
    return remember(
      this.#members,
      account,
      () => new Ledger(this.#variant, this.#startedAt, account),
    );
  }

  /** The first day with costs: 13 full months before the current one, unless the account is new. */
  firstDay(now: Date): Day {
    return this.#variant === "new"
      ? this.#startedOn - NEW_ACCOUNT_AGE_DAYS
      : firstOfMonth(dayOf(now), -HISTORY_MONTHS);
  }

  canForecast(now: Date): boolean {
    return dayOf(now) - this.firstDay(now) >= MIN_FORECAST_HISTORY_DAYS;
  }

  /** The lines of one day as known at `now`: complete for past days, none for future ones. */
  lines(day: Day, now: Date): readonly CostLine[] {
    const today = dayOf(now);
    if (day > today || day < this.firstDay(now)) return [];
    if (day === today) return this.#bill(day, shareOfDay(now));
    return remember(this.#actual, day, () => this.#bill(day, 1));
  }

  *linesBetween(start: Day, end: Day, now: Date): Generator<CostLine> {
    for (const day of daysBetween(start, end)) yield* this.lines(day, now);
  }

  monthToDate(now: Date): Generator<CostLine> {
    const today = dayOf(now);
    return this.linesBetween(startOfMonth(today), today + 1, now);
  }

  /** The lines that a day would have if nothing unusual happened: the mean of the forecast. */
  expectedLines(day: Day): readonly CostLine[] {
    return remember(this.#expected, day, () =>
      this.#visible(
        billedLines({ day, share: 1, isFirstDay: false, isExpectation: true, extraCost: () => 0 }),
      ),
    );
  }

  #bill(day: Day, share: number): readonly CostLine[] {
    return this.#visible(
      billedLines({
        day,
        share,
        isFirstDay: this.#variant === "new" && day === this.#startedOn - NEW_ACCOUNT_AGE_DAYS,
        isExpectation: false,
        extraCost: (stream) => this.spike?.extraCost(stream, day) ?? 0,
      }),
    );
  }

  #visible(lines: readonly CostLine[]): readonly CostLine[] {
    return this.#account === undefined
      ? lines
      : lines.filter(({ account }) => account === this.#account);
  }
}

/** How much of today has been metered at `now`: at least one hour of it, never all. */
export function shareOfDay(now: Date): number {
  return (now.getUTCHours() + 1) / (HOURS_PER_DAY + 1);
}
