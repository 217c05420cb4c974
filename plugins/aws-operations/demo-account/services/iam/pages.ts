import { integerText, text } from "../../protocol/shape.ts";
import { listPage } from "../list-page.ts";
import type { AccountView } from "../service.ts";

/** The members of a request for a page, and how large the page is by default. */
export const pageRequest = {
  Marker: text({ min: 1 }),
  MaxItems: integerText({ min: 1, max: 1000 }),
};
const DEFAULT_SIZE = 100;

interface PagedRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

interface PageEnd {
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

/** A page of a list, and what IAM says of what is left. `operation` keeps its markers apart. */
export function pageOf<T>(
  operation: string,
  all: readonly T[],
  request: PagedRequest,
  account: AccountView,
): { readonly items: T[]; readonly end: PageEnd } {
  const { Marker: token, ...rest } = request;
  const { MaxItems: size = DEFAULT_SIZE } = request;
  const { items, nextToken } = listPage(all, size, { token, identity: [operation, rest] }, account);
  return {
    items: [...items],
    end:
      nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken },
  };
}
