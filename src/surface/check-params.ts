import {
  ProtocolErrorCode,
  specTypeSchemas,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { describeIssues, readIssues } from "../base/issues.ts";

type Shape = (typeof specTypeSchemas)[keyof typeof specTypeSchemas];

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["tools/call", specTypeSchemas.CallToolRequestParams],
  ["tools/list", specTypeSchemas.PaginatedRequestParams],
  ["prompts/get", specTypeSchemas.GetPromptRequestParams],
  ["prompts/list", specTypeSchemas.PaginatedRequestParams],
  ["resources/read", specTypeSchemas.ReadResourceRequestParams],
  ["resources/list", specTypeSchemas.PaginatedRequestParams],
  ["resources/templates/list", specTypeSchemas.PaginatedRequestParams],
  ["completion/complete", specTypeSchemas.CompleteRequestParams],
]);

/** Those of methods that 2026-07-28 does not have. */
const LEGACY_SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["initialize", specTypeSchemas.InitializeRequestParams],
  ["logging/setLevel", specTypeSchemas.SetLevelRequestParams],
  ["resources/subscribe", specTypeSchemas.SubscribeRequestParams],
  ["resources/unsubscribe", specTypeSchemas.UnsubscribeRequestParams],
]);

/**
 * Answers requests whose params have the wrong shape with -32602 and what is wrong. The SDK would call it an internal
 * error, and quote its validator. For a transport that a server has been connected to.
 */
export function refuseWrongParams(transport: Transport, isModern: () => boolean): void {
  const deliver = transport.onmessage;
  transport.onmessage = (message, extra) => {
    const problem = problemOf(message, isModern());
    if (problem === undefined || !("id" in message) || message.id === undefined) {
      deliver?.(message, extra);
      return;
    }
    const error = { code: ProtocolErrorCode.InvalidParams, message: `Invalid params: ${problem}` };
    transport
      .send({ jsonrpc: "2.0", id: message.id, error }, { relatedRequestId: message.id })
      // Whoever would have read it is gone.
      .catch(() => undefined);
  };
}

function problemOf(message: JSONRPCMessage, isModern: boolean): string | undefined {
  if (!("method" in message) || !("id" in message)) return undefined;
  const { method, params = {} } = message;
  if (method === "tools/call" && isCall(params)) return undefined;
  const shape = SHAPES.get(method) ?? (isModern ? undefined : LEGACY_SHAPES.get(method));
  const result = shape?.["~standard"].validate(params);
  if (result === undefined || result instanceof Promise) return undefined;
  return result.issues && describeIssues(readIssues(result.issues));
}

/** The quick answer for the most frequent request. */
function isCall({ name, arguments: args = {} }: Readonly<Record<string, unknown>>): boolean {
  return (
    typeof name === "string" && typeof args === "object" && args !== null && !Array.isArray(args)
  );
}
