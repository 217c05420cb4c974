import { z } from "zod";
import { LOG_LEVELS } from "../base/logger.ts";
import { MAX_VALUE_CHARS } from "../base/storage.ts";
import { policyShape, seconds, slots } from "./policy-schema.ts";

/** As it stands in a Host header, less the port. */
const hostName = (): z.ZodString =>
  z.string().regex(/^(?:[\w.-]+|\[[\da-f:]+\])$/iu, "a host name without scheme, port or wildcard");

const limits = z
  .strictObject({
    maxMessageBytes: z
      .int()
      .min(1_024)
      .default(4_194_304)
      .describe("Longest message a client may send, in bytes, over stdio and HTTP alike."),
    maxArgumentChars: z
      .int()
      .positive()
      .default(1_000_000)
      .describe("Longest arguments of one tool call, in characters of JSON."),
    maxArgumentDepth: z
      .int()
      .positive()
      .default(64)
      .describe("Deepest nesting of a tool call's arguments."),
    maxResultChars: z
      .int()
      .min(1_000)
      .default(100_000)
      .describe(
        "Text, structured content and `_meta` that an answer brings at once, in characters each; what is over is kept and linked to.",
      ),
    maxListItems: z
      .int()
      .positive()
      .default(1_000)
      .describe("Definitions on one page of a list; clients ask for the next page."),
  })
  .prefault({})
  .describe("Sizes above which messages, arguments and results are refused with a clear error.");

const sessions = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        "False answers every request by itself, as `--stateless` does: any of several servers can, but it cannot ask the user, tell of changes, or be told to cancel.",
      ),
    idleTimeout: seconds()
      .default(1_800)
      .describe("Seconds after which a session that nobody uses is closed."),
    max: z
      .int()
      .positive()
      .default(1_000)
      .describe("Most sessions at a time; a new one takes the place of the one longest unused."),
  })
  .prefault({})
  .describe("Sessions of clients that speak revisions before 2026-07-28.");

const tasks = z
  .strictObject({
    retention: seconds()
      .default(900)
      .describe(
        "Seconds for which the answer of a call that has left its request is kept, from its end on.",
      ),
    max: z
      .int()
      .positive()
      .default(1_000)
      .describe(
        "Most such calls at a time, kept answers included; above it, the oldest answer of whoever has most goes, or the call stays a request.",
      ),
    maxKeptChars: z
      .int()
      .positive()
      .default(67_108_864)
      .describe(
        "Characters of all kept answers together; the oldest of whoever has most go first.",
      ),
  })
  .prefault({})
  .describe("Calls that take long and leave their requests: tasks and jobs.");

const results = z
  .strictObject({
    retention: seconds()
      .default(900)
      .describe("Seconds for which an answer that was too long to send can be read."),
    maxKeptChars: z
      .int()
      .positive()
      .default(67_108_864)
      .describe("Characters of all such answers together; the oldest go first."),
  })
  .prefault({})
  .describe("Answers above `limits.maxResultChars`, which are kept under `result://`.");

const concurrency = z
  .strictObject({
    slots: z.int().positive().default(256).describe("Calls that run at a time, of all plugins."),
    queue: z
      .int()
      .min(0)
      .default(1_024)
      .describe("Calls that wait for their turn, of all plugins."),
    perPrincipal: z
      .int()
      .positive()
      .default(32)
      .describe("Calls of one principal that run at a time."),
    perPlugin: slots
      .default({ slots: 16, queue: 64 })
      .describe(
        "Calls of one plugin that run at a time, and that wait, where it says nothing else.",
      ),
  })
  .prefault({})
  .describe(
    "How much is done at a time. What is over is refused at once, and told when to come back.",
  );

const cache = z
  .strictObject({
    max: z.int().positive().default(1_000).describe("Most answers that are kept at a time."),
    maxChars: z
      .int()
      .positive()
      .default(16_777_216)
      .describe("Characters of all of them together; the oldest go first."),
  })
  .prefault({})
  .describe("Answers of tools with a `cache` in their policy.");

