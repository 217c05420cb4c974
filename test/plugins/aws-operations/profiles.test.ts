import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { AwsClients } from "../../../plugins/aws-operations/aws/clients.ts";
import { ASSUMABLE_ROLES } from "../../../plugins/aws-operations/demo-account/data/iam/roles.ts";
import { configSchema, createPlugin } from "../../../plugins/aws-operations/index.ts";
import * as module from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";
import { ask, callTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import { requestFor } from "./helpers-contract.ts";

/** A role that everybody may assume, and one of another account that asks for an external id. */
const reader = ASSUMABLE_ROLES.find(({ name }) => name === "demo-auditor")?.arn ?? "";
const auditor = ASSUMABLE_ROLES.find(({ externalId }) => externalId !== undefined)?.arn ?? "";

afterEach(() => vi.unstubAllEnvs());

/** Nothing of the machine that the tests run on. */
beforeEach(() => {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"];
  for (const name of names) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
});

function errorOf(result: { error?: unknown }): { code: string; message: string } {
  return result.error as { code: string; message: string };
}

function keysOf(account: { accessKeyId: string; secretAccessKey: string; endpoint: string }) {
  return {
    awsAccessKey: account.accessKeyId,
    awsSecretKey: account.secretAccessKey,
    endpoint: account.endpoint,
  };
}

/** What `~/.aws/credentials` would be, with one profile. */
async function credentialsFile(name: string, keys: { id: string; secret: string }) {
  const file = join(tempFolder(), "credentials");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
  const write = (secret: string): Promise<void> =>
    writeFile(
      file,
      `[${name}]\naws_access_key_id = ${keys.id}\naws_secret_access_key = ${secret}\n`,
    );
  await write(keys.secret);
  return { write };
}

describe("the argument `profile`", () => {
  test("is not there where the operator has configured none", () => {
    for (const [name, { inputSchema }] of Object.entries(createPlugin().getToolsConfig())) {
      const schema = z.toJSONSchema(inputSchema as z.ZodType, { io: "input" });
      expect(Object.keys(schema.properties ?? {}), name).not.toContain("profile");
    }
  });

  test("has the configured names in every tool, and stands beside the tool's own arguments", () => {
    const plugin = createPlugin({ profiles: { prod_eu: {}, audit: { roleArn: auditor } } });
    const plain = createPlugin().getToolsConfig();
    for (const [name, { inputSchema }] of Object.entries(plugin.getToolsConfig())) {
      const schema = z.toJSONSchema(inputSchema as z.ZodType, { io: "input" });
      const own = z.toJSONSchema(plain[name]?.inputSchema as z.ZodType, { io: "input" });
      const { profile, ...others } = schema.properties ?? {};
      expect(profile, name).toMatchObject({ enum: ["prod_eu", "audit"], type: "string" });
      expect(others).toEqual(own.properties);
      expect(schema.additionalProperties).toBe(false);
      expect(schema.required ?? []).not.toContain("profile");
    }
  });

  test("that names none of them is refused before anything is sent", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { profiles: { production: {} } });
    await expect(ask(plugin, { profile: "prodution" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: 'There is no profile "prodution". Did you mean "production"? There are: production.',
    });
    const none = pluginOn(account);
    await expect(ask(none, { profile: "production" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("profile") as string,
    });
    expect(account.log).toEqual([]);
  });

  test("is what a real client sees and can give", async () => {
    const [own, other] = [await demo(), await demo({ variant: "cny" })];
    const host = await createTestHost({
      plugins: { "aws-operations": module },
      config: {
        plugins: {
          "aws-operations": {
            ...keysOf(own),
            now: noon.toISOString(),
            profiles: { china: { aws_access_key: own.accessKeyId, ...secretOf(other) } },
          },
        },
      },
    });
    onTestFinished(() => host.close());
    const { tools } = await host.client.listTools();
    const tool = tools.find(({ name }) => name === "aws_cost_analysis");
    expect(tool?.inputSchema.properties?.["profile"]).toMatchObject({ enum: ["china"] });
    const answer = await host.client.callTool({
      name: "aws_cost_analysis",
      arguments: { profile: "china" },
    });
    expect(answer.structuredContent).toMatchObject({
      meta: { profile: "china" },
      currentMonth: { currency: "CNY" },
    });
    const wrong = await host.client.callTool({
      name: "aws_cost_analysis",
      arguments: { profile: "japan" },
    });
    expect(wrong.isError).toBe(true);
    expect(JSON.stringify(wrong.content)).toContain("profile");
    // The check of the plugin's own credentials.
    expect(operations(own).filter((name) => name !== "GetCallerIdentity")).toEqual([]);
  });
});

function secretOf(account: { secretAccessKey: string; endpoint: string }) {
  return { aws_secret_key: account.secretAccessKey, endpoint: account.endpoint };
}

describe("the answer for a profile", () => {
  test("is of its account, and nothing that was read of another stands in for it", async () => {
    const [own, other] = [await demo(), await demo({ variant: "cny" })];
    const plugin = pluginOn(own, { profiles: { other: keysOf(other) } });
    const first = await ask(plugin);
    const second = await ask(plugin, { profile: "other" });
    expect(okay(first.data.currentMonth).currency).toBe("USD");
    expect(okay(second.data.currentMonth).currency).toBe("CNY");
    expect(first.data.meta.profile).toBeUndefined();
    expect(second.data.meta.profile).toBe("other");
    expect(second.text).toContain("profile other");
    expect(other.log.length).toBeGreaterThan(0);
    other.log.length = 0;
    expect((await ask(plugin, { profile: "other" })).data.meta.ceRequests).toBe(0);
    expect(other.log).toEqual([]);
    // What bills have shown belongs to their account, too.
    const { costExplorer } = plugin;
    expect(costExplorer.seenCurrency()).toBe("USD");
    expect(costExplorer.seenCurrency("other")).toBe("CNY");
  });

  test("leads on within the same account", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { profiles: { other: {} } });
    const { result } = await ask(plugin, { profile: "other" });
    const calls = (result.suggestedActions ?? []).filter(
      (action) => typeof action === "object" && action.tool !== undefined,
    );
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) expect(call).toMatchObject({ arguments: { profile: "other" } });
  });

  test("does not wait for an identity that another one could not have", async () => {
    const [own, other] = [await demo(), await demo()];
    own.faults.add({ operation: "GetCallerIdentity", kind: "http", times: "always" });
    const plugin = pluginOn(own, { profiles: { other: keysOf(other) } });
    expect((await ask(plugin)).data.meta.accountId).toBeUndefined();
    expect((await ask(plugin, { profile: "other" })).data.meta.accountId).toBe(other.accountId);
  });
});

