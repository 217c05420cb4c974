import {
  CLIENT_CAPABILITIES_META_KEY,
  isInputRequiredResult,
  LOG_LEVEL_META_KEY,
  SERVER_INFO_META_KEY,
  type CallToolResult,
  type InputRequiredResult,
  type RequestOptions,
} from "@modelcontextprotocol/client";
import { hostFailure } from "../base/failure.ts";
import {
  failed,
  type Invocation,
  type Outcome,
  type ProgressNote,
  type ReadContents,
} from "../base/port.ts";
import type {
  ContentBlock,
  InputRequest,
  Json,
  JsonObject,
  JsonSchema,
  PromptMessage,
} from "../plugin-api/index.ts";
import type { Connection } from "./connection.ts";
import { capabilitiesOf, toInputRequest, type WireQuestion } from "./questions.ts";

export interface PerformOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (note: ProgressNote) => void;
  /** The schema of a tool's arguments: some of them go into headers. */
  readonly inputSchema: JsonSchema;
}

/** What a round before left for the next one, where the server keeps nothing itself. */
interface CarriedState {
  /** The server's own words; null if it had none. */
  readonly carried: string | null;
}

/** The longest that a timer can wait. The host's own deadline rules. */
const FOREVER_MS = 2_147_483_647;
const LOG_LEVEL = "info";

/** Has the server carry out a request. Rejects with what the SDK gives. */
export async function perform(
  { client, isModern }: Connection,
  { request, client: abilities, inputs, state }: Invocation,
  { signal, onProgress, inputSchema }: PerformOptions,
): Promise<Outcome> {
  const options: RequestOptions = {
    signal,
    timeout: FOREVER_MS,
    allowInputRequired: true,
    onprogress: ({ progress, total, message }) =>
      onProgress({
        done: progress,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message }),
      }),
  };
  // In 2026-07-28 each request says for itself what may be asked, and brings the answers along.
  const round = {
    ...(isModern && {
      _meta: {
        [CLIENT_CAPABILITIES_META_KEY]: capabilitiesOf(abilities),
        [LOG_LEVEL_META_KEY]: LOG_LEVEL,
      },
    }),
    ...(isCarried(state) && { inputResponses: inputs }),
    ...(isCarried(state) && state.carried !== null && { requestState: state.carried }),
  };
  switch (request.kind) {
    case "tool": {
      const { name, arguments: args } = request;
      const result = await client.callTool(
        { name, arguments: args, ...round },
        { ...options, toolDefinition: { name, inputSchema: inputSchema as { type: "object" } } },
      );
      return asked(result) ?? toolOutcome(result);
    }
    case "prompt": {
      const { name, arguments: args } = request;
      const result = await client.getPrompt({ name, arguments: { ...args }, ...round }, options);
      return (
        asked(result) ?? {
          kind: "messages",
          messages: result.messages as unknown as readonly PromptMessage[],
          ...(result.description !== undefined && { description: result.description }),
        }
      );
    }
    case "resource": {
      const params = { uri: request.uri, ...round };
      const result = await client.request({ method: "resources/read", params }, options);
      return (
        asked(result) ?? {
          kind: "contents",
          contents: result.contents as unknown as readonly ReadContents[],
        }
      );
    }
    case "member":
      return failed(hostFailure("plugin_unavailable", "A server has no agents and no backends."));
    case "completion": {
      const { of, name, argument, typed, arguments: given } = request;
      const { completion } = await client.complete(
        {
          ref: of === "prompt" ? { type: "ref/prompt", name } : { type: "ref/resource", uri: name },
          argument: { name: argument, value: typed },
          ...(Object.keys(given).length > 0 && { context: { arguments: { ...given } } }),
        },
        { signal, timeout: FOREVER_MS },
      );
      const { values, total, hasMore } = completion;
      return {
        kind: "values",
        values,
        ...(total !== undefined && { total }),
        ...(hasMore !== undefined && { hasMore }),
      };
    }
  }
}

/** The level from which on servers before 2026-07-28 send log messages; those after it are told with each request. */
export async function askForLogs({ client, isModern }: Connection): Promise<void> {
  if (isModern || client.getServerCapabilities()?.logging === undefined) return;
  await client.setLoggingLevel(LOG_LEVEL);
}

function isCarried(state: Json | undefined): state is JsonObject & CarriedState {
  return typeof state === "object" && state !== null && "carried" in state;
}

function toolOutcome({ content, structuredContent, isError, _meta }: CallToolResult): Outcome {
  // The host says for itself who it is.
  const { [SERVER_INFO_META_KEY]: _server, ...meta } = _meta ?? {};
  return {
    kind: "reply",
    reply: {
      content: content as unknown as readonly ContentBlock[],
      ...(structuredContent !== undefined && { data: structuredContent as Json }),
      ...(Object.keys(meta).length > 0 && { _meta: meta as JsonObject }),
      verbatim: { isError: isError === true },
    },
  };
}

/** A server that asks first, as an outcome; undefined for one that answers. */
function asked(result: unknown): Outcome | undefined {
  if (!isInputRequiredResult(result)) return undefined;
  const { inputRequests = {}, requestState }: InputRequiredResult = result;
  const requests = Object.entries(inputRequests).map(
    ([key, request]) => [key, toInputRequest(request as WireQuestion)] as const,
  );
  const strange = requests.find(([, request]) => request === undefined);
  if (strange !== undefined) {
    return failed(
      hostFailure("invalid_result", "The server asked for something that this host does not know."),
    );
  }
  return {
    kind: "input_required",
    requests: Object.fromEntries(requests) as Readonly<Record<string, InputRequest>>,
    state: { carried: requestState ?? null },
  };
}