const dedup = z
  .strictObject({
    retention: seconds()
      .default(600)
      .describe(
        "Seconds within which a call with the same idempotency key is not carried out again.",
      ),
    max: z.int().positive().default(10_000).describe("Most calls that are remembered at a time."),
    maxChars: z
      .int()
      .positive()
      .default(16_777_216)
      .describe("Characters of their answers together; the oldest go first."),
  })
  .prefault({})
  .describe("Calls that must not be carried out twice.");

const http = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default("127.0.0.1")
      .describe("Address to listen on. Anything but loopback also needs a token."),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(3_333)
      .describe("Port to listen on; 0 picks a free one."),
    token: z
      .string()
      .optional()
      .describe(
        'Bearer token that clients must send, at least 32 bytes, best as "${AGENTFLOW_HTTP_TOKEN:-}". Empty means none.',
      ),
    allowedHosts: z
      .array(hostName())
      .default([])
      .describe(
        "Host names besides the loopback ones and `host` under which clients reach the server.",
      ),
    allowedOrigins: z
      .array(hostName())
      .default([])
      .describe("Host names of web pages that may call the server, besides the loopback ones."),
    sessions,
  })
  .prefault({})
  .describe("Streamable HTTP, served with `agentflow serve --http`.");

const server = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(64)
      .default("agentflow")
      .describe("Name under which the server presents itself to clients."),
    logLevel: z
      .enum(LOG_LEVELS)
      .default("info")
      .describe("Least important log line that is written to stderr."),
    shutdownGrace: seconds()
      .default(10)
      .describe("Seconds that calls in flight get to finish when the server is told to stop."),
    stateKey: z
      .string()
      .optional()
      .describe(
        'Secret with which questions to users are sealed between rounds, best as "${AGENTFLOW_STATE_KEY:-}". Needed only where several servers share the load. Default: one of its own.',
      ),
    watch: z
      .boolean()
      .default(false)
      .describe(
        "Loads plugins in processes anew when their files change. Without it, SIGHUP does that for all of them.",
      ),
    dataDirectory: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Folder for what the server keeps, relative to this file. Default: `~/.agentflow/data`.",
      ),
    policy: z
      .strictObject(policyShape)
      .default({})
      .describe("What holds for every tool whose author says nothing else."),
    concurrency,
    cache,
    dedup,
    http,
    tasks,
    results,
    limits,
  })
  .prefault({})
  .describe("The server itself.");

const storage = z
  .strictObject({
    backend: z
      .enum(["sqlite", "memory", "postgres", "mongodb"])
      .default("sqlite")
      .describe(
        "Where it is kept: in one file, in memory (gone with the process), or in a database that several servers share.",
      ),
    file: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The file of `sqlite`, relative to this file. Default: `storage.sqlite` in `server.dataDirectory`.",
      ),
    url: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Address of the database of `postgres` or `mongodb`, with user and password best as "${DATABASE_URL}".',
      ),
    maxValueChars: z
      .int()
      .positive()
      .max(MAX_VALUE_CHARS)
      .default(1_048_576)
      .describe("Longest value that a plugin may store, in characters of JSON."),
    maxKeys: z.int().positive().default(10_000).describe("Most keys that one plugin may have."),
  })
  .prefault({})
  .describe("What plugins keep between calls.");

const toolSettings = z.strictObject({
  enabled: z.boolean().default(true).describe("False takes the tool out of every list."),
  rename: z
    .string()
    .regex(
      /^(?!__proto__$)[A-Za-z0-9._-]{1,128}$/u,
      "letters, digits, '.', '_' and '-', at most 128",
    )
    .optional()
    .describe("Public name instead of the plugin's own."),
  ...policyShape,
});

