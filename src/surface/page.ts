import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";

/** One page of a sorted list, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/**
 * Cuts a page out of a list that is sorted by key. The cursor names the last key before it, so that a list that changes
 * between pages neither repeats nor skips what stayed.
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  size: number,
  cursor: string | undefined,
): Page<T> {
  if (cursor === undefined && items.length <= size) return { items };
  const after = cursor === undefined ? undefined : decode(cursor);
  const start = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > after);
  const page = start === -1 ? [] : items.slice(start, start + size);
  const last = page.at(-1);
  const isLast = start === -1 || start + size >= items.length;
  return { items: page, ...(!isLast && last !== undefined && { nextCursor: encode(keyOf(last)) }) };
}

function encode(key: string): string {
  return Buffer.from(JSON.stringify([key])).toString("base64url");
}

function decode(cursor: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(value) && typeof value[0] === "string") return value[0];
  } catch {
    // Not one of ours.
  }
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown cursor");
}
