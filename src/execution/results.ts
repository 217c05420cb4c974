import { randomBytes } from "node:crypto";
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
  readonly chars: number;
}

/** No single answer takes the place of more than this share of the others. */
const LARGEST_SHARE = 1 / 4;

/** Long answers, kept for the principal that asked, within bounds. */
export class Results {
  readonly #options: ResultsOptions;
  /** In the order in which they came, which is the order in which they expire. */
  readonly #kept = new Map<string, Entry>();
  #chars = 0;

  constructor(options: ResultsOptions) {
    this.#options = options;
  }

  /** Undefined for an answer that is too large even for that. */
  keep(principal: string, parts: Omit<KeptResult, "expiresAt">): Kept | undefined {
    const { maxChars, retentionMs } = this.#options;
    const blocks = parts.blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
    const fields = (parts.data?.length ?? 0) + (parts.meta?.length ?? 0);
    const chars = parts.text.length + fields + blocks;
    if (chars > maxChars * LARGEST_SHARE) return undefined;
    const now = Date.now();
    for (const [id, { result }] of this.#kept) {
      if (this.#chars + chars <= maxChars && result.expiresAt > now) break;
      this.#remove(id);
    }
    const id = randomBytes(18).toString("base64url");
    const result = { ...parts, expiresAt: now + retentionMs };
    this.#kept.set(id, { principal, result, chars });
    this.#chars += chars;
    return { id, expiresAt: result.expiresAt };
  }

  /** The answer, for the principal that asked for it alone. */
  find(id: string, principal: string): KeptResult | undefined {
    const entry = this.#kept.get(id);
    if (entry === undefined || entry.principal !== principal) return undefined;
    if (entry.result.expiresAt > Date.now()) return entry.result;
    this.#remove(id);
    return undefined;
  }

  get size(): { readonly results: number; readonly chars: number } {
    return { results: this.#kept.size, chars: this.#chars };
  }

  #remove(id: string): void {
    this.#chars -= this.#kept.get(id)?.chars ?? 0;
    this.#kept.delete(id);
  }
}
