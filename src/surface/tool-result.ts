import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Failure } from "../base/failure.ts";
import type { Outcome, Provenance, Reply } from "../base/port.ts";
import type { CatalogueTool } from "../host/catalogue.ts";
import type { ContentBlock, SuggestedAction } from "../plugin-api/index.ts";

/** The one place where an outcome becomes an MCP result; `tool` is the one that gave it, if it is still there. */
export function toCallToolResult(
  outcome: Extract<Outcome, { kind: "reply" | "failure" }>,
  tool: CatalogueTool | undefined,
): CallToolResult {
  const own =
    outcome.kind === "failure" ? fromFailure(outcome.failure) : fromReply(outcome.reply, tool);
  const result = withProvenance(own, outcome);
  return tool?.notice === undefined ? result : withNotice(result, tool.notice);
}

function fromFailure(failure: Failure): CallToolResult {
  const { code, message, retryable, retryAfterMs, errorId, jobId, resultUri, opaque } = failure;
  const hint = opaque && errorId !== undefined ? ` (error id ${errorId})` : "";
  return {
    isError: true,
    content: [
      { type: "text", text: `[${code}] ${message}${hint}` },
      ...(resultUri === undefined
        ? []
        : [{ type: "resource_link" as const, uri: resultUri, name: "result" }]),
    ],
    _meta: {
      "agentflow/error": {
        code,
        retryable,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ...(errorId !== undefined && { errorId }),
        ...(jobId !== undefined && { jobId }),
      },
    },
  };
}

function fromReply(reply: Reply, tool: CatalogueTool | undefined): CallToolResult {
  const { content, envelope } = reply;
  if (reply.verbatim) return fromUpstream(reply, reply.verbatim.isError);
  const actions = envelope?.suggestedActions ?? [];
  const blocks = actions.length === 0 ? content : [...content, actionsBlock(actions)];
  const error = envelope?.error;
  return {
    content: blocks as CallToolResult["content"],
    ...structured(reply, tool, error !== undefined),
    ...(error !== undefined && { isError: true }),
  };
}

function fromUpstream({ content, data, _meta }: Reply, isError: boolean): CallToolResult {
  return {
    content: content as CallToolResult["content"],
    ...(data !== undefined && { structuredContent: data }),
    ...(isError && { isError: true }),
    ...(_meta && { _meta }),
  };
}

/**
 * With an `outputSchema`, `structuredContent` is exactly `data` and the rest goes to `_meta`; an error owes no data and
 * gives none, since clients check it against the schema. Without one, it is everything but the content.
 */
function structured(
  { data, envelope, _meta: own }: Reply,
  tool: CatalogueTool | undefined,
  isError: boolean,
): Pick<CallToolResult, "structuredContent" | "_meta"> {
  const errorMeta = envelope?.error && {
    "agentflow/error": { code: envelope.error.code, retryable: false },
  };
  if (tool?.manifest.outputSchema === undefined) {
    const all = { ...envelope, ...(data !== undefined && { data }) };
    return {
      ...(Object.keys(all).length > 0 && { structuredContent: all }),
      ...((errorMeta ?? own) && { _meta: { ...own, ...errorMeta } }),
    };
  }
  const meta = {
    ...own,
    ...(envelope && Object.keys(envelope).length > 0 && { "agentflow/result": envelope }),
    ...errorMeta,
  };
  return {
    // The SDK wraps a root that is no object for clients of 2025.
    ...(!isError && data !== undefined && { structuredContent: data }),
    ...(Object.keys(meta).length > 0 && { _meta: meta }),
  };
}

function actionsBlock(actions: readonly (string | SuggestedAction)[]): ContentBlock {
  const lines = actions.map((action) => {
    if (typeof action === "string") return `- ${action}`;
    const reason = action.reason === undefined ? "" : `: ${action.reason}`;
    const call =
      action.tool === undefined
        ? ""
        : ` (\`${action.tool}\`${action.arguments === undefined ? "" : ` with \`${JSON.stringify(action.arguments)}\``})`;
    return `- ${action.title}${reason}${call}`;
  });
  return { type: "text", text: `**Suggested next steps**\n${lines.join("\n")}` };
}

/** Says so where the answer was not made for this call. */
function withProvenance(
  result: CallToolResult,
  { cachedForMs, carriedOutAt }: Provenance,
): CallToolResult {
  if (carriedOutAt !== undefined) {
    const at = new Date(carriedOutAt).toISOString();
    const text = `This call was already made at ${at} and is not carried out again; this is what came of it.`;
    return {
      ...result,
      content: [{ type: "text", text }, ...result.content],
      _meta: { ...result._meta, "agentflow/deduplicated": { at } },
    };
  }
  if (cachedForMs === undefined) return result;
  const cache = { ageSeconds: Math.round(cachedForMs / 1_000) };
  return { ...result, _meta: { ...result._meta, "agentflow/cache": cache } };
}

function withNotice(result: CallToolResult, notice: string): CallToolResult {
  return {
    ...result,
    content: [{ type: "text", text: notice }, ...result.content],
    _meta: { ...result._meta, "agentflow/notice": notice },
  };
}
