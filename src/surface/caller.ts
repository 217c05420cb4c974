import { CLIENT_CAPABILITIES_META_KEY, type ServerContext } from "@modelcontextprotocol/server";
import type { Caller, ProgressNote } from "../base/port.ts";
import type { ClientAbilities, InputAnswer, Json } from "../plugin-api/index.ts";
import type { StateSealer } from "./sealed-state.ts";
import { takesTasks } from "./tasks-extension.ts";

/** The part of a client's capabilities that says what it can ask its user for. */
interface DeclaredCapabilities {
  readonly elicitation?: { readonly form?: object; readonly url?: object } | undefined;
  readonly sampling?: object | undefined;
  readonly roots?: object | undefined;
}

export interface CallerOptions {
  /** What was declared at `initialize`; 2026-07-28 declares with each request. */
  readonly declared: object | undefined;
  /** Names the plugin on log messages for the client. */
  readonly logger: string;
  readonly sealer: StateSealer;
  /** What a state of an earlier round must have been sealed for. */
  readonly target: string;
}

const REFRESH_KEY = "agentflow/refresh";
const IDEMPOTENCY_KEY = "agentflow/idempotencyKey";

export function principalOf(context: ServerContext): string {
  return context.http?.authInfo?.clientId ?? "local";
}

/** Who sent a request, and how to reach them while it runs. Throws -32602 for a forged state. */
export function callerOf(context: ServerContext, options: CallerOptions): Caller {
  const { mcpReq, sessionId } = context;
  const principal = principalOf(context);
  const sealed = mcpReq.requestState();
  const envelope = mcpReq.envelope as Readonly<Record<string, object | undefined>> | undefined;
  const meta: Readonly<Record<string, unknown>> = mcpReq._meta ?? {};
  return {
    principal: { id: principal },
    sessionId,
    client: abilitiesOf(envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? options.declared),
    inputs: (mcpReq.inputResponses ?? {}) as Readonly<Record<string, InputAnswer>>,
    state:
      typeof sealed === "string"
        ? options.sealer.open(sealed, { principal, target: options.target })
        : undefined,
    takesTasks: takesTasks(context),
    wantsProgress: meta["progressToken"] !== undefined,
    refresh: meta[REFRESH_KEY] === true,
    clientKey: meta[IDEMPOTENCY_KEY] as Json | undefined,
    // Since 2026-07-28 questions are results, and each round is a request of its own.
    staysOpen: envelope === undefined,
    signal: mcpReq.signal,
    progress: progressSender(context),
    logToClient: (level, data) => void sendLog(context, level, data, options.logger),
  };
}

function abilitiesOf(capabilities: object | undefined): ClientAbilities {
  const declared: DeclaredCapabilities | undefined = capabilities;
  const elicitation = declared?.elicitation;
  return {
    // Before forms had a name of their own, the bare capability meant them.
    form:
      elicitation !== undefined &&
      (elicitation.form !== undefined || elicitation.url === undefined),
    url: elicitation?.url !== undefined,
    sampling: declared?.sampling !== undefined,
    roots: declared?.roots !== undefined,
  };
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

async function sendLog(
  context: ServerContext,
  level: Parameters<ServerContext["mcpReq"]["log"]>[0],
  data: Json,
  logger: string,
): Promise<void> {
  try {
    await context.mcpReq.log(level, data, logger);
  } catch {
    // As above: whoever would have read it is gone.
  }
}