describe("a profile with a role", () => {
  test("becomes it with the plugin's own keys, once for all requests", async () => {
    const account = await demo();
    const plugin = pluginOn(account, {
      profiles: { audit: { role_arn: auditor, external_id: "demo-external-id" } },
    });
    const { data } = await ask(plugin, { profile: "audit", analysis: "alerts" });
    expect(okay(data.budgetAlerts).status).toBe("ok");
    expect(data.meta.accountId).toBe("444455556666");
    expect(operations(account).filter((name) => name === "AssumeRole")).toHaveLength(1);
    const [assumed, ...asked] = account.log.toSorted(
      (left, right) =>
        Number(right.operation === "AssumeRole") - Number(left.operation === "AssumeRole"),
    );
    expect(assumed?.scope?.accessKeyId).toBe(account.accessKeyId);
    expect(assumed?.body).toMatchObject({
      RoleArn: auditor,
      RoleSessionName: "agentflow-mcp",
      ExternalId: "demo-external-id",
    });
    for (const { scope, signatureOk } of asked) {
      expect(scope?.accessKeyId).toMatch(/^ASIADEMO/);
      expect(signatureOk).toBe(true);
    }
    const caller = await plugin.costExplorer.verifyCredentials({ profile: "audit" });
    expect(caller.arn).toBe("arn:aws:sts::444455556666:assumed-role/demo-partner/agentflow-mcp");
    // The plugin's own credentials are not the role's.
    expect((await plugin.costExplorer.verifyCredentials()).arn).toContain("user/demo");
  });

  test("that it may not become says which, and what to look at", async () => {
    const account = await demo();
    const plugin = pluginOn(account, {
      profiles: { audit: { roleArn: auditor, externalId: "not-the-right-one" } },
    });
    const { result } = await ask(plugin, { profile: "audit" });
    expect(errorOf(result).code).toBe("ACCESS_DENIED");
    expect(errorOf(result).message).toContain(
      `arn:aws:iam::111122223333:user/demo may not assume ${auditor}.`,
    );
    expect(errorOf(result).message).toContain("same external id");
    expect(errorOf(result).message).not.toContain("not-the-right-one");
    expect(errorOf(result).message).not.toContain("ce:GetCostAndUsage");
    // Nothing is asked as somebody else instead.
    expect(new Set(operations(account))).toEqual(new Set(["AssumeRole"]));
  });

  test("whose session has expired becomes it again within the same call", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { profiles: { read: { roleArn: reader } } });
    account.faults.add({ operation: "GetCostAndUsage", kind: "expired-token" });
    const { data } = await ask(plugin, { profile: "read" });
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    expect(operations(account).filter((name) => name === "AssumeRole")).toHaveLength(2);
  });

  test("whose own keys have expired says that, and tries nothing again", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { profiles: { read: { roleArn: reader } } });
    account.faults.add({ operation: "AssumeRole", kind: "expired-token", times: "always" });
    const { data } = await ask(plugin, { profile: "read" });
    const { code, message, retryable } = failureOf(data.currentMonth);
    expect({ code, retryable }).toEqual({ code: "EXPIRED_TOKEN", retryable: false });
    expect(message).toContain('keys of profile "read" in the plugin\'s settings have expired');
    expect(operations(account)).not.toContain("GetCostAndUsage");
  });

  test("does not hang with STS", async () => {
    const account = await demo();
    account.faults.add({ operation: "AssumeRole", kind: "hang", times: "always" });
    const plugin = pluginOn(account, { profiles: { read: { roleArn: reader } } });
    const { result } = await ask(plugin, { profile: "read" }, { timeMs: 1500 });
    expect(errorOf(result).code).toBe("TIMEOUT");
  });
});

