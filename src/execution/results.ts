import { randomBytes } from "node:crypto";
import { BoundedMap } from "../base/bounded-map.ts";
import type { KeptResult } from "../base/kept-result.ts";

export interface ResultsOptions {
  /** How long an answer waits for whoever asked for it. */
  readonly retentionMs: number;
  /** All answers together, in characters; the oldest go first. */
  readonly maxChars: number;
}

interface Entry {
  readonly principal: string;
  readonly result: KeptResult;
}

/** Long answers, kept for the principal that asked, within bounds. */
export class Results {
  readonly retentionMs: number;
  readonly #kept: BoundedMap<Entry>;

  constructor({ retentionMs, maxChars }: ResultsOptions) {
    this.retentionMs = retentionMs;
    this.#kept = new BoundedMap({ maxEntries: Infinity, maxChars });
  }

  /** The id under which the answer can be read from now on; undefined where it is too large even for that. */
  keep(principal: string, parts: Omit<KeptResult, "expiresAt">): string | undefined {
    const blocks = parts.blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
    const chars = parts.text.length + (parts.data?.length ?? 0) + blocks;
    const id = randomBytes(18).toString("base64url");
    const result = { ...parts, expiresAt: Date.now() + this.retentionMs };
    return this.#kept.set(id, { principal, result }, chars, this.retentionMs) ? id : undefined;
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
