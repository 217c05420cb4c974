import { afterEach } from "vitest";
import { definePlugin, type ToolConfig } from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost, type TestHostOptions } from "../../src/testing.ts";

/** Longest text of an answer, in characters. */
export const BUDGET = 10_000;
/** What no answer may hold. */
export const SECRET = "correct-horse-battery";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

export interface Given extends Partial<ToolConfig> {
  readonly answer: () => unknown;
}

/** A host with one tool `work` that gives an answer. */
export async function hostWith(
  { answer, ...tool }: Given,
  protocol: TestHostOptions["protocol"] = "2026-07-28",
  server: object = {},
): Promise<TestHost> {
  const work = { inputSchema: { type: "object" }, ...tool, handler: answer as () => string };
  running = await createTestHost({
    plugins: { p: definePlugin({ name: "p", version: "1.0.0", tools: { work } }) },
    config: {
      server: { limits: { maxResultChars: BUDGET }, ...server },
      plugins: { p: { apiKey: SECRET } },
    },
    protocol,
  });
  return running;
}

export type Result = Awaited<ReturnType<TestHost["client"]["callTool"]>>;

export const call = ({ client }: TestHost): Promise<Result> =>
  client.callTool({ name: "work", arguments: {} });

export function linksIn({ content }: Result): readonly string[] {
  return content.flatMap((block) => (block.type === "resource_link" ? [block.uri] : []));
}

export function linkIn(result: Result): string {
  const [uri = "none"] = linksIn(result);
  return uri;
}

interface Page {
  readonly text: string;
  readonly mimeType: string | undefined;
  readonly next: string | undefined;
}

export async function read({ client }: TestHost, uri: string): Promise<Page> {
  const { contents, _meta } = await client.readResource({ uri });
  const [first] = contents;
  const { next } = (_meta?.["agentflow/page"] ?? {}) as { next?: string };
  return {
    text: first === undefined ? "" : "text" in first ? first.text : first.blob,
    mimeType: first?.mimeType,
    next,
  };
}

/** All pages from here on. */
export async function readAll(host: TestHost, from: string): Promise<readonly string[]> {
  const pages: string[] = [];
  for (let uri: string | undefined = from; uri !== undefined;) {
    const { text, next }: Page = await read(host, uri);
    pages.push(text);
    uri = next;
  }
  return pages;
}
