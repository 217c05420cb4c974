import type { Page } from "../protocol/page-tokens.ts";
import type { AccountView } from "./service.ts";

const SHARE = 40;

/**
 * One page of a list that is short by nature: a fortieth of the account's page size, so that with
 * the page size of tests even such a list takes several, and at most what the caller asked for.
 */
export function listPage<T>(
  all: readonly T[],
  asked: number,
  request: { readonly token: string | undefined; readonly identity: unknown },
  { pages, pageSize }: AccountView,
): Page<T> {
  return pages.page(all, Math.min(asked, Math.ceil(pageSize / SHARE)), request);
}
