import type {
  GenerateCredentialReportResponse,
  GetAccountPasswordPolicyResponse,
  GetCredentialReportResponse,
} from "@aws-sdk/client-iam";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { awsQuery } from "../../protocol/aws-query.ts";
import { AwsError } from "../../protocol/errors.ts";
import { structure } from "../../protocol/shape.ts";
import { operation, type AccountView, type Service } from "../service.ts";
import { summaryOf } from "./account-summary.ts";
import { reportOf } from "./credential-report.ts";
import * as entities from "./entities.ts";
import { PASSWORD_POLICY } from "./password-policy.ts";

const ROOT_ARN = `arn:aws:iam::${DEMO_ACCOUNT_ID}:root`;

const nothing = structure({});

export const iam: Service = {
  signingName: "iam",
  protocol: awsQuery("2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
  permission: (name) => ({
    action: `iam:${name}`,
    resource: `arn:aws:iam::${DEMO_ACCOUNT_ID}:*`,
  }),
  operations: new Map([
    [
      "GenerateCredentialReport",
      operation(nothing, (_request, { credentialReport, now }): GenerateCredentialReportResponse =>
        credentialReport.generate(now),
      ),
    ],
    ["GetAccountAuthorizationDetails", entities.getAccountAuthorizationDetails],
    [
      "GetAccountPasswordPolicy",
      operation(nothing, (_request, account): GetAccountPasswordPolicyResponse => {
        if (!account.estate.iam.hasPasswordPolicy || account.conditions.has("no-password-policy")) {
          throw new AwsError(
            "NoSuchEntity",
            `The Password Policy with domain name ${DEMO_ACCOUNT_ID} cannot be found.`,
            404,
          );
        }
        return { PasswordPolicy: PASSWORD_POLICY.rules };
      }),
    ],
    [
      "GetAccountSummary",
      operation(nothing, (_request, account) => ({
        SummaryMap: summaryOf(account.estate.iam, rootHasMfa(account)),
      })),
    ],
    [
      "GetCredentialReport",
      operation(nothing, (_request, account): GetCredentialReportResponse => {
        const GeneratedTime = account.credentialReport.generatedAt(account.now);
        const report = reportOf(account.estate.iam, ROOT_ARN, rootHasMfa(account));
        return { GeneratedTime, ReportFormat: "text/csv", Content: Buffer.from(report) };
      }),
    ],
    ["GetGroup", entities.getGroup],
    ["ListAccessKeys", entities.listAccessKeys],
    ["ListEntitiesForPolicy", entities.listEntitiesForPolicy],
    ["ListUsers", entities.listUsers],
  ]),
};

const rootHasMfa = ({ conditions }: AccountView): boolean => !conditions.has("root-without-mfa");
