import { specTypeSchemas, UriTemplate } from "@modelcontextprotocol/client";
import type { Bag } from "../base/bag.ts";
import { examineJson } from "../base/examine-json.ts";
import { jsonLength } from "../base/json-length.ts";
import { ajvFor } from "../base/json-schema-dialects.ts";
import type { PromptManifest, ResourceManifest, ToolManifest } from "../base/manifest.ts";
import type { JsonSchema } from "../plugin-api/index.ts";

/** Longest definition, as JSON: each one goes to every client in every list. */
const MAX_CHARS = 200_000;
const DEEPEST = 64;
const NAME = /^[A-Za-z0-9._-]{1,128}$/u;
const URI = /^[a-z][a-z0-9+.-]*:/iu;
/** The host's own. */
const RESERVED = /^(?:agentflow|result):/iu;

/** Reads an entry of `tools/list`. Throws an Error that says why it cannot be served. */
export async function readTool(entry: unknown): Promise<ToolManifest> {
  const tool = checked(entry, "Tool");
  const { name, inputSchema, outputSchema, annotations, execution } = tool;
  checkName(name);
  if ((execution as Bag | undefined)?.["taskSupport"] === "required") {
    throw new Error("can only be called as a task of 2025-11-25, which this host does not know");
  }
  await checkSchema("inputSchema", inputSchema as JsonSchema);
  if (outputSchema !== undefined) await checkSchema("outputSchema", outputSchema as JsonSchema);
  return {
    ...described(tool),
    inputSchema: inputSchema as JsonSchema,
    ...(outputSchema !== undefined && { outputSchema: outputSchema as JsonSchema }),
    annotations: annotations ?? {},
    permissions: [],
    settings: {},
  };
}

/** Reads an entry of `prompts/list`. */
export function readPrompt(entry: unknown, completes: boolean): PromptManifest {
  const prompt = checked(entry, "Prompt");
  checkName(prompt["name"]);
  const given = (prompt["arguments"] ?? []) as readonly Bag[];
  return {
    ...described(prompt),
    arguments: given.map(({ name, title, description, required }) => ({
      name: name as string,
      ...(title !== undefined && { title: title as string }),
      ...(description !== undefined && { description: description as string }),
      required: required === true,
      ...(completes && { complete: true as const }),
    })),
  };
}

/** Reads an entry of `resources/list`. */
export function readResource(entry: unknown): ResourceManifest {
  const resource = checked(entry, "Resource");
  const { uri, size } = resource;
  checkUri(uri as string);
  return {
    ...resourceFields(resource),
    uri: uri as string,
    isTemplate: false,
    ...(size !== undefined && { size: size as number }),
    complete: {},
  };
}

/** Reads an entry of `resources/templates/list`. */
export function readTemplate(entry: unknown, completes: boolean): ResourceManifest {
  const template = checked(entry, "ResourceTemplate");
  const uri = template["uriTemplate"] as string;
  checkUri(uri);
  const variables = checkTemplate(uri);
  const complete = completes ? variables.map((name) => [name, true] as const) : [];
  return {
    ...resourceFields(template),
    uri,
    isTemplate: true,
    complete: Object.fromEntries(complete),
  };
}

/** The entry, if it is what MCP says: clients would refuse a whole list for one that is not. */
function checked(entry: unknown, type: "Tool" | "Prompt" | "Resource" | "ResourceTemplate"): Bag {
  if (jsonLength(entry, MAX_CHARS) > MAX_CHARS) {
    throw new Error(`is longer than ${MAX_CHARS} characters of JSON`);
  }
  const problem = examineJson(entry, DEEPEST);
  if (problem === "too_deep") throw new Error(`is nested deeper than ${DEEPEST} levels`);
  if (problem === "bad_name") throw new Error("has a member '__proto__'");
  const { issues } = specTypeSchemas[type]["~standard"].validate(entry);
  const [issue] = issues ?? [];
  if (issue === undefined) return entry as Bag;
  const place = (issue.path ?? []).map((part) =>
    String(typeof part === "object" ? part.key : part),
  );
  throw new Error(`is not as MCP defines it: ${[place.join("."), issue.message].join(": ")}`);
}

function checkName(name: unknown): void {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new Error("the name may have letters, digits, '.', '_' and '-', 1 to 128 of them");
  }
  if (name === "__proto__") throw new Error("the name is reserved");
}

/** Whether it is a schema at all. What it means is between the server and the client; one of an unknown dialect may be good. */
async function checkSchema(field: string, schema: JsonSchema): Promise<void> {
  const ajv = await ajvFor(schema);
  if (ajv === undefined || ajv.validateSchema(schema) === true) return;
  throw new Error(`'${field}' is no JSON Schema: ${ajv.errorsText(ajv.errors?.slice(0, 1))}`);
}

function checkUri(uri: string): void {
  if (!URI.test(uri)) throw new Error("the URI must begin with a scheme, such as notes://today");
  if (RESERVED.test(uri)) throw new Error("the schemes 'agentflow' and 'result' are the host's");
}

/**
 * The names of its variables. Throws for what is no template, and for one that would take long to compare with a URI:
 * where two variables stand side by side, there are as many ways to part a text between them as it has characters.
 */
function checkTemplate(uri: string): readonly string[] {
  const template = new UriTemplate(uri);
  const expressions = [...uri.matchAll(/\{(?<operator>[+#./?&]?)[^}]*\}(?<after>[^{]*)/gu)];
  const vague = expressions.filter(({ groups = {} }, index) => {
    const { operator = "", after = "" } = groups;
    if (operator === "+" || operator === "#") return true;
    const isLast = index === expressions.length - 1;
    return !isLast && operator !== "?" && operator !== "&" && !after.includes("/");
  });
  if (vague.length > 1) throw new Error("the URI template leaves open where its variables end");
  return template.variableNames;
}

function described(
  entry: Bag,
): Pick<ToolManifest, "name" | "title" | "description" | "icons" | "_meta"> {
  const { name, title, description, icons, _meta } = entry;
  return {
    name: name as string,
    ...(title !== undefined && { title: title as string }),
    ...(description !== undefined && { description: description as string }),
    ...(icons !== undefined && { icons: icons as NonNullable<ToolManifest["icons"]> }),
    ...(_meta !== undefined && { _meta: _meta as Bag }),
  };
}

function resourceFields(
  entry: Bag,
): Omit<ResourceManifest, "uri" | "isTemplate" | "complete" | "size"> {
  const { mimeType, annotations } = entry;
  return {
    ...described(entry),
    ...(mimeType !== undefined && { mimeType: mimeType as string }),
    ...(annotations !== undefined && {
      annotations: annotations as NonNullable<ResourceManifest["annotations"]>,
    }),
  };
}
