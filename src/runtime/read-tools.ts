import { isBag } from "../base/bag.ts";
import type { JsonSchema, ToolAnnotations, ToolConfig } from "../plugin-api/index.ts";
import { messageOf } from "../base/errors.ts";
import type { Quarantined, ToolManifest, ToolSettingsManifest } from "../base/manifest.ts";
import type { LiveTool } from "./live-plugin.ts";
import { DESCRIBED_FIELDS, plain, readDescribed, show, text } from "./read-metadata.ts";
import { policySlips, readPolicy } from "./read-policy.ts";
import { compileSchema, type CompiledSchema } from "./schemas.ts";
import { fieldSlips } from "./slips.ts";
import { canonical, member, method } from "./spelling.ts";
import type { ValidatorCode } from "./validator-code.ts";

const TOOL_FIELDS = [
  ...DESCRIBED_FIELDS,
  "type",
  "category",
  "handler",
  "inputSchema",
  "outputSchema",
  "annotations",
  "permissions",
  "config",
];
const SETTINGS_FIELDS = ["toolName", "timeout", "retryCount", "policy"];
const ANNOTATION_FIELDS = [
  "title",
  "readOnlyHint",
  "destructiveHint",
  "idempotentHint",
  "openWorldHint",
];
const TOOL_NAME = /^[A-Za-z0-9._-]{1,128}$/u;
/** Longer ones are usually milliseconds by mistake. */
const LONG_TIMEOUT_MS = 900_000;

export interface ReadTools {
  readonly tools: ReadonlyMap<string, LiveTool>;
  readonly quarantined: readonly Quarantined[];
  readonly warnings: readonly string[];
}

interface ToolsOwner {
  readonly hasHandlers: boolean;
  readonly categories: readonly string[];
  readonly validators: ValidatorCode | undefined;
}

/** Reads `getToolsConfig()`. A bad entry is quarantined with its reason; the others stay. */
export async function readTools(
  entries: Readonly<Record<string, unknown>>,
  plugin: ToolsOwner,
): Promise<ReadTools> {
  const tools = new Map<string, LiveTool>();
  const quarantined: Quarantined[] = [];
  const warnings: string[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    try {
      const tool = await readTool(name, entry, plugin);
      tools.set(name, tool);
      warnings.push(...oddities(tool, entry));
    } catch (error) {
      quarantined.push({ kind: "tool", name, reason: messageOf(error) });
    }
  }
  return { tools, quarantined, warnings };
}

/** What works, and is probably not what the author meant. */
function oddities({ manifest }: LiveTool, entry: unknown): readonly string[] {
  const where = `the tool '${manifest.name}'`;
  const config = member(entry, "config");
  const { timeoutMs = 0 } = manifest.settings;
  return [
    ...fieldSlips(where, entry, TOOL_FIELDS),
    ...fieldSlips(`${where}.config`, config, SETTINGS_FIELDS),
    ...policySlips(`${where}.config.policy`, member(config, "policy")),
    ...fieldSlips(`${where}.annotations`, member(entry, "annotations"), ANNOTATION_FIELDS),
    ...(manifest.description === undefined
      ? [`${where} has no description: a model has only its name to choose it by`]
      : []),
    ...(timeoutMs > LONG_TIMEOUT_MS
      ? [`${where} has a timeout of ${timeoutMs / 1_000} s; 'config.timeout' is in seconds`]
      : []),
  ];
}

