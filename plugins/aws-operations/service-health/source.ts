import type { CallScope } from "../aws/requests.ts";
import type { AWSHealthChecker } from "./aws-health-checker.ts";
import type { HealthQuery } from "./query.ts";

/** What one answer works with. */
export interface HealthSource {
  readonly checker: AWSHealthChecker;
  readonly query: HealthQuery;
  /** Where to look: the regions that are asked for and enabled. */
  readonly regions: readonly string[];
  /** Whether that is all of them. */
  readonly isEverywhere: boolean;
  readonly now: Date;
  readonly scope: CallScope;
}

/** Without milliseconds, which nobody asks for. */
export function isoTime(time: Date | undefined): string | undefined {
  return time === undefined ? undefined : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** The member, unless there is nothing to say. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  return (value === undefined || value === "" ? {} : { [name]: value }) as {
    readonly [key in Name]?: Value;
  };
}
