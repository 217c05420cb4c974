import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Readable } from "node:stream";
import { cliCommand, cliEnv, FIXTURE_CONFIG } from "./cli.ts";
import { startHttpServer } from "./http-server.ts";
import { isAlive } from "./is-alive.ts";
import { Journal } from "./journal.ts";
import { tempFolder } from "./temp-folder.ts";

const CLIENTS = {
  "v1 SDK": { protocol: "2025-11-25" },
  "v2 SDK by default": { protocol: "2025-11-25" },
  "v2 SDK negotiating": { protocol: "2026-07-28" },
  "v2 SDK pinned to 2026-07-28": { protocol: "2026-07-28" },
} as const;

export type ClientKind = keyof typeof CLIENTS;
export const CLIENT_KINDS = Object.keys(CLIENTS) as ClientKind[];
type TransportKind = "stdio" | "HTTP";

/** A kind of client on a transport, as real hosts use them. */
export interface Combination {
  readonly client: ClientKind;
  readonly transport: TransportKind;
  /** The revision that the two must agree on. */
  readonly protocol: "2025-11-25" | "2026-07-28";
}

/** Every kind of client on every transport. */
export const COMBINATIONS: readonly Combination[] = (["stdio", "HTTP"] as const).flatMap(
  (transport) =>
    CLIENT_KINDS.map((client) => ({
      client,
      transport,
      protocol: CLIENTS[client].protocol,
    })),
);

interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  /** Of the request. */
  readonly meta?: Record<string, unknown>;
  readonly onprogress?: (note: {
    progress: number;
    total?: number | undefined;
    message?: string | undefined;
  }) => void;
}

export interface ToolResult {
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly uri?: string;
  }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

type Arguments = Record<string, unknown>;

/** What the two SDKs' clients have in common, and the log of the server they talk to. */
export interface Connection {
  readonly log: Journal;
  readonly instructions: string | undefined;
  readonly serverName: string | undefined;
  readonly protocol: string | undefined;
  listTools(): Promise<readonly Listed[]>;
  listPrompts(): Promise<readonly Listed[]>;
  listResources(): Promise<readonly (Listed & { readonly uri: string })[]>;
  listTemplates(): Promise<readonly (Listed & { readonly uriTemplate: string })[]>;
  callTool(name: string, args?: Arguments, options?: RequestOptions): Promise<ToolResult>;
  getPrompt(name: string, args?: Record<string, string>): Promise<PromptText>;
  /** The first text of a resource. */
  readText(uri: string): Promise<string>;
  /** The parsed JSON of a resource. */
  readJson(uri: string): Promise<unknown>;
  close(): Promise<void>;
}

interface Listed {
  readonly name: string;
  readonly [key: string]: unknown;
}

interface PromptText {
  readonly description?: string | undefined;
  readonly text: string;
}

/** What the user fills in, of a form with this schema. */
export type FillIn = (schema: FormSchema) => Record<string, string | boolean>;

export interface FormSchema {
  readonly properties: Readonly<Record<string, { readonly type?: string }>>;
}

/** Starts a server of its own for a client and connects the two. Somebody to fill in forms makes one that can ask. */
export async function connect(
  { client, transport }: Combination,
  config = FIXTURE_CONFIG,
  fillIn?: FillIn,
): Promise<Connection> {
  if (transport === "stdio") return connectStdio(client, config, fillIn);
  const server = await startHttpServer({ config });
  try {
    const connection = await connectHttp(client, server.url, server.cli.stderr, {}, fillIn);
    return {
      ...connection,
      close: async () => {
        await connection.close();
        await server.cli.dispose();
      },
    };
  } catch (error) {
    await server.cli.dispose();
    throw error;
  }
}

/** Connects to a server that runs. */
export async function connectHttp(
  kind: ClientKind,
  url: URL,
  log: Journal,
  headers: Record<string, string> = {},
  fillIn?: FillIn,
): Promise<Connection> {
  const client = createClient(kind, fillIn);
  const options = { requestInit: { headers } };
  const transport =
    client instanceof ClientV1 ? new HttpV1(url, options) : new HttpV2(url, options);
  const protocol = await agree(client, transport);
  return asConnection(client, protocol, log, () => client.close());
}

