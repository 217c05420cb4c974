import type { AccessKeys, Caller } from "../access-keys.ts";
import { DEMO_ACCOUNT_ID } from "../credentials.ts";
import type { Estate } from "../data/estate.ts";
import type { Ledger, Variant } from "../data/ledger.ts";
import type { Condition, FaultKind } from "../faults.ts";
import type { AwsError } from "../protocol/errors.ts";
import type { PageTokens } from "../protocol/page-tokens.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { readRequest, type Shape } from "../protocol/shape.ts";
import type { RateLimit } from "../rate-limit.ts";
import type { SigningName } from "../sigv4.ts";

/** What an operation sees of the account. */
export interface AccountView {
  readonly now: Date;
  /** What happened lately in the account happened shortly before this. */
  readonly startedAt: Date;
  /** Who signed the request. */
  readonly caller: Caller;
  readonly accessKeys: AccessKeys;
  /** How often CloudTrail may be asked. */
  readonly lookups: RateLimit;
  /** The region that the request is signed for. */
  readonly region: string;
  /** What the account is like beyond its variant. */
  readonly conditions: ReadonlySet<Condition>;
  readonly variant: Variant;
  /** The costs that the caller's account can see. */
  readonly ledger: Ledger;
  /** What the caller's account has. */
  readonly estate: Estate;
  readonly pages: PageTokens;
  /** Result rows of Cost Explorer, or datapoints of CloudWatch, on one page. */
  readonly pageSize: number;
  /** Most items on one page of a list, however many are asked for. */
  readonly listPageSize: number;
}

/** One API operation: reads the raw input, answers with the output's members. */
export type Operation = (input: unknown, account: AccountView) => object;

export interface Service {
  /** The service in a signature's scope. */
  readonly signingName: SigningName;
  /** Where it is served. Default: us-east-1 alone. */
  readonly regions?: readonly string[];
  readonly protocol: Protocol;
  /** The permission that an operation needs and what it is needed on, as denials print them. */
  permission(operation: string): { readonly action: string; readonly resource?: string };
  readonly operations: ReadonlyMap<string, Operation>;
  /** The errors of faults that only this service has. */
  readonly faults?: Partial<Record<FaultKind, (operation: string) => AwsError>>;
}

export const operation =
  <Input>(input: Shape<Input>, run: (request: Input, account: AccountView) => object): Operation =>
  (request, account) =>
    run(readRequest(input, request), account);

/**
 * Whether there is anything in the caller's account but costs: budgets, monitors and resources are
 * the management account's.
 */
export const isManagement = ({ caller }: AccountView): boolean =>
  caller.account === DEMO_ACCOUNT_ID;
