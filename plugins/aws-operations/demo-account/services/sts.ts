import type { GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { DEMO_ACCOUNT_ID, DEMO_USER_ARN, DEMO_USER_ID } from "../credentials.ts";
import { awsQuery } from "../protocol/aws-query.ts";
import { structure } from "../protocol/shape.ts";
import { operation, type Service } from "./service.ts";

export const sts: Service = {
  signingName: "sts",
  protocol: awsQuery("https://sts.amazonaws.com/doc/2011-06-15/"),
  permission: (name) => ({ action: `sts:${name}`, resource: DEMO_USER_ARN }),
  operations: new Map([
    [
      "GetCallerIdentity",
      operation(structure({}), (): GetCallerIdentityResponse => ({
        Arn: DEMO_USER_ARN,
        UserId: DEMO_USER_ID,
        Account: DEMO_ACCOUNT_ID,
      })),
    ],
  ]),
};
