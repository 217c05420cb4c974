import type { BreakerSettings } from "../base/policy-settings.ts";

/** What came of a call: it was answered, it failed, or it says nothing about whether the tool works. */
export type Verdict = "good" | "bad" | "none";

/** `probe`: the one call that finds out whether the tool works again. */
export type Passage = "through" | "probe";

/** Calls below which a share of failures means nothing. */
const LEAST_CALLS = 20;
/** The window moves on in steps of a tenth. */
const STEPS = 10;
/** Circuits that opened together must not close together. */
const JITTER = 0.1;
/** When to come back while the probe is under way. */
const PROBING_MS = 1_000;

interface Step {
  readonly number: number;
  good: number;
  bad: number;
}

/** Watches a tool that has failed, leaves it alone when it goes on failing, and tries with one call whether it works again. */
export class Circuit {
  readonly #settings: BreakerSettings;
  readonly #random: () => number;
  /** Of the window, oldest first. */
  #steps: Step[] = [];
  #failuresInRow = 0;
  /** When the next probe may be made; undefined while the circuit is closed. */
  #openUntil: number | undefined;
  #isProbing = false;

  constructor(settings: BreakerSettings, random: () => number = Math.random) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Whether nothing is to be remembered of it. */
  get isHealthy(): boolean {
    if (this.#openUntil !== undefined) return false;
    return this.#window().every(({ bad }) => bad === 0);
  }

  /** Milliseconds until a call may be let through; 0 if one may be now. */
  get refusesForMs(): number {
    if (this.#openUntil === undefined) return 0;
    return this.#isProbing ? PROBING_MS : Math.max(0, this.#openUntil - performance.now());
  }

  /** Lets a call through, to be settled when it has ended. Only while nothing is refused. */
  enter(): Passage {
    if (this.#openUntil === undefined) return "through";
    this.#isProbing = true;
    return "probe";
  }

  settle(passage: Passage, verdict: Verdict): void {
    if (passage === "probe") this.#settleProbe(verdict);
    // What began before the circuit opened says nothing new.
    else if (this.#openUntil === undefined) this.#count(verdict);
  }

  #settleProbe(verdict: Verdict): void {
    this.#isProbing = false;
    if (verdict === "bad") this.#open();
    else if (verdict === "good") {
      this.#openUntil = undefined;
      this.#failuresInRow = 0;
      this.#steps = [];
    }
    // Else the next call is the probe.
  }

  #count(verdict: Verdict): void {
    if (verdict === "none") return;
    const step = this.#step();
    step[verdict] += 1;
    if (verdict === "good") {
      this.#failuresInRow = 0;
      return;
    }
    this.#failuresInRow += 1;
    const { failures, ratio } = this.#settings;
    const bad = this.#window().reduce((sum, one) => sum + one.bad, 0);
    const all = this.#window().reduce((sum, one) => sum + one.bad + one.good, 0);
    const isTooOften = all >= LEAST_CALLS && bad >= all * ratio;
    if (this.#failuresInRow >= failures || isTooOften) this.#open();
  }

  #open(): void {
    const stretch = 1 + JITTER * (2 * this.#random() - 1);
    this.#openUntil = performance.now() + this.#settings.openMs * stretch;
  }

  /** The step of the window that time is in. */
  #step(): Step {
    const number = this.#now();
    const last = this.#steps.at(-1);
    if (last?.number === number) return last;
    const step = { number, good: 0, bad: 0 };
    this.#steps = [...this.#window(), step];
    return step;
  }

  #window(): readonly Step[] {
    const first = this.#now() - STEPS;
    return this.#steps.filter(({ number }) => number > first);
  }

  #now(): number {
    return Math.floor(performance.now() / (this.#settings.windowMs / STEPS));
  }
}
