import type { AssumeRoleResponse, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { DEMO_ACCOUNT_ID, DEMO_USER_ARN } from "../credentials.ts";
import { ASSUMABLE_ROLES, type AssumableRole } from "../data/iam/roles.ts";
import { ENABLED_REGIONS } from "../data/regions.ts";
import { awsQuery } from "../protocol/aws-query.ts";
import { Refusal } from "../protocol/errors.ts";
import { integerText, required, structure, text, type Infer } from "../protocol/shape.ts";
import { operation, type AccountView, type Service } from "./service.ts";

const DEFAULT_SESSION_SECONDS = 3_600;
/** However long the role would allow. */
const MAX_CHAINED_SECONDS = 3_600;

const assumeRoleRequest = structure({
  RoleArn: required(text({ min: 20, max: 2048 })),
  RoleSessionName: required(text({ min: 2, max: 64, pattern: /[\w+=,.@-]*/ })),
  DurationSeconds: integerText({ min: 900, max: 43_200 }),
  ExternalId: text({ min: 2, max: 1224, pattern: /[\w+=,.@:/-]*/ }),
});

type AssumeRoleRequest = Infer<typeof assumeRoleRequest>;

export const sts: Service = {
  signingName: "sts",
  regions: ENABLED_REGIONS,
  protocol: awsQuery("https://sts.amazonaws.com/doc/2011-06-15/"),
  permission: (name) => ({ action: `sts:${name}`, resource: DEMO_USER_ARN }),
  operations: new Map([
    [
      "GetCallerIdentity",
      operation(structure({}), (_request, { caller }): GetCallerIdentityResponse => ({
        Arn: caller.arn,
        UserId: caller.userId,
        Account: caller.account,
      })),
    ],
    ["AssumeRole", operation(assumeRoleRequest, assumeRole)],
  ]),
};

function assumeRole(request: AssumeRoleRequest, account: AccountView): AssumeRoleResponse {
  const { RoleArn, RoleSessionName, DurationSeconds = DEFAULT_SESSION_SECONDS } = request;
  const { caller, accessKeys } = account;
  const role = ASSUMABLE_ROLES.find(({ arn }) => arn === RoleArn);
  if (role === undefined || !trusts(role, request, account)) {
    throw new Refusal(
      "access-denied",
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    );
  }
  if (DurationSeconds > role.maxSessionSeconds) {
    throw new Refusal(
      "invalid",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  if (caller.arn.includes(":assumed-role/") && DurationSeconds > MAX_CHAINED_SECONDS) {
    throw new Refusal(
      "invalid",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  const user = {
    arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${RoleSessionName}`,
    userId: `${role.id}:${RoleSessionName}`,
    account: role.account,
  };
  // Whoever uses the credentials goes by the real clock, not by the demo's.
  const expiration = new Date((Math.floor(Date.now() / 1000) + DurationSeconds) * 1000);
  const issued = accessKeys.issue(user, expiration);
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: expiration,
    },
    AssumedRoleUser: { AssumedRoleId: user.userId, Arn: user.arn },
    PackedPolicySize: 0,
  };
}

const trusts = (
  { externalId }: AssumableRole,
  { ExternalId }: AssumeRoleRequest,
  { caller }: AccountView,
): boolean =>
  caller.account === DEMO_ACCOUNT_ID && (externalId === undefined || ExternalId === externalId);
