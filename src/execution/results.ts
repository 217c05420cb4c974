import { randomBytes } from "node:crypto";
import { BoundedMap } from "../base/bounded-map.ts";
import type { KeptResult } from "../base/kept-result.ts";

export interface ResultsOptions {
  /** How long an answer waits for whoever asked for it. */
  readonly retentionMs: number;
  /** All answers together, in characters; the oldest go first. */
  readonly maxChars: number;
}

/** Where an answer can be read from now on. */
export interface Kept {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface Entry {
  readonly principal: string;
  readonly result: KeptResult;
}

/** Long answers, kept for the principal that asked, within bounds. */
export class Results {
  readonly #retentionMs: number;
  readonly #kept: BoundedMap<Entry>;

  constructor({ retentionMs, maxChars }: ResultsOptions) {
    this.#retentionMs = retentionMs;
    this.#kept = new BoundedMap({ maxEntries: Infinity, maxChars });
  }

  /** Undefined for an answer that is too large even for that. */
  keep(principal: string, parts: Omit<KeptResult, "expiresAt">): Kept | undefined {
    const blocks = parts.blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
    const fields = (parts.data?.length ?? 0) + (parts.meta?.length ?? 0);
    const chars = parts.text.length + fields + blocks;
    const id = randomBytes(18).toString("base64url");
    const expiresAt = Date.now() + this.#retentionMs;
    const entry = { principal, result: { ...parts, expiresAt } };
    return this.#kept.set(id, entry, chars, this.#retentionMs) ? { id, expiresAt } : undefined;
  }

  /** The answer, for the principal that asked for it alone. */
  find(id: string, principal: string): KeptResult | undefined {
    const entry = this.#kept.get(id);
    return entry?.principal === principal ? entry.result : undefined;
  }

  get size(): { readonly results: number; readonly chars: number } {
    return { results: this.#kept.size, chars: this.#kept.chars };
  }
}
