import * as sdk from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import type { Variant } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { iam } from "../../../../plugins/aws-operations/demo-account/services/iam/iam.ts";
import { openDemo } from "./helpers.ts";
import { iamOf } from "./iam-helpers.ts";
import { answerProblems, hasModels, loadModel, MODELS } from "./model-validator.ts";
import { recordBodies } from "./recorded-bodies.ts";

/** What every account can answer. */
const ALWAYS: Readonly<Record<string, (client: sdk.IAMClient) => Promise<unknown>>> = {
  GenerateCredentialReport: (client) => client.send(new sdk.GenerateCredentialReportCommand({})),
  GetCredentialReport: async (client) => {
    await client.send(new sdk.GenerateCredentialReportCommand({}));
    return client.send(new sdk.GetCredentialReportCommand({}));
  },
  GetAccountSummary: (client) => client.send(new sdk.GetAccountSummaryCommand({})),
  GetAccountAuthorizationDetails: (client) =>
    client.send(new sdk.GetAccountAuthorizationDetailsCommand({})),
  ListUsers: (client) => client.send(new sdk.ListUsersCommand({})),
};

const WITH_USERS: typeof ALWAYS = {
  GetAccountPasswordPolicy: (client) => client.send(new sdk.GetAccountPasswordPolicyCommand({})),
  GetGroup: (client) => client.send(new sdk.GetGroupCommand({ GroupName: "developers" })),
  ListAccessKeys: (client) => client.send(new sdk.ListAccessKeysCommand({ UserName: "ci-runner" })),
  ListEntitiesForPolicy: (client) =>
    client.send(
      new sdk.ListEntitiesForPolicyCommand({
        PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
      }),
    ),
};

describe.skipIf(!hasModels)(
  `IAM's answers fit the model AWS publishes (skipped without ${MODELS})`,
  () => {
    test.each<[Variant, typeof ALWAYS]>([
      ["default", { ...ALWAYS, ...WITH_USERS }],
      ["new", { ...ALWAYS, ...WITH_USERS }],
      ["empty", ALWAYS],
    ])("in the %s account", async (variant, calls) => {
      const model = loadModel("iam-2010-05-08");
      // One page of everything.
      const { account } = await openDemo("2028-02-29T23:00:00Z", { variant, pageSize: 1000 });
      const client = iamOf(account);
      const bodies = recordBodies([client]);
      for (const [operation, call] of Object.entries(calls)) {
        await call(client);
        expect(answerProblems(model, operation, bodies.at(-1) ?? "")).toEqual([]);
      }
      expect(new Set(iam.operations.keys())).toEqual(
        new Set(Object.keys({ ...ALWAYS, ...WITH_USERS })),
      );
    });
  },
);
