import { expect, test } from "vitest";
import type { z } from "zod";
import {
  actionOf,
  isAllowed,
  leastPrivilegePolicy,
  type Service,
} from "../../../plugins/aws-operations/aws/services.ts";
import { AwsApi } from "../../../plugins/aws-operations/aws/api.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { callTool, demo, pluginOn } from "./helpers.ts";

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: { readonly enum?: readonly string[] };
  readonly anyOf?: readonly Property[];
}

const policy = leastPrivilegePolicy() as { readonly Statement: readonly { Action: string[] }[] };
const published = new Set(policy.Statement.flatMap(({ Action }) => Action));

/** Services that sign under another name than their own. */
const signedAs: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** What a tool can be told by choosing: each choice by itself, found in its own schema. */
function choicesOf(schema: unknown): Record<string, unknown>[] {
  const { properties = {} } = (schema as z.ZodType)["~standard"].jsonSchema.input({
    target: "draft-2020-12",
  }) as { readonly properties?: Readonly<Record<string, Property>> };
  return Object.entries(properties).flatMap(([name, property]) =>
    valuesOf(property).map((value) => ({ [name]: value })),
  );
}

function valuesOf(property: Property): unknown[] {
  if (property.type === "boolean") return [true];
  if (property.enum !== undefined) return [...property.enum];
  if (property.items?.enum !== undefined) return [property.items.enum];
  return (property.anyOf ?? []).flatMap(valuesOf);
}

const names = Object.keys(createPlugin().getToolsConfig());

test.each(names)("%s only reads, and nothing that the policy does not name", async (name) => {
  const account = await demo();
  const plugin = pluginOn(account);
  const tool = plugin.getToolsConfig()[name];
  for (const args of [{}, ...choicesOf(tool?.inputSchema)]) {
    try {
      await callTool(plugin, name, args, { retries: 0 });
    } catch (error) {
      // A choice that needs others beside it.
      expect(error).toMatchObject({ code: "BAD_REQUEST" });
    }
  }
  const sent = new Set(
    account.log.map(
      ({ service = "", operation }) => `${signedAs[service] ?? service} ${operation}`,
    ),
  );
  expect([...sent].filter((one) => !one.startsWith("sts "))).not.toEqual([]);
  for (const one of sent) {
    const [service = "", operation = ""] = one.split(" ");
    expect(isAllowed(service, operation), one).toBe(true);
    expect(operation).toMatch(/^(Get|List|Describe|Lookup|GenerateCredentialReport$)/);
    const action = actionOf(service as Service, operation);
    if (action !== "sts:GetCallerIdentity") expect(published, one).toContain(action);
  }
});

test("what is not on the list is not sent, whoever asks", async () => {
  const account = await demo();
  const api = new AwsApi({
    accessKey: account.accessKeyId,
    secretKey: account.secretAccessKey,
    endpoint: account.endpoint,
  });
  const ask = api.ask.bind(api) as unknown as (question: object) => Promise<unknown>;
  const question = { service: "ec2", operation: "TerminateInstances", input: {}, ttlMs: 0 };
  await expect(ask(question)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  api.close();
  expect(account.log).toEqual([]);
});
