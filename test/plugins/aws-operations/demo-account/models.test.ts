import { describe, expect, test } from "vitest";
import type { Variant } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { SERVICES } from "../../../../plugins/aws-operations/demo-account/services/services.ts";
import { failureOf, openDemo } from "./helpers.ts";
import { answerProblems, hasModels, loadModel, MODELS, problemsOf } from "./model-validator.ts";
import { OPERATION_CALLS, sendCall, SERVICES_UNDER_TEST, type ServiceName } from "./operations.ts";
import { recordBodies } from "./recorded-bodies.ts";

const NOWS = ["2026-11-20T10:00:00Z", "2026-11-01T00:00:00Z", "2028-02-29T23:00:00Z"];

const SERVICE_NAMES = Object.keys(SERVICES_UNDER_TEST) as ServiceName[];

/** Services with tables and tests of their own, since their answers depend on the region or on ids. */
const ELSEWHERE = new Set<string>(["access-analyzer", "ec2", "iam"]);

async function problemsWith(service: ServiceName, variant: Variant): Promise<string[]> {
  const model = loadModel(SERVICES_UNDER_TEST[service].model);
  const problems: string[] = [];
  for (const now of NOWS) {
    const demo = await openDemo(now, { variant, pageSize: 20 });
    const bodies = recordBodies([demo[service]]);
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
      await sendCall(call, demo, now);
      problems.push(...answerProblems(model, operation, bodies[0] ?? ""));
    }
  }
  return problems;
}

test("each operation that is served has a call in the table", async () => {
  const called = new Set(
    OPERATION_CALLS.map(
      ({ service, operation }) => `${SERVICES_UNDER_TEST[service].signingName} ${operation}`,
    ),
  );
  const services = await Promise.all(SERVICES.map(({ load }) => load()));
  const served = services
    .filter(({ signingName }) => !ELSEWHERE.has(signingName))
    .flatMap(({ signingName, operations }) =>
      [...operations.keys()].map((name) => `${signingName} ${name}`),
    );
  expect([...called].toSorted()).toEqual(served.toSorted());
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
