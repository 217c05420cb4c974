import type { CategoryManifest } from "./manifest.ts";

/** How well a message fits a category. */
interface RankedCategory {
  readonly category: CategoryManifest;
  /** From 0 to 1. */
  readonly score: number;
  /** Whether the score reaches the category's own threshold. */
  readonly matches: boolean;
}

export type CategoryRanker = (message: string) => readonly RankedCategory[];

/** Prepares patterns and words once; the result ranks any number of messages, best first. */
export function createRanker(categories: readonly CategoryManifest[]): CategoryRanker {
  const prepared = categories.map((category) => ({
    category,
    patterns: category.patterns.map((source) => compilePattern(source)),
    keywords: category.keywords.map(wordsOf),
    examples: category.examples.map((example) => new Set(wordsOf(example))),
  }));
  return (message) => {
    const words = wordsOf(message);
    const stems = new Set(words.map(stem));
    return prepared
      .map(({ category, patterns, keywords, examples }) => {
        const pattern = patterns.some((expression) => expression.test(message)) ? 0.7 : 0;
        const hits = keywords.filter((keyword) => containsPhrase(stems, keyword)).length;
        const example = Math.max(0, ...examples.map((set) => overlap(set, words)));
        const score = combine([pattern, keywordScore(hits), exampleScore(example)]);
        return { category, score, matches: score >= category.confidenceThreshold };
      })
      .toSorted((a, b) => b.score - a.score || (a.category.name < b.category.name ? -1 : 1));
  };
}

/** Any case; without the `u` flag, whose strictness would refuse patterns that other languages accept. */
export function compilePattern(source: string): RegExp {
  return new RegExp(source, "i");
}

// Independent hints add up without passing 1: 1 − Π(1 − hint).
function combine(hints: readonly number[]): number {
  const miss = hints.reduce((product, hint) => product * (1 - hint), 1);
  return Math.round((1 - miss) * 1_000) / 1_000;
}

// One keyword is a hint (0.6), two are a strong one (0.84), more come close to certainty.
function keywordScore(hits: number): number {
  return hits === 0 ? 0 : 1 - 0.4 ** hits;
}

// Half the words of an example say little; nearly all of them settle it.
function exampleScore(share: number): number {
  return share <= 0.5 ? 0 : (share - 0.5) * 2 * 0.95;
}

/** Share of common words of the two, by Dice's coefficient. */
function overlap(example: ReadonlySet<string>, words: readonly string[]): number {
  const own = new Set(words);
  if (example.size === 0 || own.size === 0) return 0;
  let common = 0;
  for (const word of own) if (example.has(word)) common += 1;
  return (2 * common) / (example.size + own.size);
}

function containsPhrase(stems: ReadonlySet<string>, keyword: readonly string[]): boolean {
  return keyword.length > 0 && keyword.every((word) => stems.has(stem(word)));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

// Enough to make "costs", "cost" and "billing", "bill" meet; not a linguist's stemmer.
function stem(word: string): string {
  return word.length > 4
    ? word.replace(/(?:ing|es|s|ed)$/u, "")
    : word.replace(/(?<=\w{2})s$/u, "");
}
