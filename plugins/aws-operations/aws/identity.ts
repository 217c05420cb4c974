import type { AwsApi } from "./api.ts";
import type { CallScope } from "./requests.ts";

/** Who the credentials belong to. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
}

const hour = 3_600_000;

/** Who the credentials belong to. Free, and allowed to everybody; fails if they do not work. */
export async function callerIdentity(api: AwsApi, scope?: CallScope): Promise<CallerIdentity> {
  const { value } = await api.ask(
    {
      service: "sts",
      operation: "GetCallerIdentity",
      input: {},
      ttlMs: hour,
      missing: ({ Account }) => (Account === undefined ? "Account" : undefined),
      read: ([{ Account = "", Arn = "" } = {}]) => ({
        account: Account,
        arn: Arn,
        partition: Arn.split(":")[1] ?? "",
      }),
    },
    scope,
  );
  return value;
}