/** Connects to a server that the client starts, as the SDKs do it. */
async function connectStdio(
  kind: ClientKind,
  config: string,
  fillIn: FillIn | undefined,
): Promise<Connection> {
  const parameters = {
    ...cliCommand(["serve", "--config", config]),
    env: cliEnv(),
    cwd: tempFolder(),
    stderr: "pipe" as const,
  };
  const log = new Journal();
  const client = createClient(kind, fillIn);
  const transport = client instanceof ClientV1 ? new StdioV1(parameters) : new StdioV2(parameters);
  log.follow(transport.stderr as Readable);
  const protocol = await agree(client, transport);
  const { pid } = transport;
  return asConnection(client, protocol, log, async () => {
    await client.close();
    if (pid !== null && isAlive(pid))
      throw new Error(`The server (pid ${pid}) outlived its client`);
  });
}

/** Connects and says on which revision the two have agreed. */
async function agree(
  client: ClientV1 | ClientV2,
  transport: StdioV1 | StdioV2 | HttpV1 | HttpV2,
): Promise<string | undefined> {
  if (client instanceof ClientV2) {
    await client.connect(transport);
    return client.getNegotiatedProtocolVersion();
  }
  // The v1 client tells nobody but its transport.
  let agreed: string | undefined;
  const plain = transport as Parameters<ClientV1["connect"]>[0];
  const tell = plain.setProtocolVersion?.bind(plain);
  plain.setProtocolVersion = (version) => {
    agreed = version;
    tell?.(version);
  };
  await client.connect(plain);
  return agreed;
}

const CAPABILITIES = { elicitation: { form: {} } };

/** A client of a kind, not yet connected. */
export function createClient(kind: ClientKind, fillIn?: FillIn): ClientV1 | ClientV2 {
  const info = { name: "agentflow-e2e", version: "1.0.0" };
  const capabilities = fillIn && CAPABILITIES;
  const answer = ({ params }: { params: object }): { action: "accept"; content: object } => {
    const { requestedSchema } = params as { readonly requestedSchema?: FormSchema };
    return { action: "accept", content: requestedSchema ? (fillIn?.(requestedSchema) ?? {}) : {} };
  };
  if (kind === "v1 SDK") {
    const client = new ClientV1(info, { ...(capabilities && { capabilities }) });
    if (fillIn) client.setRequestHandler(ElicitRequestSchema, answer);
    return client;
  }
  const versionNegotiation = NEGOTIATIONS[kind];
  const client = new ClientV2(info, {
    ...(capabilities && { capabilities }),
    ...(versionNegotiation && { versionNegotiation }),
  });
  if (fillIn) client.setRequestHandler("elicitation/create", answer as never);
  return client;
}

const NEGOTIATIONS = {
  "v2 SDK by default": undefined,
  "v2 SDK negotiating": { mode: "auto" },
  "v2 SDK pinned to 2026-07-28": { mode: { pin: "2026-07-28" } },
} as const;

function asConnection(
  client: ClientV1 | ClientV2,
  protocol: string | undefined,
  log: Journal,
  close: () => Promise<void>,
): Connection {
  const call = (
    name: string,
    args: Arguments | undefined,
    { meta, ...options }: RequestOptions = {},
  ): Promise<unknown> => {
    const params = { name, ...(args && { arguments: args }), ...(meta && { _meta: meta }) };
    return client instanceof ClientV1
      ? client.callTool(params, undefined, options)
      : client.callTool(params, options);
  };
  return {
    log,
    protocol,
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    listPrompts: async () => (await client.listPrompts()).prompts,
    listResources: async () => (await client.listResources()).resources,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    callTool: async (name, args, options) => (await call(name, args, options)) as ToolResult,
    getPrompt: async (name, args) => {
      const params = { name, ...(args && { arguments: args }) };
      const { description, messages } = await client.getPrompt(params);
      const [message] = messages;
      if (messages.length !== 1 || message?.content.type !== "text") {
        throw new Error("The prompt is not one text message");
      }
      return { description, text: message.content.text };
    },
    readText: async (uri) => {
      const [first] = (await client.readResource({ uri })).contents;
      if (first === undefined || !("text" in first)) throw new Error("The resource is no text");
      return first.text;
    },
    readJson: async (uri) => {
      const { contents } = await client.readResource({ uri });
      const [content] = contents;
      if (contents.length !== 1 || content === undefined || !("text" in content)) {
        throw new Error("The resource is not one text");
      }
      return JSON.parse(content.text);
    },
    close,
  };
}
