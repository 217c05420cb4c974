import { onTestFinished, expect, test } from "vitest";
import { AwsClients } from "../../../plugins/aws-operations/aws/clients.ts";
import { services, type Service } from "../../../plugins/aws-operations/aws/services.ts";

function clients(connection: ConstructorParameters<typeof AwsClients>[0] = {}): AwsClients {
  const all = new AwsClients({ accessKey: "a", secretKey: "b", ...connection });
  onTestFinished(() => all.destroy());
  return all;
}

/** What the SDK keeps of the options, beyond what the plugin reads itself. */
interface Config {
  readonly requestHandler: { httpHandlerConfigs(): object };
  maxAttempts(): Promise<number>;
  region(): Promise<string>;
  credentials(): Promise<object>;
}

async function configOf(all: AwsClients, service: Service, region: string): Promise<Config> {
  const { client } = await all.get(service, region);
  return client.config as unknown as Config;
}

test("a client never retries, and gives up on a request instead of only warning about it", async () => {
  const all = clients({ endpoint: "http://127.0.0.1:9" });
  const { sdk, client } = await all.get("ce", "us-east-1");
  const config = await configOf(all, "ce", "us-east-1");
  expect(await config.maxAttempts()).toBe(1);
  // The handler reads its options with its first request.
  const Command = sdk.command("GetAnomalyMonitors");
  const abortSignal = new AbortController().signal;
  await expect(client.send(new Command({}), { abortSignal })).rejects.toThrow();
  expect(config.requestHandler.httpHandlerConfigs()).toMatchObject({
    connectionTimeout: 3000,
    requestTimeout: 12_000,
    throwOnRequestTimeout: true,
  });
});

test("clients are made once for each region, and share sockets and credentials", async () => {
  const all = clients();
  const [ce, again, sts, elsewhere] = await Promise.all([
    all.get("ce", "us-east-1"),
    all.get("ce", "us-east-1"),
    all.get("sts", "us-east-1"),
    all.get("sts", "eu-west-1"),
  ]);
  expect(again.client).toBe(ce.client);
  expect(elsewhere.client).not.toBe(sts.client);
  for (const { client } of [sts, elsewhere]) {
    expect(client.config.requestHandler).toBe(ce.client.config.requestHandler);
    expect(await client.config.credentials()).toMatchObject({ accessKeyId: "a" });
  }
});

test.each([
  [undefined, "us-east-1", "us-east-1"],
  ["eu-west-1", "us-east-1", "eu-west-1"],
  ["cn-north-1", "cn-northwest-1", "cn-north-1"],
  ["us-gov-east-1", "us-gov-west-1", "us-gov-east-1"],
])("in region %s services with one endpoint are signed for %s", async (region, global, own) => {
  const all = clients({ region });
  for (const [service, { isGlobal }] of Object.entries(services)) {
    expect(all.regionOf(service as Service)).toBe(isGlobal ? global : own);
  }
  const where = all.regionOf("budgets");
  expect(await (await configOf(all, "budgets", where)).region()).toBe(global);
  expect(all.regionOf("health", "us-east-2", true)).toBe("us-east-2");
});

test.each(Object.entries(services))(
  "every operation of %s is in the SDK",
  async (service, known) => {
    const { sdk } = await clients().get(service as Service, "us-east-1");
    for (const operation of Object.keys(known.operations)) {
      expect(sdk.command(operation)).toBeTypeOf("function");
    }
  },
);
