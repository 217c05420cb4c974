import { describe, expect, test } from "vitest";
import type { Variant } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { SERVICES } from "../../../../plugins/aws-operations/demo-account/server.ts";
import { failureOf, openDemo, type Clients } from "./helpers.ts";
import { hasModels, loadModel, MODELS, problemsOf } from "./model-validator.ts";
import { OPERATION_CALLS, sendCall, SERVICES_UNDER_TEST, type ServiceName } from "./operations.ts";

const NOWS = ["2026-11-20T10:00:00Z", "2026-11-01T00:00:00Z", "2028-02-29T23:00:00Z"];

const SERVICE_NAMES = Object.keys(SERVICES_UNDER_TEST) as ServiceName[];

/** Services whose answers are JSON on the wire. */
const JSON_CLIENTS = ["budgets", "ce", "cloudTrail", "cloudWatch", "health"] as const;

/** Keeps the JSON of each answer as it came over the wire. */
function recordBodies(clients: Clients): unknown[] {
  const bodies: unknown[] = [];
  for (const name of JSON_CLIENTS) {
    const handler = clients[name].config.requestHandler;
    const handle = handler.handle.bind(handler);
    handler.handle = async (...args: Parameters<typeof handle>) => {
      const result = await handle(...args);
      const chunks: Buffer[] = [];
      for await (const chunk of result.response.body as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      bodies.push(JSON.parse(body.toString()));
      result.response.body = body;
      return result;
    };
  }
  return bodies;
}

/** What the SDK has read from XML, as JSON would carry it. */
function asJson(output: unknown): unknown {
  if (output instanceof Date) return output.getTime() / 1000;
  if (typeof output !== "object" || output === null) return output;
  return Object.fromEntries(
    Object.entries(output)
      .filter(([name]) => name !== "$metadata")
      .map(([name, value]) => [name, asJson(value)]),
  );
}

async function problemsWith(service: ServiceName, variant: Variant): Promise<string[]> {
  const model = loadModel(SERVICES_UNDER_TEST[service].model);
  const problems: string[] = [];
  for (const now of NOWS) {
    const demo = await openDemo(now, { variant, pageSize: 20 });
    const bodies = recordBodies(demo);
    for (const call of OPERATION_CALLS.filter((one) => one.service === service)) {
      const { operation, refusal } = call;
      bodies.length = 0;
      if (refusal !== undefined) {
        const { name } = await failureOf(sendCall(call, demo, now));
        if (name !== refusal) problems.push(`${operation} was refused as ${name}`);
        const { errors = [] } = model.operations[operation] ?? {};
        if (errors.every(({ shape }) => shape !== refusal)) problems.push(`${refusal}: unknown`);
        continue;
      }
      const output = await sendCall(call, demo, now);
      const shape = model.operations[operation]?.output?.shape ?? "";
      problems.push(...problemsOf(model, shape, bodies[0] ?? asJson(output), operation));
    }
  }
  return problems;
}

test("each operation that is served has a call in the table", () => {
  const called = new Set(
    OPERATION_CALLS.map(
      ({ service, operation }) => `${SERVICES_UNDER_TEST[service].signingName} ${operation}`,
    ),
  );
  const served = [...SERVICES.json.values(), SERVICES.query].flatMap(
    ({ signingName, operations }) => [...operations.keys()].map((name) => `${signingName} ${name}`),
  );
  expect([...called].toSorted()).toEqual([...new Set(served)].toSorted());
});

describe.skipIf(!hasModels)(
  `answers fit the models AWS publishes (skipped without ${MODELS})`,
  () => {
    test.each<[ServiceName, Variant]>([
      ...SERVICE_NAMES.map((name): [ServiceName, Variant] => [name, "default"]),
      ["budgets", "cny"],
      ["budgets", "new"],
      ["ce", "cny"],
      ["cloudTrail", "new"],
      ["cloudWatch", "new"],
      ["health", "new"],
    ])("%s, %s", async (service, variant) => {
      expect(await problemsWith(service, variant)).toEqual([]);
    });

    test("every operation served is in the model", () => {
      for (const { service, operation } of OPERATION_CALLS) {
        const { operations } = loadModel(SERVICES_UNDER_TEST[service].model);
        expect(Object.keys(operations)).toContain(operation);
      }
    });

    test("the validator finds what is wrong", () => {
      const model = loadModel("budgets-2016-10-20");
      const budget = {
        BudgetName: "a:b",
        TimeUnit: "WEEKLY",
        TimePeriod: { Start: "now" },
        Extra: 1,
      };
      expect(problemsOf(model, "Budget", budget, "budget")).toEqual([
        "budget: lacks BudgetType",
        expect.stringContaining('budget.BudgetName: "a:b" does not match'),
        'budget.TimeUnit: "WEEKLY" is not one of its values',
        "budget.TimePeriod.Start: not a time in epoch seconds",
        "budget: has an unknown member Extra",
      ]);
    });
  },
);
