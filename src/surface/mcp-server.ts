import {
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ProgressNote } from "../base/port.ts";
import type { Host } from "../host/host.ts";
import type { JsonObject } from "../plugin-api/index.ts";
import { getPrompt } from "./prompts.ts";
import { readResource } from "./resources.ts";
import { toCallToolResult } from "./result.ts";
import { surfaceOf } from "./surface.ts";

export interface SurfaceOptions {
  readonly name: string;
  readonly version: string;
}

/**
 * One MCP server over a running host: made per HTTP request or per connection, so it registers nothing and copies
 * nothing. Lists come ready from the catalogue, calls go to the host.
 */
export class PluginServer extends McpServer {
  readonly #host: Host;

  constructor(host: Host, options: SurfaceOptions) {
    const { instructions } = surfaceOf(host.catalogue);
    super(options, instructions === "" ? {} : { instructions });
    this.#host = host;
    const { server } = this;
    server.registerCapabilities({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true },
    });
    server.setRequestHandler("tools/list", () => ({ tools: [...this.#surface.tools] }));
    server.setRequestHandler("tools/call", ({ params }, context) =>
      this.#callTool(params.name, params.arguments ?? {}, context),
    );
    server.setRequestHandler("prompts/list", () => ({ prompts: [...this.#surface.prompts] }));
    server.setRequestHandler("prompts/get", ({ params }) =>
      getPrompt(host.catalogue, params.name, params.arguments),
    );
    server.setRequestHandler("resources/list", () => ({ resources: [...this.#surface.resources] }));
    server.setRequestHandler("resources/templates/list", () => ({
      resourceTemplates: [...this.#surface.templates],
    }));
    server.setRequestHandler("resources/read", ({ params }) =>
      readResource(host.catalogue, params.uri),
    );
  }

  get #surface(): ReturnType<typeof surfaceOf> {
    return surfaceOf(this.#host.catalogue);
  }

  /**
   * The SDK's HTTP entry asks for it before dispatch, to check `Mcp-Param-*` headers against the tool's schema. The
   * method is internal there: the conformance scenario for those headers guards it.
   */
  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    return this.#host.catalogue.tools.get(name)?.manifest.inputSchema;
  }

  async #callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: ServerContext,
  ): Promise<CallToolResult> {
    const tool = this.#host.catalogue.tools.get(name);
    if (tool === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
    }
    const outcome = await this.#host.call({
      tool,
      arguments: args as JsonObject,
      principal: { id: context.http?.authInfo?.clientId ?? "local" },
      ...(context.sessionId !== undefined && { sessionId: context.sessionId }),
      signal: context.mcpReq.signal,
      progress: progressSender(context),
    });
    const result = toCallToolResult(outcome, tool);
    return this.server.projectCallToolResult(result, tool.manifest.outputSchema);
  }
}

/** Notes for a client that asked for them. */
function progressSender(context: ServerContext): (note: ProgressNote) => void {
  const { progressToken } = context.mcpReq._meta ?? {};
  if (progressToken === undefined) return () => undefined;
  return ({ done, total, message }) => {
    const params = {
      progressToken,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    context.mcpReq
      .notify({ method: "notifications/progress", params })
      // The client may have left; its request ends by its own signal.
      .catch(() => undefined);
  };
}
