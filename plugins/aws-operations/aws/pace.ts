import { raceAbort } from "./flight.ts";

/** A second, and a little more: timers may be early, and no two machines' seconds are the same. */
const windowMs = 1010;

/**
 * Lets so many requests begin in any one second, in the order in which they came. A request's place becomes free a second after
 * its answer: however long it was on its way, whoever counts at the other end never counts more.
 */
export class Pace {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(perSecond: number) {
    this.#free = perSecond;
  }

  /** Who is aborted while waiting gives up the place. */
  async run<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      // Whatever it hangs on: nobody waits for the place of one who has left.
      return await raceAbort(send(), signal);
    } finally {
      setTimeout(() => this.#next(), windowMs).unref();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    let come: () => void = ignore;
    const turn = new Promise<void>((resolve) => {
      come = resolve;
    });
    this.#waiting.push(come);
    try {
      await raceAbort(turn, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(come);
      if (place === -1) this.#next();
      else this.#waiting.splice(place, 1);
      throw error;
    }
  }

  #next(): void {
    const come = this.#waiting.shift();
    if (come === undefined) this.#free += 1;
    else come();
  }
}

function ignore(): void {}
