import { resolve } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { clientConfigurations } from "../client-config.ts";
import { openApp } from "../open-app.ts";
import { EXIT, print } from "../output.ts";
import { listenForStop, runUntilStopped } from "../run-until-stopped.ts";
import { drawMarkdown, table } from "../table.ts";
import { parseAddress } from "./serve.ts";

export interface DemoOptions {
  readonly config?: string;
  readonly http?: string;
  /** End after the transcript. */
  readonly once?: boolean;
}

const QUESTIONS = [
  { question: "Why is my AWS bill so high?", tool: "aws_cost_analysis", arguments: {} },
  {
    question: "What will we have spent by the end of the month?",
    tool: "aws_cost_analysis",
    arguments: { analysis: "forecast" },
  },
  {
    question: "Did anything unusual happen, and do our budgets hold?",
    tool: "aws_cost_analysis",
    arguments: { analysis: "alerts" },
  },
] as const;

/** Serves the demo over HTTP, asks it three questions as a real client, and goes on serving. */
export async function demo(options: DemoOptions): Promise<number> {
  const address = options.http === undefined ? undefined : parseAddress(options.http);
  const stopSignal = listenForStop();
  const app = await openApp({ ...options, demo: true }, { logLevel: "warn" });
  try {
    // A run that ends by itself must not fail because somebody else has the usual port.
    const serving = await app.serveHttp(address ?? (options.once ? { port: 0 } : {}));
    print(`agentflow-mcp serves the demo account at ${serving.url}\n`);
    const allAnswered = await transcript(serving.url);
    print(heading("Connect a client"));
    const serveArgs = [
      "serve",
      "--demo",
      ...(options.config === undefined ? [] : ["--config", resolve(options.config)]),
    ];
    print(clientConfigurations("agentflow", serveArgs, options.once ? undefined : serving.url));
    if (options.once) return allAnswered ? EXIT.ok : EXIT.failed;
    print("\nStill serving. Stop with Ctrl+C.");
    return await runUntilStopped(app, serving, stopSignal);
  } finally {
    await app.stop();
  }
}

/** Connects as any client would and prints what a person wants to see. False if an answer was an error. */
async function transcript(url: string): Promise<boolean> {
  const client = new Client(
    { name: "agentflow-demo", version: "1.0.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  let allAnswered = true;
  try {
    const { tools } = await client.listTools();
    print(heading("Tools"));
    print(
      table(
        ["name", "what it is for"],
        tools.map(({ name, description = "" }) => [name, description.split(/(?<=\.)\s/u)[0] ?? ""]),
      ),
    );
    for (const { question, tool, arguments: args } of QUESTIONS) {
      print(heading(question));
      print(`-> ${tool} ${JSON.stringify(args)}\n`);
      const result = await client.callTool({ name: tool, arguments: args });
      if (result.isError) allAnswered = false;
      for (const block of result.content) {
        if (block.type === "text") print(`${drawMarkdown(block.text)}\n`);
      }
    }
  } finally {
    await client.close();
  }
  return allAnswered;
}

function heading(text: string): string {
  return `\n${text}\n${"=".repeat(text.length)}`;
}
