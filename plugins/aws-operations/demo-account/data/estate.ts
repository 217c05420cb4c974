import { MANAGEMENT } from "./catalogue.ts";
import { dayOf } from "./days.ts";
import { NEW_ACCOUNT_AGE_DAYS, type Variant } from "./ledger.ts";
import { remember } from "./remember.ts";
import { Timeline } from "./timeline.ts";

/** What the account has, besides its bill. It stays as it is from the account's start on. */
export class Estate {
  readonly isEmpty: boolean;
  readonly timeline: Timeline;
  readonly #startedAt: Date;
  readonly #members = new Map<string, Estate>();

  constructor(variant: Variant, startedAt: Date) {
    this.#startedAt = startedAt;
    this.isEmpty = variant === "empty";
    this.timeline = new Timeline(
      dayOf(startedAt),
      variant === "new" ? NEW_ACCOUNT_AGE_DAYS : Infinity,
    );
  }

  /** All there is belongs to the management account; the members have nothing. */
  seenFrom(account: string): Estate {
    if (account === MANAGEMENT.id) return this;
    return remember(this.#members, account, () => new Estate("empty", this.#startedAt));
  }
}

/** A part of every estate, made when it is first asked for, by whom nobody else need know of. */
export function partOf<Key extends string[], Part>(
  make: (estate: Estate, ...key: Key) => Part,
): (estate: Estate, ...key: Key) => Part {
  const known = new WeakMap<Estate, Map<string, Part>>();
  return (estate, ...key) => {
    const parts = known.get(estate) ?? new Map<string, Part>();
    known.set(estate, parts);
    return remember(parts, key.join(" "), () => make(estate, ...key));
  };
}
