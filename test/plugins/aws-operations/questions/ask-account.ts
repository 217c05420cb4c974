import { afterAll, beforeAll, expect } from "vitest";
import {
  type DemoAccount,
  startDemoAccount,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import * as plugin from "../../../../plugins/aws-operations/index.ts";
import { createTestHost, type TestHost } from "../../../../src/testing.ts";
import { noon } from "../helpers.ts";
import { places } from "./account-facts.ts";

interface Answer {
  readonly text: string;
  readonly data: unknown;
  readonly analysis: string | undefined;
  /** The next steps: tools and prompts that they lead to, and arguments. */
  readonly next: string;
}

type Ask = (tool: string, args: Readonly<Record<string, unknown>>) => Promise<Answer>;

/** One demo account for all tests of a file, asked by a real client through the host. */
export function askAccount(): Ask {
  let account: DemoAccount | undefined;
  let host: TestHost | undefined;

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
    // The client checks answers against the schemas that it has seen.
    await host.client.listTools();
  });

  afterAll(async () => {
    await host?.close();
    await account?.close();
  });

  return async (tool, args) => {
    const result = await host?.client.callTool({ name: tool, arguments: args });
    const blocks = result?.content ?? [];
    const text = blocks.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    expect(result?.isError ?? false, text).toBe(false);
    const meta = result?._meta?.["agentflow/result"] as {
      analysisType?: string;
      suggestedActions?: unknown[];
    };
    return {
      text,
      data: result?.structuredContent,
      analysis: meta.analysisType,
      next: JSON.stringify(meta.suggestedActions ?? []),
    };
  };
}
