import { isBag } from "../base/bag.ts";
import type { HandlerRequest, Intent, ToolContext, ToolOutput } from "../plugin-api/index.ts";
import type { Failure } from "../base/failure.ts";
import { hostFailure } from "../base/failure.ts";
import type { LivePlugin, LiveTool } from "./live-plugin.ts";

export type Routed = { readonly output: ToolOutput } | { readonly failure: Failure };

/** Answers a call whose tool has no handler of its own: as an intent for the plugin's handlers. */
export async function routeToHandlers(
  plugin: LivePlugin,
  tool: LiveTool,
  args: Readonly<Record<string, unknown>>,
  context: ToolContext,
  sessionId: string | undefined,
): Promise<Routed> {
  const message = typeof args["message"] === "string" ? args["message"] : "";
  const intent = intentOf(plugin, tool, message);
  if (intent === undefined) return { failure: ambiguous(plugin) };
  const request: HandlerRequest = {
    ...context,
    message,
    intent,
    arguments: args,
    context: isBag(args["context"]) ? args["context"] : {},
    session: { ...(sessionId !== undefined && { id: sessionId }), principal: context.principal },
    thread: typeof args["thread_id"] === "string" ? { id: args["thread_id"] } : {},
  };
  for (const handler of plugin.handlers) {
    if (!(await handler.canHandle(intent, request))) continue;
    const output = await handler.handle(request);
    if (output !== undefined) return { output };
  }
  return {
    failure: hostFailure(
      "not_handled",
      `No handler of the plugin accepts a request of the kind ${intent.type}.`,
    ),
  };
}

/** The tool's own category, the plugin's only one, or the best match of the message. */
function intentOf(plugin: LivePlugin, tool: LiveTool, message: string): Intent | undefined {
  if (tool.manifest.category !== undefined) return { type: tool.manifest.category, confidence: 1 };
  const { categories } = plugin.manifest;
  const [only] = categories;
  if (only !== undefined && categories.length === 1) return { type: only.name, confidence: 1 };
  const [best] = plugin.rank(message);
  return best?.matches ? { type: best.category.name, confidence: best.score } : undefined;
}

function ambiguous(plugin: LivePlugin): Failure {
  const kinds = plugin.manifest.categories.map(
    ({ name, description, examples }) =>
      `- ${name}: ${description}${examples[0] === undefined ? "" : ` (for example: "${examples[0]}")`}`,
  );
  return hostFailure(
    "ambiguous_request",
    kinds.length === 0
      ? "The plugin declares no intent categories, so the request cannot be given to a handler."
      : `The request fits none of the kinds that this plugin answers. Say it in the words of one of them:\n${kinds.join("\n")}`,
  );
}
