import type { Estate } from "../data/estate.ts";
import type { Ledger, Variant } from "../data/ledger.ts";
import type { Condition, FaultKind } from "../faults.ts";
import type { AwsError } from "../protocol/errors.ts";
import type { PageTokens } from "../protocol/page-tokens.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { readRequest, type Shape } from "../protocol/shape.ts";
import type { SigningName } from "../sigv4.ts";

/** What an operation sees of the account. */
export interface AccountView {
  readonly now: Date;
  /** The region that the request is signed for. */
  readonly region: string;
  /** What the account is like beyond its variant. */
  readonly conditions: ReadonlySet<Condition>;
  readonly variant: Variant;
  readonly ledger: Ledger;
  readonly estate: Estate;
  readonly pages: PageTokens;
  /** Result rows on one page of Cost Explorer. */
  readonly pageSize: number;
  /** Most items on one page of a list, however many are asked for. */
  readonly listPageSize: number;
}

/** One API operation: reads the raw input, answers with the output's members. */
export type Operation = (input: unknown, account: AccountView) => object;

export interface Service {
  /** The service in a signature's scope. */
  readonly signingName: SigningName;
  /** Served in every region that the account has enabled, not in us-east-1 alone. */
  readonly isRegional?: boolean;
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
