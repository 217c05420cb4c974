import type { ServerAddress } from "./connection.ts";
import { ConnectError } from "./errors.ts";

/** How the revision is found out. */
export type Opening =
  /** Asked for; a server that does not answer within the time is taken for one before 2026-07-28. */
  | { readonly askMs: number }
  /** As before 2026-07-28: for a server that ends when it is asked. */
  | "initialize";

/** A process that says nothing for so long to a question about its revision may be waiting for `initialize`. */
const ASK_MS = 5_000;
/** Over HTTP silence means nothing of the kind. */
const ASK_OVER_HTTP_MS = 30_000;

export function firstOpening({ kind }: ServerAddress): Opening {
  return { askMs: kind === "url" ? ASK_OVER_HTTP_MS : ASK_MS };
}

/** The opening after one that failed. A server that was not asked and did not answer either may have been another one than before. */
export function nextOpening(opening: Opening, error: unknown, longestMs: number): Opening {
  if (opening === "initialize") return { askMs: ASK_MS };
  const hint = error instanceof ConnectError ? error.hint : undefined;
  if (hint === "initialize") return "initialize";
  return hint === "ask_longer" ? { askMs: Math.min(longestMs, opening.askMs * 2) } : opening;
}
