import { createRequire } from "node:module";
import { expect, onTestFinished, test } from "vitest";
import { startDemoAccount } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { signedHeaders } from "./signed-headers.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_1_1 = { "content-type": "application/x-amz-json-1.1" };

// Vitest gives each test file a process of its own, and leaves the SDK to Node: its modules are in Node's cache.
test("the account answers for every service without the SDK", async () => {
  const account = await startDemoAccount();
  onTestFinished(() => account.close());
  for (const { path = "/", ...request } of [
    {
      service: "ce",
      headers: { ...JSON_1_1, "x-amz-target": "AWSInsightsIndexService.GetAnomalyMonitors" },
      body: "{}",
    },
    {
      service: "budgets",
      headers: { ...JSON_1_1, "x-amz-target": "AWSBudgetServiceGateway.DescribeBudgets" },
      body: `{"AccountId":"${account.accountId}"}`,
    },
    { service: "sts", headers: FORM, body: "Action=GetCallerIdentity&Version=2011-06-15" },
    { service: "ec2", headers: FORM, body: "Action=DescribeInstances&Version=2016-11-15" },
    { service: "iam", headers: FORM, body: "Action=GetAccountSummary&Version=2010-05-08" },
    {
      service: "access-analyzer",
      path: "/analyzer/findings/statistics",
      headers: { "content-type": "application/json" },
      body: `{"analyzerArn":"arn:aws:access-analyzer:us-east-1:${account.accountId}:analyzer/demo-external"}`,
    },
  ]) {
    const headers = signedHeaders(account.endpoint, { path, ...request });
    const response = await fetch(`${account.endpoint}${path}`, {
      method: "POST",
      headers,
      body: request.body,
    });
    expect([request.service, response.status]).toEqual([request.service, 200]);
    expect((await response.text()).length).toBeGreaterThan(50);
  }
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((path) => /@aws-sdk|@smithy/.test(path))).toEqual([]);
});
