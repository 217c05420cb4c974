import type { ContentBlock, Json, JsonObject, PromptMessage } from "../plugin-api/index.ts";
import type { Envelope, Reply } from "../base/port.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import { canonical, isRecord } from "./spelling.ts";

const RESULT_FIELDS = [
  "content",
  "data",
  "intentType",
  "analysisType",
  "toolsUsed",
  "processingTime",
  "confidence",
  "suggestedActions",
  "error",
  "fallback",
  "_meta",
] as const;

/** Turns whatever a handler returned into one shape. Throws {@link NotJsonError} for what is no answer. */
export function toReply(output: unknown, toolName: string | undefined): Reply {
  if (typeof output === "string") return { content: [textBlock(output)] };
  const json = output === undefined ? null : toJson(output);
  if (Array.isArray(json)) return { content: blocks(json, "") };
  if (output === undefined) {
    throw new NotJsonError("", "undefined: the handler returned nothing");
  }
  if (!isRecord(json)) {
    throw new NotJsonError("", "neither text, content blocks nor a result object");
  }
  const fields = canonical(json, RESULT_FIELDS);
  if (!RESULT_FIELDS.some((name) => fields[name] !== undefined)) {
    throw new NotJsonError(
      "",
      "an object with none of a result's fields; put values under 'data' or text under 'content'",
    );
  }
  const { content, data, error: rawError, _meta: meta, ...rest } = fields as Record<string, Json>;
  const error = errorOf(rawError);
  checkActions(rest["suggestedActions"]);
  const envelope = {
    ...(toolName !== undefined && { toolsUsed: [toolName] }),
    ...rest,
    ...(error && { error }),
  } as Envelope;
  return {
    content: contentOf(content, data, error?.message),
    ...(data !== undefined && { data }),
    envelope,
    ...(isRecord(meta) && { _meta: meta }),
  };
}

/** Turns what a prompt's `messages` returned into messages. */
export function toMessages(output: unknown): readonly PromptMessage[] {
  const messages = toJson(output ?? null);
  if (!Array.isArray(messages)) throw new NotJsonError("", "no list of messages");
  messages.forEach((message, index) => {
    const role = isRecord(message) ? message["role"] : undefined;
    if (role !== "user" && role !== "assistant") {
      throw new NotJsonError(`/${index}/role`, 'neither "user" nor "assistant"');
    }
    checkBlock((message as JsonObject)["content"] ?? null, `/${index}/content`);
  });
  return messages;
}

function contentOf(
  content: Json | undefined,
  data: Json | undefined,
  error: string | undefined,
): readonly ContentBlock[] {
  if (typeof content === "string") return [textBlock(content)];
  if (Array.isArray(content)) return blocks(content, "/content");
  if (content !== undefined) {
    throw new NotJsonError("/content", "neither text nor an array of content blocks");
  }
  return [textBlock(error ?? JSON.stringify(data ?? null, undefined, 2))];
}

function errorOf(error: Json | undefined): { code: string; message: string } | undefined {
  if (error === undefined || error === null) return undefined;
  if (typeof error === "string") return { code: "tool_error", message: error };
  if (isRecord(error) && typeof error["message"] === "string") {
    const code = typeof error["code"] === "string" ? error["code"] : "tool_error";
    return { code, message: error["message"] };
  }
  throw new NotJsonError("/error", "neither text nor { code, message }");
}

function checkActions(actions: Json | undefined): void {
  if (actions === undefined) return;
  if (!Array.isArray(actions)) throw new NotJsonError("/suggestedActions", "no list");
  actions.forEach((action, index) => {
    if (typeof action === "string") return;
    if (isRecord(action) && typeof action["title"] === "string") return;
    throw new NotJsonError(`/suggestedActions/${index}`, "neither text nor { title, … }");
  });
}

function textBlock(text: string): ContentBlock {
  return { type: "text", text: toJson(text) as string };
}

/** The text members that a block of each type must have. */
const BLOCK_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  text: ["text"],
  image: ["data", "mimeType"],
  audio: ["data", "mimeType"],
  resource: [],
  resource_link: ["uri", "name"],
};

function blocks(items: readonly Json[], pointer: string): readonly ContentBlock[] {
  items.forEach((item, index) => checkBlock(item, `${pointer}/${index}`));
  return items as unknown as readonly ContentBlock[];
}

function checkBlock(block: Json, pointer: string): void {
  const type = isRecord(block) ? block["type"] : undefined;
  if (typeof type !== "string" || !Object.hasOwn(BLOCK_MEMBERS, type)) {
    throw new NotJsonError(
      pointer,
      `no content block; its 'type' must be one of ${Object.keys(BLOCK_MEMBERS).join(", ")}`,
    );
  }
  const bag = block as Readonly<Record<string, Json>>;
  for (const name of BLOCK_MEMBERS[type] ?? []) {
    if (typeof bag[name] !== "string") throw new NotJsonError(`${pointer}/${name}`, "not text");
  }
  checkAnnotations(bag["annotations"], pointer);
  if (type !== "resource") return;
  const resource = bag["resource"];
  const whole =
    isRecord(resource) &&
    typeof resource["uri"] === "string" &&
    (typeof resource["text"] === "string" || typeof resource["blob"] === "string");
  if (!whole) {
    throw new NotJsonError(`${pointer}/resource`, "not a resource with 'uri' and 'text' or 'blob'");
  }
}

function checkAnnotations(annotations: Json | undefined, pointer: string): void {
  if (annotations === undefined) return;
  const { audience, priority, lastModified } = isRecord(annotations)
    ? annotations
    : { priority: Number.NaN };
  const isFine =
    (audience === undefined ||
      (Array.isArray(audience) &&
        audience.every((one) => one === "user" || one === "assistant"))) &&
    (priority === undefined || (typeof priority === "number" && priority >= 0 && priority <= 1)) &&
    (lastModified === undefined || typeof lastModified === "string");
  if (isFine) return;
  throw new NotJsonError(
    `${pointer}/annotations`,
    "not { audience?, priority? (0 to 1), lastModified? }",
  );
}
