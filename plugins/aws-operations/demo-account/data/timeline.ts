import type { Day } from "./days.ts";
import { HOUR_MS } from "./times.ts";

const DAY_MS = 86_400_000;

/** Moments before and after the day on which the account was started, in UTC. */
export class Timeline {
  readonly #today: Day;
  readonly #oldest: number;

  constructor(
    today: Day,
    /** How many days ago the account was opened: nothing in it is older. */
    ageDays = Infinity,
  ) {
    this.#today = today;
    this.#oldest = ageDays;
  }

  /** `hour` may be a fraction. */
  daysAgo(days: number, hour = 9): Date {
    return new Date((this.#today - Math.min(days, this.#oldest)) * DAY_MS + hour * HOUR_MS);
  }

  /** Since the last Monday before the day itself: 1 to 7. */
  get daysSinceMonday(): number {
    return ((new Date(this.#today * DAY_MS).getUTCDay() + 5) % 7) + 1;
  }

  daysAhead(days: number, hour = 6): Date {
    return new Date((this.#today + days) * DAY_MS + hour * HOUR_MS);
  }
}
