import { isBag } from "../base/bag.ts";
import type { ContentBlock, Json, JsonObject, PromptMessage } from "../plugin-api/index.ts";
import type { Envelope, Reply } from "../base/port.ts";
import { checkBlock, checkBlocks, hasTexts } from "./content-blocks.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import { canonical } from "./spelling.ts";

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
  if (Array.isArray(json)) return { content: checkBlocks(json, "") };
  if (output === undefined) {
    throw new NotJsonError("", "undefined: the handler returned nothing");
  }
  if (!isBag(json)) {
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
    ...(isBag(meta) && { _meta: meta }),
  };
}

/** Turns what a prompt's `messages` returned into messages. */
export function toMessages(output: unknown): readonly PromptMessage[] {
  const messages = toJson(output ?? null);
  if (!Array.isArray(messages)) throw new NotJsonError("", "no list of messages");
  messages.forEach((message, index) => {
    const role = isBag(message) ? message["role"] : undefined;
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
  if (Array.isArray(content)) return checkBlocks(content, "/content");
  if (content !== undefined) {
    throw new NotJsonError("/content", "neither text nor an array of content blocks");
  }
  return [textBlock(error ?? JSON.stringify(data ?? null, undefined, 2))];
}

function errorOf(error: Json | undefined): { code: string; message: string } | undefined {
  if (error === undefined || error === null) return undefined;
  if (typeof error === "string") return { code: "tool_error", message: error };
  if (isBag(error) && typeof error["message"] === "string") {
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
    if (
      isBag(action) &&
      typeof action["title"] === "string" &&
      hasTexts(action, ["reason", "tool"])
    ) {
      return;
    }
    throw new NotJsonError(
      `/suggestedActions/${index}`,
      "neither text nor { title, reason?, tool?, arguments? }",
    );
  });
}

function textBlock(text: string): ContentBlock {
  return { type: "text", text: toJson(text) as string };
}
