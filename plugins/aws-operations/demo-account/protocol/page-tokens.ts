import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Refusal } from "./errors.ts";

const OFFSET_BYTES = 4;
const HASH_BYTES = 16;
const TOKEN_BYTES = OFFSET_BYTES + 2 * HASH_BYTES;

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextToken: string | undefined;
}

/**
 * Cuts results into pages. A token names the place to go on and the request it belongs to, is
 * opaque to the caller, and is good only for the account that made it.
 */
export class PageTokens {
  readonly #key = randomBytes(32);

  page<T>(
    all: readonly T[],
    size: number,
    request: { readonly token: string | undefined; readonly identity: unknown },
  ): Page<T> {
    const hash = requestHash(request.identity);
    const offset = request.token === undefined ? 0 : this.#open(request.token, hash);
    const end = offset + size;
    return {
      items: all.slice(offset, end),
      nextToken: end < all.length ? this.#seal(end, hash) : undefined,
    };
  }

  #seal(offset: number, hash: Buffer): string {
    const place = Buffer.alloc(OFFSET_BYTES);
    place.writeUInt32BE(offset);
    return Buffer.concat([place, hash, this.#sign(place, hash)]).toString("base64url");
  }

  #open(token: string, hash: Buffer): number {
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length !== TOKEN_BYTES) throw invalidToken();
    const place = bytes.subarray(0, OFFSET_BYTES);
    const sealed = bytes.subarray(OFFSET_BYTES, OFFSET_BYTES + HASH_BYTES);
    const signature = bytes.subarray(OFFSET_BYTES + HASH_BYTES);
    if (!timingSafeEqual(signature, this.#sign(place, sealed))) throw invalidToken();
    if (!timingSafeEqual(sealed, hash)) throw requestChanged();
    return place.readUInt32BE();
  }

  #sign(place: Buffer, hash: Buffer): Buffer {
    return createHmac("sha256", this.#key)
      .update(place)
      .update(hash)
      .digest()
      .subarray(0, HASH_BYTES);
  }
}

export const invalidToken = (): Refusal =>
  new Refusal("bad-page-token", "Pagination token is invalid");

export const requestChanged = (): Refusal =>
  new Refusal(
    "request-changed",
    "Your request parameters changed between pages. Try again with the old parameters or without a pagination token.",
  );

function requestHash(identity: unknown): Buffer {
  return createHash("sha256").update(canonicalJson(identity)).digest().subarray(0, HASH_BYTES);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
