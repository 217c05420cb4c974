import type {
  GenerateCredentialReportResponse,
  GetAccountPasswordPolicyResponse,
  GetCredentialReportResponse,
} from "@aws-sdk/client-iam";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { partOf } from "../../data/estate.ts";
import { identitiesOf } from "../../data/iam/identities.ts";
import { awsQuery } from "../../protocol/aws-query.ts";
import { AwsError } from "../../protocol/errors.ts";
import { structure } from "../../protocol/shape.ts";
import { operation, type AccountView, type Service } from "../service.ts";
import { summaryOf } from "./account-summary.ts";
import { CredentialReport, reportOf } from "./credential-report.ts";
import * as entities from "./entities.ts";
import { PASSWORD_POLICY } from "./password-policy.ts";

const nothing = structure({});

const reportFor = partOf(() => new CredentialReport());

export const iam: Service = {
  signingName: "iam",
  protocol: awsQuery("https://iam.amazonaws.com/doc/2010-05-08/"),
  permission: (name) => ({
    action: `iam:${name}`,
    resource: `arn:aws:iam::${DEMO_ACCOUNT_ID}:*`,
  }),
  operations: new Map([
    [
      "GenerateCredentialReport",
      operation(nothing, (_request, { estate, now }): GenerateCredentialReportResponse =>
        reportFor(estate).generate(now),
      ),
    ],
    ["GetAccountAuthorizationDetails", entities.getAccountAuthorizationDetails],
    [
      "GetAccountPasswordPolicy",
      operation(nothing, (_request, account): GetAccountPasswordPolicyResponse => {
        if (
          !identitiesOf(account.estate).hasPasswordPolicy ||
          account.conditions.has("no-password-policy")
        ) {
          throw new AwsError(
            "NoSuchEntity",
            `The Password Policy with domain name ${account.caller.account} cannot be found.`,
            404,
          );
        }
        return { PasswordPolicy: PASSWORD_POLICY.rules };
      }),
    ],
    [
      "GetAccountSummary",
      operation(nothing, (_request, account) => ({
        SummaryMap: summaryOf(identitiesOf(account.estate), rootHasMfa(account)),
      })),
    ],
    [
      "GetCredentialReport",
      operation(nothing, (_request, account): GetCredentialReportResponse => {
        const GeneratedTime = reportFor(account.estate).generatedAt(account.now);
        const root = `arn:aws:iam::${account.caller.account}:root`;
        const report = reportOf(identitiesOf(account.estate), root, rootHasMfa(account));
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