describe("a profile of ~/.aws", () => {
  test("gives its keys, and gives them anew after they were renewed in the file", async () => {
    const account = await demo();
    const file = await credentialsFile("corp", {
      id: account.accessKeyId,
      secret: "of-yesterday-0123456789",
    });
    const plugin = createPlugin({
      endpoint: account.endpoint,
      now: noon.toISOString(),
      profiles: { company: { aws_profile: "corp" } },
    });
    onTestFinished(() => plugin.onPluginUnload());
    const { result } = await ask(plugin, { profile: "company" });
    expect(errorOf(result)).toMatchObject({
      code: "BAD_CREDENTIALS",
      message: expect.stringContaining('of profile "company"') as string,
    });
    await file.write(account.secretAccessKey);
    const { data } = await ask(plugin, { profile: "company" });
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
  });

  test("may lend its keys to a role", async () => {
    const account = await demo();
    await credentialsFile("corp", { id: account.accessKeyId, secret: account.secretAccessKey });
    const plugin = createPlugin({
      endpoint: account.endpoint,
      now: noon.toISOString(),
      profiles: { company: { awsProfile: "corp", roleArn: reader } },
    });
    onTestFinished(() => plugin.onPluginUnload());
    const { arn } = await plugin.costExplorer.verifyCredentials({ profile: "company" });
    expect(arn).toContain("assumed-role/demo-auditor");
  });

  test("that is not there is named, and nobody else is asked instead", async () => {
    const account = await demo();
    vi.stubEnv("AWS_ACCESS_KEY_ID", account.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", account.secretAccessKey);
    const plugin = createPlugin({
      endpoint: account.endpoint,
      profiles: { company: { awsProfile: "nope" } },
    });
    onTestFinished(() => plugin.onPluginUnload());
    const { result } = await ask(plugin, { profile: "company" });
    expect(errorOf(result)).toMatchObject({
      code: "NO_CREDENTIALS",
      message: expect.stringContaining(
        'No AWS credentials found for profile "company": is "nope" in ~/.aws/config',
      ) as string,
    });
    expect(account.log).toEqual([]);
  });

  test("is read anew for the plugin's own credentials, too", async () => {
    const account = await demo();
    const file = await credentialsFile("default", {
      id: account.accessKeyId,
      secret: "of-yesterday-0123456789",
    });
    const plugin = createPlugin({ endpoint: account.endpoint, now: noon.toISOString() });
    onTestFinished(() => plugin.onPluginUnload());
    expect(errorOf((await ask(plugin)).result).code).toBe("BAD_CREDENTIALS");
    await file.write(account.secretAccessKey);
    expect(okay((await ask(plugin)).data.currentMonth).total).toBeGreaterThan(0);
  });

  test.each([
    ["file", /session for profile "x" has expired. Run `aws sso login --profile corp`/],
    ["settings", /keys of profile "x" in the plugin's settings have expired/],
  ])("whose session has expired says how keys of a %s are renewed", async (where, text) => {
    const account = await demo({ faults: [{ kind: "expired-token", times: "always" }] });
    await credentialsFile("corp", { id: account.accessKeyId, secret: account.secretAccessKey });
    const x = where === "file" ? { awsProfile: "corp" } : keysOf(account);
    const plugin = createPlugin({ endpoint: account.endpoint, profiles: { x } });
    onTestFinished(() => plugin.onPluginUnload());
    const { result } = await ask(plugin, { profile: "x" });
    expect(errorOf(result).code).toBe("EXPIRED_TOKEN");
    expect(errorOf(result).message).toMatch(text);
  });
});

describe("the setting `profiles`", () => {
  test.each([
    [{ x: { awsProfile: "a", awsAccessKey: "b", awsSecretKey: "c" } }, "exclude one another"],
    [{ x: { awsAccessKey: "b" } }, "belong together"],
    [{ x: { awsSessionToken: "b" } }, "awsSessionToken needs"],
    [{ x: { externalId: "abc" } }, "externalId belongs to a roleArn"],
    [{ x: { roleArn: "Audit" } }, "A role looks like"],
    [{ x: { rolArn: reader } }, "rolArn"],
    [{ x: { region: "Frankfurt" } }, "A region looks like"],
    [{ x: { roleArn: reader, region: "cn-north-1" } }, "not in the partition"],
    [{ default: {} }, "the plugin's own credentials"],
    [{ "a b": {} }, "A profile's name"],
  ])("refuses %j", (profiles, message) => {
    const result = configSchema.safeParse({ profiles });
    expect(z.prettifyError(result.error as z.ZodError)).toContain(message);
  });

  test("may be spelled in snake_case, but a name stays as it is", () => {
    const { profiles } = configSchema.parse({
      profiles: { prod_eu: { aws_profile: "corp", role_arn: reader, external_id: "abc" } },
    });
    expect(profiles).toEqual({
      prod_eu: { awsProfile: "corp", roleArn: reader, externalId: "abc" },
    });
  });

  test("survives being parsed twice, as between host and plugin", () => {
    const parsed = configSchema.parse({ profiles: { a: { region: "eu-west-1" } } });
    expect(configSchema.parse(parsed)).toEqual(parsed);
  });
});

describe("a partition", () => {
  test.each([
    ["us-east-1", "ce.us-east-1.amazonaws.com", "iam.amazonaws.com"],
    ["cn-north-1", "ce.cn-northwest-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn"],
    ["us-gov-east-1", "ce.us-gov-west-1.amazonaws.com", "iam.us-gov.amazonaws.com"],
  ])("of a profile in %s has endpoints of its own", async (region, ce, iam) => {
    const clients = new AwsClients({ accessKey: "a", secretKey: "b", region });
    onTestFinished(() => clients.destroy());
    for (const [service, host] of [
      ["ce", ce],
      ["iam", iam],
    ] as const) {
      const { client } = await clients.get(service, clients.regionOf(service));
      const { endpointProvider } = client.config as unknown as {
        endpointProvider: (parameters: object) => { url: URL };
      };
      expect(endpointProvider({ Region: clients.regionOf(service) }).url.hostname).toBe(host);
    }
  });

  test("decides the currency of anomalies, for which AWS names none", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeBudgets", kind: "access-denied", times: "always" });
    const plugin = pluginOn(account);
    const { data } = await ask(plugin, { analysis: "anomalies" });
    expect(okay(data.anomalies)).toMatchObject({ currency: "USD", currencyAssumed: true });
    const { api } = createPlugin({ profiles: { china: { region: "cn-north-1" } } }).costExplorer;
    expect(["china", undefined].map((name) => api.regionOf(name))).toEqual([
      "cn-north-1",
      "us-east-1",
    ]);
  });
});

/** An endpoint as careless as it can be: it refuses everything, and repeats what it should not. */
async function careless(message: string): Promise<string> {
  const server = createServer((request, response) => {
    const isForm = request.headers["content-type"]?.includes("form") === true;
    response.writeHead(400, { "content-type": isForm ? "text/xml" : "application/x-amz-json-1.1" });
    const error = `<Error><Code>ValidationError</Code><Message>${message}</Message></Error>`;
    const json = JSON.stringify({ __type: "ValidationException", message });
    response.end(isForm ? `<ErrorResponse>${error}</ErrorResponse>` : json);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("keys of the settings", () => {
  const secrets = {
    awsAccessKey: "AKIDOFTHESETTINGS01",
    awsSecretKey: "secret/of/the/settings+0123456789",
    awsSessionToken: "token-of-the-settings-0123456789",
  };
  const others = {
    awsAccessKey: "AKIDOFTHEPROFILE001",
    awsSecretKey: "secret/of/the/profile+0123456789",
    awsSessionToken: "token-of-the-profile-0123456789",
    externalId: "external-id-of-the-profile",
    roleArn: reader,
  };

  test("are in no answer, error, log line or resource, whatever AWS says", async () => {
    const all = [...Object.values(secrets), ...Object.values(others)].filter(
      (text) => text !== reader,
    );
    const endpoint = await careless(`Bad request: ${all.join(" ")}`);
    const plugin = createPlugin({
      ...secrets,
      endpoint,
      slackWebhookUrl: "https://hooks.slack.com/services/T000/B000/of-the-settings",
      profiles: { x: others, y: { roleArn: reader } },
      costTreshold: 1,
    });
    onTestFinished(() => plugin.onPluginUnload());
    const seen: unknown[] = [];
    const lines: never[] = [];
    await plugin.onPluginLoad({
      ...requestFor({}, { lines }),
      id: "aws-operations",
      resourceUpdated: () => undefined,
      definitionsChanged: () => undefined,
    });
    for (const name of Object.keys(plugin.getToolsConfig())) {
      for (const profile of [undefined, "x", "y"]) {
        const args = profile === undefined ? {} : { profile };
        const answer = await callTool(plugin, name, args, { lines, retries: 0 }).catch(
          (error: unknown) => [String(error), (error as { code?: string }).code],
        );
        seen.push(answer);
      }
    }
    for (const [uri, resource] of Object.entries(plugin.getResources())) {
      const contents = await resource.read?.({ ...requestFor({}), uri, variables: {} });
      seen.push(resource.text, contents);
    }
    await expect.poll(() => lines.length, { timeout: 5000 }).toBeGreaterThan(0);
    const shown = JSON.stringify([seen, lines, plugin.getToolsConfig(), plugin.getPrompts()]);
    for (const secret of [...all, "of-the-settings"]) expect(shown).not.toContain(secret);
    expect(shown).not.toContain("hooks.slack.com");
    expect(shown).toContain("Bad request: …");
  });
});
