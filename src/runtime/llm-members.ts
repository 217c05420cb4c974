import { isBag } from "../base/bag.ts";
import type { Json, JsonObject } from "../plugin-api/index.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import {
  BadArgumentError,
  bagArgument,
  bagResult,
  found,
  textArgument,
  textResult,
  type MemberAdapter,
  type MemberCall,
} from "./member-call.ts";
import { canonical, hasMembers, inBothSpellings } from "./spelling.ts";

/** Those that a backend's configuration may set for all calls. */
const USUAL_OPTIONS = ["model", "temperature", "maxTokens", "topP", "stop", "timeoutMs"];
/** `stream` says that somebody reads along; the author gets a function for it. */
const OPTIONS = [...USUAL_OPTIONS, "metadata", "stream"];
const RESPONSE_FIELDS = ["content", "model", "usage", "finishReason"];
const RESPONSE_SHAPE = "an LLMResponse { content, model?, usage?, finishReason? }";
const USAGE_FIELDS = ["tokens", "inputTokens", "outputTokens"];

export const llmMembers: Readonly<Record<string, MemberAdapter>> = {
  generate: (call) => answer(call, textArgument(call.args[0], "the prompt")),
  chat: (call) => answer(call, toMessages(call.args[0])),
  isAvailable: (call) => truth(call.read()),
  validateConnection: (call) => truth(call.run?.() ?? Promise.resolve(undefined)),
};

async function answer(call: MemberCall, question: unknown): Promise<Json> {
  const { stream, ...options } = optionsOf(call);
  let isRead = false;
  const onChunk = (text: string): void => {
    isRead = true;
    call.chunk(text);
  };
  const { signal } = call.context;
  const given = inBothSpellings(
    { ...options, signal, ...(stream === true && { onChunk }) },
    OPTIONS,
  );
  const output = await call.run?.(question, given, call.context);
  const response = isStream(output)
    ? await gather(output, signal, stream === true ? onChunk : () => undefined)
    : output;
  const json = toResponse(response);
  // Who reads along gets all of it, also from a provider that gives everything at once.
  if (stream === true && !isRead) call.chunk(json.content);
  return json;
}

/** The call's beat the backend's configuration. */
function optionsOf({ args, config }: MemberCall): Record<string, unknown> {
  const usual = canonical(config, USUAL_OPTIONS);
  const set = USUAL_OPTIONS.filter((name) => usual[name] !== undefined);
  return {
    ...Object.fromEntries(set.map((name) => [name, usual[name]])),
    ...bagArgument(args[1], "the options", OPTIONS),
  };
}

function toMessages(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) {
    throw new BadArgumentError(
      `the messages must be a list of { role, content }, found ${found(value)}`,
    );
  }
  return value.map((message: Json, index) => {
    const { role, content } = bagArgument(message, `message ${index + 1}`, []);
    if (role !== "system" && role !== "user" && role !== "assistant") {
      throw new BadArgumentError(
        `message ${index + 1}: 'role' must be system, user or assistant, found ${found(role)}`,
      );
    }
    textArgument(content as Json | undefined, `message ${index + 1}: 'content'`);
    return message as JsonObject;
  });
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return hasMembers(output) && Symbol.asyncIterator in output;
}

/** The pieces of an answer as one, each passed on as it comes. */
async function gather(
  stream: AsyncIterable<unknown>,
  signal: AbortSignal,
  onChunk: (text: string) => void,
): Promise<unknown> {
  const iterator = stream[Symbol.asyncIterator]();
  let content = "";
  const rest: Record<string, unknown> = {};
  for (;;) {
    const { done, value } = (await iterator.next()) as IteratorResult<unknown, unknown>;
    if (signal.aborted) {
      await iterator.return?.();
      throw signal.reason;
    }
    const piece = typeof value === "string" ? { content: value } : value;
    if (done) {
      const last = isBag(piece) ? canonical(piece, RESPONSE_FIELDS) : {};
      return { content, ...rest, ...last };
    }
    const { content: text = "", ...more } = bagResult(
      piece,
      "",
      "a piece of an answer: text or { content? }",
      RESPONSE_FIELDS,
    );
    const words = textResult(text, "/content");
    if (words !== "") onChunk(words);
    content += words;
    Object.assign(rest, more);
  }
}

function toResponse(output: unknown): JsonObject & { readonly content: string } {
  const json = typeof output === "string" ? { content: output } : toJson(output ?? null);
  const response = bagResult(json, "", RESPONSE_SHAPE, RESPONSE_FIELDS);
  for (const field of ["model", "finishReason"]) {
    if (response[field] === null) delete response[field];
    else if (response[field] !== undefined) textResult(response[field], `/${field}`);
  }
  const content = textResult(response["content"], "/content");
  return { ...(response as JsonObject), content, usage: toUsage(response["usage"] ?? {}) };
}

function toUsage(value: unknown): JsonObject {
  const usage = bagResult(value, "/usage", "{ tokens, inputTokens?, outputTokens? }", USAGE_FIELDS);
  for (const field of USAGE_FIELDS) {
    const count = usage[field];
    if (count === undefined || (typeof count === "number" && count >= 0)) continue;
    throw new NotJsonError(`/usage/${field}`, `${found(count)}, not a number of tokens`);
  }
  const { inputTokens = 0, outputTokens = 0 } = usage as Record<string, number>;
  return {
    ...(usage as JsonObject),
    tokens: (usage["tokens"] ?? inputTokens + outputTokens) as number,
  };
}

/** True unless it says otherwise. */
async function truth(value: Promise<unknown>): Promise<boolean> {
  const said = (await value) ?? true;
  if (typeof said === "boolean") return said;
  throw new NotJsonError("", `${found(said)}, not true or false`);
}
