import { onTestFinished, expect, test } from "vitest";
import { AwsClients } from "../../../plugins/aws-operations/tools/clients.ts";

function clients(connection: ConstructorParameters<typeof AwsClients>[0] = {}): AwsClients {
  const all = new AwsClients({ accessKey: "a", secretKey: "b", ...connection });
  onTestFinished(() => all.destroy());
  return all;
}

test("a client never retries, and gives up on a request instead of only warning about it", async () => {
  const { sdk, client } = await clients({ endpoint: "http://127.0.0.1:9" }).costExplorer();
  expect(await client.config.maxAttempts()).toBe(1);
  // The handler reads its options with its first request.
  await expect(client.send(new sdk.GetAnomalyMonitorsCommand({}))).rejects.toThrow();
  const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): object };
  expect(handler.httpHandlerConfigs()).toMatchObject({
    connectionTimeout: 3000,
    requestTimeout: 12_000,
    throwOnRequestTimeout: true,
  });
});

test("clients are made once, and share sockets and credentials", async () => {
  const all = clients();
  const [{ client: costExplorer }, { client: sts }, { client: budgets }, { client: again }] =
    await Promise.all([all.costExplorer(), all.sts(), all.budgets(), all.costExplorer()]);
  expect(again).toBe(costExplorer);
  expect(sts.config.requestHandler).toBe(costExplorer.config.requestHandler);
  expect(budgets.config.requestHandler).toBe(costExplorer.config.requestHandler);
  expect(await budgets.config.credentials()).toMatchObject({ accessKeyId: "a" });
});

test.each([
  [undefined, "us-east-1", "us-east-1"],
  ["eu-west-1", "us-east-1", "eu-west-1"],
  ["cn-north-1", "cn-northwest-1", "cn-north-1"],
  ["us-gov-east-1", "us-gov-west-1", "us-gov-east-1"],
])("in region %s Cost Explorer and Budgets are signed for %s", async (region, global, own) => {
  const all = clients({ region });
  expect(await (await all.costExplorer()).client.config.region()).toBe(global);
  expect(await (await all.budgets()).client.config.region()).toBe(global);
  expect(await (await all.sts()).client.config.region()).toBe(own);
});
