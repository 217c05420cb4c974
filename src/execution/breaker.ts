import { turnedAway } from "../base/failure.ts";
import { failed, isGoodReply, type FailedOutcome, type Outcome } from "../base/port.ts";
import type { Call, Stage } from "./call.ts";
import { Circuit, type Passage, type Verdict } from "./circuit.ts";

/** Above it, those that failed first are forgotten. */
const MOST_CIRCUITS = 10_000;

/** Leaves tools alone that fail, so that their upstreams can recover and callers do not wait for nothing. */
export class Breaker {
  /** Only of tools that have failed lately. */
  readonly #circuits = new Map<string, Circuit>();

  get size(): number {
    return this.#circuits.size;
  }

  /** Turns away at once what `watch` would turn away: nobody should wait for a slot to hear of it. */
  readonly refuse: Stage = async (call, next) => {
    const waitMs = this.#circuits.get(keyOf(call))?.refusesForMs ?? 0;
    return waitMs > 0 ? refused(call, waitMs) : next(call);
  };

  /** Lets an attempt through or turns it away, and learns from what comes of it. */
  readonly watch: Stage = async (call, next) => {
    if (call.policy.breaker === undefined) return next(call);
    const circuit = this.#circuits.get(keyOf(call));
    const waitMs = circuit?.refusesForMs ?? 0;
    if (waitMs > 0) return refused(call, waitMs);
    const passage = circuit?.enter() ?? "through";
    const hasTime = hasItsTime(call);
    let verdict: Verdict = "none";
    try {
      const outcome = await next(call);
      verdict = verdictOn(outcome, hasTime);
      return outcome;
    } finally {
      this.#settle(call, passage, verdict);
    }
  };

  #settle(call: Call, passage: Passage, verdict: Verdict): void {
    const key = keyOf(call);
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      const { breaker } = call.policy;
      if (breaker === undefined || verdict !== "bad") return;
      circuit = new Circuit(breaker);
      const [first = ""] = this.#circuits.keys();
      if (this.#circuits.size >= MOST_CIRCUITS) this.#circuits.delete(first);
      this.#circuits.set(key, circuit);
    }
    circuit.settle(passage, verdict);
    if (circuit.isHealthy) this.#circuits.delete(key);
  }
}

function keyOf({ plugin, request, upstream }: Call): string {
  return `${plugin}\n${request.name}\n${upstream}`;
}

function refused({ name }: Call, waitMs: number): Outcome {
  const reason = `'${name}' has failed too often and is left alone for a while.`;
  return failed(turnedAway("circuit_open", reason, waitMs));
}

/** Only what happened to the plugin's work counts, and only if it says something about its upstream. */
function verdictOn(outcome: Outcome, hasTime: boolean): Verdict {
  if (outcome.kind === "failure") return isBad(outcome, hasTime) ? "bad" : "none";
  return isGoodReply(outcome) ? "good" : "none";
}

function isBad({ failure }: FailedOutcome, hasTime: boolean): boolean {
  const { code, transient, notStarted } = failure;
  if (notStarted) return false;
  if (code === "timeout") return hasTime;
  // A process that died because of another call says nothing about this one's tool.
  if (code === "plugin_restarted") return false;
  return code === "plugin_crashed" || transient === true;
}

/** An attempt that is begun when its call's time is nearly up may well run out of it. */
function hasItsTime({ policy, deadline }: Call): boolean {
  const given = Math.min(policy.timeoutMs, deadline.remainingMs());
  return given >= Math.min(policy.timeoutMs, policy.deadlineMs) / 2;
}
