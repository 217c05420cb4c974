import type { Handler, HandlerRequest, ToolConfig, ToolContext } from "agentflow-mcp/plugin";
import { z } from "zod";

const key = Symbol("profile");

/** The profile that a call has named: of its context, as its handler has got it. */
export function profileOf(context: object): string | undefined {
  return (context as { [key]?: string })[key];
}

/** The tool with the argument `profile`: one of the names. Without names, the tool as it is. */
export function withProfiles(tool: ToolConfig, names: readonly string[]): ToolConfig {
  const { inputSchema } = tool;
  const handle = tool.handler?.bind(tool);
  if (names.length === 0) return tool;
  if (!(inputSchema instanceof z.ZodObject)) throw new TypeError("A tool's input is a zod object.");
  const profile = z
    .enum(names)
    .optional()
    .describe(
      "Which account to ask, by the name that the operator gave it. Default: the plugin's own credentials.",
    );
  return {
    ...tool,
    inputSchema: inputSchema.safeExtend({ profile }),
    ...(handle !== undefined && {
      handler: (args: Readonly<Record<string, unknown>>, context: ToolContext) => {
        const { profile: name, ...rest } = args;
        return handle(rest, named(context, name));
      },
    }),
  };
}

/** The handler, which finds `profile` in its context instead of among its arguments. */
export function takingProfiles(handler: Handler, names: readonly string[]): Handler {
  if (names.length === 0) return handler;
  const { priority } = handler;
  return {
    ...(priority !== undefined && { priority }),
    canHandle: (intent, request) => handler.canHandle(intent, take(request)),
    handle: (request) => handler.handle(take(request)),
  };
}

/** The request with its profile in the context. */
function take(request: HandlerRequest): HandlerRequest {
  const { profile: name, ...rest } = request.arguments;
  return { ...named(request, name), arguments: rest };
}

function named<Context extends object>(context: Context, name: unknown): Context {
  return typeof name === "string" ? { ...context, [key]: name } : context;
}