async function readTool(name: string, entry: unknown, plugin: ToolsOwner): Promise<LiveTool> {
  if (!TOOL_NAME.test(name)) {
    throw new Error("the name may have letters, digits, '.', '_' and '-', 1 to 128 of them");
  }
  if (name === "__proto__") throw new Error("the name is reserved");
  if (!isBag(entry)) throw new Error(`is ${typeof entry}, not a tool's configuration`);
  const config = canonical(entry, TOOL_FIELDS) as ToolConfig;
  const { category } = config;
  const handler = method(entry, "handler");
  if (config.handler !== undefined && handler === undefined) {
    throw new Error(`'handler' is ${typeof config.handler}, not a function`);
  }
  if (handler === undefined && !plugin.hasHandlers) {
    throw new Error("has no 'handler', and the plugin has no getHandlers() to carry it out");
  }
  if (category !== undefined && !plugin.categories.includes(category)) {
    throw new Error(
      `stands for the category '${category}', which is not among the plugin's: ${plugin.categories.join(", ") || "none"}`,
    );
  }
  const input =
    config.inputSchema === undefined
      ? messageSchema
      : await compiled("inputSchema", config.inputSchema, "input", plugin.validators);
  if (input.json["type"] !== "object") {
    throw new Error("'inputSchema' must describe an object (z.object({ … }) or type: \"object\")");
  }
  const output =
    config.outputSchema === undefined
      ? undefined
      : await compiled("outputSchema", config.outputSchema, "output", plugin.validators);
  return {
    manifest: plain(toolManifest(name, config, input.json, output?.json)),
    input,
    ...(output && { output }),
    ...(handler && { handler: handler as NonNullable<LiveTool["handler"]> }),
  };
}

async function compiled(
  field: string,
  schema: unknown,
  direction: "input" | "output",
  known: ValidatorCode | undefined,
): Promise<CompiledSchema> {
  try {
    return await compileSchema(schema, direction, known);
  } catch (cause) {
    throw new Error(`'${field}' ${schemaComplaint(messageOf(cause))}`, { cause });
  }
}

function schemaComplaint(message: string): string {
  return /^(?:is|names|comes|has) /u.test(message) ? message : `cannot be used: ${message}`;
}

function toolManifest(
  name: string,
  config: ToolConfig,
  inputSchema: JsonSchema,
  outputSchema: JsonSchema | undefined,
): ToolManifest {
  return {
    name,
    ...readDescribed(config as Readonly<Record<string, unknown>>),
    ...(config.category !== undefined && { category: config.category }),
    inputSchema,
    ...(outputSchema && { outputSchema }),
    annotations: annotations(config.annotations),
    permissions: permissions(config.permissions),
    settings: settings(config.config),
  };
}

function annotations(value: unknown): ToolAnnotations {
  if (value === undefined) return {};
  if (!isBag(value)) throw new Error("'annotations' is not an object");
  const fields = canonical(value, ANNOTATION_FIELDS);
  // One of the wrong type would make clients refuse the whole list.
  for (const name of ANNOTATION_FIELDS) {
    const wanted = name === "title" ? "string" : "boolean";
    if (fields[name] !== undefined && typeof fields[name] !== wanted) {
      throw new Error(`'annotations.${name}' must be a ${wanted}, found ${show(fields[name])}`);
    }
  }
  return fields;
}

function permissions(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new Error("'permissions' must be a list of texts");
}

function settings(value: unknown): ToolSettingsManifest {
  if (value === undefined) return {};
  if (!isBag(value)) throw new Error("'config' is not an object");
  const { toolName, timeout, retryCount, policy } = canonical(value, SETTINGS_FIELDS);
  return {
    ...(toolName !== undefined && { toolName: text("config.toolName", toolName) }),
    ...readPolicy(timeout, retryCount, policy),
  };
}

/** What a tool takes whose author gave no schema: a request in words. */
const messageSchema: CompiledSchema = {
  json: {
    type: "object",
    properties: {
      message: { type: "string", description: "The request, in the user's own words." },
      context: { type: "object", description: "Anything the request refers to." },
      thread_id: { type: "string", description: "Id of the conversation, if there is one." },
    },
    required: ["message"],
  },
  validate: (value) => {
    const { message, context, thread_id: thread } = value as Record<string, unknown>;
    const issues = [
      ...(typeof message === "string" ? [] : [{ path: "message", message: "text is required" }]),
      ...(context === undefined || isBag(context)
        ? []
        : [{ path: "context", message: "must be an object" }]),
      ...(thread === undefined || typeof thread === "string"
        ? []
        : [{ path: "thread_id", message: "must be text" }]),
    ];
    return issues.length === 0 ? { ok: true, value } : { ok: false, issues };
  },
};
