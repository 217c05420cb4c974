import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type DemoAccount,
  startDemoAccount,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import * as plugin from "../../../../plugins/aws-operations/index.ts";
import { createTestHost, type TestHost } from "../../../../src/testing.ts";
import { noon } from "../helpers.ts";
import { places } from "./account-facts.ts";
import { billingQuestions } from "./billing.ts";
import type { Question } from "./question.ts";
import { resourceQuestions } from "./resources.ts";
import { securityQuestions } from "./security.ts";

const categories: Readonly<Record<string, readonly Question[]>> = {
  billing: billingQuestions,
  security: securityQuestions,
  resources: resourceQuestions,
};

let account: DemoAccount;
let host: TestHost;

beforeAll(async () => {
  account = await startDemoAccount({ now: () => noon });
  host = await createTestHost({
    plugins: { "aws-operations": plugin },
    config: {
      plugins: {
        "aws-operations": {
          awsAccessKey: account.accessKeyId,
          awsSecretKey: account.secretAccessKey,
          endpoint: account.endpoint,
          now: noon.toISOString(),
          checkCredentials: false,
          regions: [...places],
        },
      },
    },
  });
  await host.client.listTools();
});

afterAll(async () => {
  await host.close();
  await account.close();
});

interface Answer {
  readonly text: string;
  readonly data: unknown;
  /** Tools and prompts that the next steps lead to, and their arguments. */
  readonly next: string;
  readonly analysis: string | undefined;
}

async function answerTo(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
  const result = await host.client.callTool({ name: tool, arguments: args });
  const text = result.content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  expect(result.isError ?? false, text).toBe(false);
  const meta = result._meta?.["agentflow/result"] as {
    analysisType?: string;
    suggestedActions?: unknown[];
  };
  return {
    text,
    data: result.structuredContent,
    next: JSON.stringify(meta.suggestedActions ?? []),
    analysis: meta.analysisType,
  };
}

describe.each(Object.entries(categories))("%s", (_, questions) => {
  test.each(questions.map((each) => [each.question, each] as const))(
    "%s",
    async (_question, { call: [tool, args], text = [], without = [], data, next }) => {
      const answer = await answerTo(tool, args);
      for (const fact of text) {
        if (typeof fact === "string") expect(answer.text).toContain(fact);
        else expect(answer.text).toMatch(fact);
      }
      for (const other of without) expect(answer.text).not.toContain(other);
      if (data !== undefined) expect(answer.data).toMatchObject(data);
      if (next !== undefined) expect(answer.next).toContain(next);
    },
  );
});
