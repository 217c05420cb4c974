import { BoundedMap, type Bounds } from "../base/bounded-map.ts";
import { digest } from "../base/canonical-json.ts";
import { jsonLength } from "../base/json-length.ts";
import { isGoodReply, type Outcome } from "../base/port.ts";
import type { Call, Next, Stage } from "./call.ts";
import { waitFor } from "./wait-for.ts";

type GoodReply = Extract<Outcome, { readonly kind: "reply" }>;

interface Kept {
  readonly plugin: string;
  readonly outcome: GoodReply;
  readonly since: number;
}

interface Run {
  readonly plugin: string;
  readonly work: Promise<Outcome>;
}

/** Gives answers of read-only tools again, to the same principal for the same arguments. Calls at the same time share one run. */
export class ReplyCache {
  readonly #bounds: Bounds;
  readonly #kept: BoundedMap<Kept>;
  readonly #running = new Map<string, Run>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#kept = new BoundedMap(bounds, () => performance.now());
  }

  get size(): { readonly kept: number; readonly chars: number; readonly running: number } {
    return { kept: this.#kept.size, chars: this.#kept.chars, running: this.#running.size };
  }

  /** Nothing that the plugin has answered so far, or is about to, is given again. */
  forget(plugin: string): void {
    this.#kept.deleteWhere((kept) => kept.plugin === plugin);
    for (const [key, run] of this.#running) if (run.plugin === plugin) this.#running.delete(key);
  }

  readonly stage: Stage = async (call, next) => {
    const { cacheMs } = call.policy;
    // Answers of the user are no arguments, and make it another question.
    const isPlain = call.state === undefined && Object.keys(call.inputs).length === 0;
    if (cacheMs === undefined || call.request.kind !== "tool" || !isPlain) return next(call);
    const key = digest(call.principal.id, call.plugin, call.request.name, call.request.arguments);
    if (call.refresh === true) return this.#fill(key, cacheMs, call, next);
    for (;;) {
      const kept = this.#kept.get(key);
      if (kept !== undefined) {
        return { ...kept.outcome, cachedForMs: performance.now() - kept.since };
      }
      const run = this.#running.get(key);
      // Nothing is awaited before the run is known to others.
      if (run === undefined) return this.#fill(key, cacheMs, call, next);
      const shared = await share(run, call);
      if (shared !== undefined) return shared;
    }
  };

  async #fill(key: string, keepMs: number, call: Call, next: Next): Promise<Outcome> {
    const run = { plugin: call.plugin, work: next(call) };
    this.#running.set(key, run);
    try {
      const outcome = await run.work;
      // What was forgotten meanwhile, or begun anew, is out of date.
      const isLatest = this.#running.get(key) === run;
      if (isLatest && isGoodReply(outcome)) {
        const kept = { plugin: call.plugin, outcome, since: performance.now() };
        this.#kept.set(key, kept, jsonLength(outcome, this.#bounds.maxChars), keepMs);
      }
      return outcome;
    } finally {
      if (this.#running.get(key) === run) this.#running.delete(key);
    }
  }
}

/** What comes of a call that is under way, or of waiting for it; undefined where that is nothing to others. */
async function share({ work }: Run, call: Call): Promise<Outcome | undefined> {
  const problem = await waitFor(call, work);
  if (problem !== undefined) return problem;
  const outcome = await work;
  if (isGoodReply(outcome)) return { ...outcome, cachedForMs: 0 };
  return isForAll(outcome) ? outcome : undefined;
}

/** Whether it is not just one caller's affair: that one has left, or is asked something. */
function isForAll(outcome: Outcome): boolean {
  if (outcome.kind !== "failure") return outcome.kind !== "input_required";
  return outcome.failure.code !== "cancelled";
}
