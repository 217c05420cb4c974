import type { Aborting } from "../base/call-signal.ts";
import type { Concurrency } from "../base/policy-settings.ts";
import { Pool } from "./pool.ts";

export interface SlotsOptions {
  /** Of all calls together. */
  readonly server: Concurrency;
  /** Calls of one principal that run at a time. */
  readonly perPrincipal: number;
}

/** Who wants a slot, of what, and how long there is to wait for it. */
export interface SlotRequest {
  readonly principal: string;
  readonly plugin: string;
  readonly pluginLimits: Concurrency;
  readonly tool: string;
  readonly toolLimits: Concurrency | undefined;
  readonly signal: Aborting;
  /** Milliseconds until nobody waits for the call any more. Asked anew each time: it may grow. */
  remainingMs(): number;
  /** The same, as far as can be told beforehand. */
  readonly patienceMs: number;
}

export interface Slot {
  /** Gives it back. Doing so twice is the same as once. */
  release(): void;
}

/** Why there is no slot. */
export interface NoSlot {
  readonly reason: "full" | "too_late" | "displaced" | "expired" | "cancelled";
  /** About how long it would be until there is one; 0 where that cannot be told. */
  readonly waitMs: number;
}

interface Waiting {
  readonly principal: string;
  /** Those of one lane want the same. */
  readonly lane: string;
  readonly order: number;
  readonly pools: readonly Pool<Waiting>[];
  /** It gets its slots. */
  begin(): void;
  giveUp(reason: NoSlot["reason"]): void;
}

/**
 * Slots of the server, of each plugin, tool and principal, handed out together, so that nothing is held while waiting for
 * the rest. Each principal's calls wait in the order in which they came; principals take turns.
 */
export class Slots {
  readonly #options: SlotsOptions;
  readonly #server: Pool<Waiting>;
  /** Only those in use. */
  readonly #pools = new Map<string, Pool<Waiting>>();
  /** By principal, the one whose turn it is first, and by lane. */
  readonly #rows = new Map<string, Map<string, Set<Waiting>>>();
  #order = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#server = new Pool("server", options.server);
  }

  /** Calls that run and that wait, and the pools in use. */
  get size(): { readonly running: number; readonly waiting: number; readonly pools: number } {
    const { running, waiting } = this.#server;
    return { running, waiting, pools: this.#pools.size };
  }

  /** A slot at once where there is one; else it comes later, or never. */
  enter(request: SlotRequest): Slot | NoSlot | Promise<Slot | NoSlot> {
    const pools = this.#poolsFor(request);
    if (pools.every((pool) => pool.hasSlot)) return this.#begin(pools);
    const { principal, patienceMs, signal } = request;
    const waitMs = longestWaitMs(pools, principal);
    const full = pools.filter((pool) => !pool.hasRoom);
    const displaced = full.map((pool) => pool.displaceable(principal));
    if (signal.aborted) return { reason: "cancelled", waitMs };
    if (displaced.includes(undefined)) return { reason: "full", waitMs };
    if (waitMs >= patienceMs) return { reason: "too_late", waitMs };
    for (const waiting of displaced) waiting?.giveUp("displaced");
    return this.#wait(request, pools);
  }

  #poolsFor(request: SlotRequest): readonly Pool<Waiting>[] {
    const { principal, plugin, pluginLimits, tool, toolLimits } = request;
    const { perPrincipal } = this.#options;
    const pools = [
      this.#server,
      this.#pool(`principal ${principal}`, { slots: perPrincipal, queue: Infinity }),
      this.#pool(`plugin ${plugin}`, pluginLimits),
    ];
    if (toolLimits !== undefined) pools.push(this.#pool(`tool ${plugin} ${tool}`, toolLimits));
    return pools;
  }

  #pool(key: string, limits: Concurrency): Pool<Waiting> {
    const pool = this.#pools.get(key);
    if (pool === undefined) return new Pool(key, limits);
    // They may have been read again since.
    pool.limits = limits;
    return pool;
  }

  #begin(pools: readonly Pool<Waiting>[]): Slot {
    const startedAt = performance.now();
    for (const pool of pools) {
      pool.begin();
      this.#keep(pool);
    }
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        const tookMs = performance.now() - startedAt;
        for (const pool of pools) {
          pool.end(tookMs);
          this.#forgetIdle(pool);
        }
        this.#handOut();
      },
    };
  }

  #wait(request: SlotRequest, pools: readonly Pool<Waiting>[]): Promise<Slot | NoSlot> {
    const { principal, plugin, tool, signal } = request;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (outcome: Slot | NoSlot): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        this.#leave(waiting);
        resolve(outcome);
      };
      const waiting: Waiting = {
        principal,
        lane: `${plugin} ${tool}`,
        order: (this.#order += 1),
        pools,
        begin: () => settle(this.#begin(pools)),
        giveUp: (reason) => settle({ reason, waitMs: longestWaitMs(pools, principal) }),
      };
      const onAbort = (): void => waiting.giveUp("cancelled");
      const lookAgain = (): void => {
        const leftMs = request.remainingMs();
        if (leftMs === 0) waiting.giveUp("expired");
        else timer = setTimeout(lookAgain, leftMs);
      };
      this.#join(waiting);
      signal.addEventListener("abort", onAbort, { once: true });
      lookAgain();
    });
  }

  #join(waiting: Waiting): void {
    const { principal, lane, pools } = waiting;
    for (const pool of pools) {
      pool.join(waiting);
      this.#keep(pool);
    }
    const lanes = this.#rows.get(principal) ?? new Map<string, Set<Waiting>>();
    const row = lanes.get(lane) ?? new Set();
    this.#rows.set(principal, lanes.set(lane, row.add(waiting)));
  }

  #leave(waiting: Waiting): void {
    const { principal, lane, pools } = waiting;
    for (const pool of pools) {
      pool.leave(waiting);
      this.#forgetIdle(pool);
    }
    const lanes = this.#rows.get(principal);
    const row = lanes?.get(lane);
    row?.delete(waiting);
    if (row?.size === 0) lanes?.delete(lane);
    if (lanes?.size === 0) this.#rows.delete(principal);
  }

  #keep(pool: Pool<Waiting>): void {
    if (pool !== this.#server) this.#pools.set(pool.key, pool);
  }

  #forgetIdle(pool: Pool<Waiting>): void {
    if (pool.isIdle) this.#pools.delete(pool.key);
  }

  /** Lets in whoever can be, until nobody can. */
  #handOut(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { principal } = next;
      next.begin();
      // The next turn is somebody else's.
      const lanes = this.#rows.get(principal);
      if (lanes === undefined) continue;
      this.#rows.delete(principal);
      this.#rows.set(principal, lanes);
    }
  }

  /** The longest waiting call that could run now, of the first principal that has one. */
  #next(): Waiting | undefined {
    if (!this.#server.hasSlot) return undefined;
    for (const lanes of this.#rows.values()) {
      let first: Waiting | undefined;
      for (const [head] of lanes.values()) {
        if (head === undefined || !head.pools.every((pool) => pool.hasSlot)) continue;
        if (first === undefined || head.order < first.order) first = head;
      }
      if (first !== undefined) return first;
    }
    return undefined;
  }
}

/** About how long a call would wait in those pools that have no slot; 0 where that cannot be told yet. */
function longestWaitMs(pools: readonly Pool<Waiting>[], principal: string): number {
  const waits = pools.map((pool) => (pool.hasSlot ? 0 : (pool.waitMs(principal) ?? 0)));
  return Math.max(...waits);
}
