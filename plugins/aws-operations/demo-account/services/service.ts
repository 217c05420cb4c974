import type { AccessKeys, Caller } from "../access-keys.ts";
import { DEMO_ACCOUNT_ID } from "../credentials.ts";
import type { Ledger, Variant } from "../data/ledger.ts";
import type { Protocol } from "../protocol/answer.ts";
import type { PageTokens } from "../protocol/page-tokens.ts";
import type { RateLimit } from "../rate-limit.ts";
import type { SigningName } from "../sigv4.ts";
import { readRequest, type Shape } from "../protocol/shape.ts";

/** What an operation sees of the account. */
export interface AccountView {
  readonly now: Date;
  /** What happened lately in the account happened shortly before this. */
  readonly startedAt: Date;
  /** Who signed the request, and for which region. */
  readonly caller: Caller;
  readonly region: string;
  readonly accessKeys: AccessKeys;
  /** How often CloudTrail may be asked. */
  readonly lookups: RateLimit;
  readonly variant: Variant;
  /** The costs that the caller's account can see. */
  readonly ledger: Ledger;
  readonly pages: PageTokens;
  /** Result rows on one page. */
  readonly pageSize: number;
}

/** One API operation: reads the raw request, answers with the response's members. */
export type Operation = (request: unknown, account: AccountView) => object;

export interface Service {
  /** The service in a signature's scope. */
  readonly signingName: SigningName;
  /** Where it is served. Default: us-east-1 alone. */
  readonly regions?: readonly string[];
  /** The one code for a page token that is no good, where the service has just one. */
  readonly pageTokenCode?: string;
  readonly protocol: Protocol;
  /** Default 1.1. What speaks 1.0 here used to be asked with forms. */
  readonly jsonVersion?: "1.0";
  /** The permission that an operation needs and what it is needed on, as denials print them. */
  permission(operation: string): { readonly action: string; readonly resource: string };
  readonly operations: ReadonlyMap<string, Operation>;
}

export function operation<Input>(
  input: Shape<Input>,
  run: (request: Input, account: AccountView) => object,
  invalidCode = "ValidationException",
): Operation {
  return (request, account) => run(readRequest(input, request, invalidCode), account);
}

/**
 * Whether there is anything in the caller's account but costs: budgets, monitors and resources are
 * the management account's.
 */
export const isManagement = ({ caller }: AccountView): boolean =>
  caller.account === DEMO_ACCOUNT_ID;
