import type { Page } from "../protocol/page-tokens.ts";
import type { AccountView } from "./service.ts";

/** One page of a list: what the caller asked for, but no more than the account's lists give at once. */
export function listPage<T>(
  all: readonly T[],
  asked: number | undefined,
  request: { readonly token: string | undefined; readonly identity: unknown },
  { pages, listPageSize }: AccountView,
): Page<T> {
  return pages.page(all, Math.min(asked ?? Infinity, listPageSize), request);
}