/** The host's own keys of one plugin; all others are the plugin's. */
export const pluginHostKeys = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe(
      "Whether the plugin is loaded. Default: true for what was found, false for built-ins that nobody named.",
    ),
  isolation: z
    .enum(["inline", "process"])
    .optional()
    .describe(
      "Where the plugin runs: in the host's own process, or in one of its own. Default: `inline` for built-ins, `process` for all others.",
    ),
  group: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Plugins with the same group share one process, and end together when one of them takes it down.",
    ),
  memoryLimit: z
    .int()
    .min(64)
    .optional()
    .describe(
      "Most memory of the plugin's process, in MiB. Of a group, the largest holds. Default: 512.",
    ),
  idleTimeout: seconds()
    .optional()
    .describe(
      "Seconds without work after which the plugin's process is stopped, until it is needed again. Default: 300.",
    ),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/u, "letters, digits, '_' and '-', at most 32")
    .optional()
    .describe("Put before the names of the plugin's tools and prompts, as `<prefix>_<name>`."),
  concurrency: slots
    .optional()
    .describe("Calls of the plugin that run at a time, and that wait, instead of its own word."),
  policy: z
    .strictObject(policyShape)
    .optional()
    .describe("What holds for all tools of the plugin, whatever its author says."),
  tools: z
    .record(z.string(), toolSettings)
    .optional()
    .describe("Settings of single tools, by the author's name."),
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The plugin's own configuration. Keys beside it work too; these win."),
});

const headerName = (): z.ZodString =>
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/u, "a header name: letters, digits and '-'");

/** All keys of a declared MCP server; none is left for the server itself, which is configured by its own. */
export const serverSettings = z.strictObject({
  type: z.literal("mcp_server").describe("This entry declares an MCP server."),
  enabled: z.boolean().optional().describe("Whether the server is used. Default: true."),
  prefix: pluginHostKeys.shape.prefix,
  concurrency: pluginHostKeys.shape.concurrency,
  policy: pluginHostKeys.shape.policy,
  tools: pluginHostKeys.shape.tools,
  command: z
    .string()
    .min(1)
    .optional()
    .describe("Program that serves MCP on stdin and stdout: a path, or a name on the PATH."),
  args: z.array(z.string()).default([]).describe("Its arguments."),
  env: z
    .record(z.string().regex(/^[^=\0]+$/u, "a variable's name"), z.string())
    .default({})
    .describe(
      "Its environment, beside PATH, HOME, LANG and TMPDIR. It gets nothing else of the host's.",
    ),
  cwd: z
    .string()
    .min(1)
    .optional()
    .describe("Its working directory, relative to this file. Default: the folder of this file."),
  url: z
    .url({
      protocol: /^https?$/u,
      error: "an http: or https: URL",
    })
    .refine((url) => !/^\w+:\/\/[^/?#]*@/u.test(url), {
      error: 'a URL without user and password; put them into "headers"',
    })
    .optional()
    .describe("Address of a server that speaks Streamable HTTP."),
  headers: z
    .record(headerName(), z.string().regex(/^[^\r\n\0]*$/u, "one line of text"))
    .default({})
    .describe(
      'Sent with every request, for example { "Authorization": "Bearer ${TOKEN}" }. Values of secret names are redacted everywhere.',
    ),
  startTimeout: seconds()
    .default(30)
    .describe(
      "Seconds that `list`, `check` and `call` wait for the server. While serving, the host goes on trying.",
    ),
});

export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("Where editors find this schema."),
  server,
  storage,
  pluginDirectories: z
    .array(z.string().min(1))
    .default([])
    .describe("Folders with plugins, relative to this file."),
  pluginPackages: z
    .array(z.string().min(1))
    .default([])
    .describe("npm packages that are plugins, resolved from this file's folder."),
  plugins: z
    .record(z.string(), z.looseObject(pluginHostKeys.shape))
    .default({})
    .describe("Settings by plugin id; `-` and `_` are equal in ids."),
});

/** A whole configuration with its defaults. */
export type Config = z.output<typeof configSchema>;

/** What the operator says of one plugin. */
export type PluginSettings = z.output<typeof pluginHostKeys> & Readonly<Record<string, unknown>>;

/** What the operator says of a declared MCP server. */
export type ServerSettings = z.output<typeof serverSettings>;
