import { setMaxListeners } from "node:events";
import { realSignal } from "../base/call-signal.ts";
import { hostFailure, turnedAway, type CallFailureCode } from "../base/failure.ts";
import { failed, NO_ABILITIES, type Caller, type Outcome } from "../base/port.ts";
import type { Call } from "../execution/call.ts";
import type { JsonObject } from "../plugin-api/index.ts";
import type { CatalogueTool } from "./catalogue.ts";

/** Tools that call one another deeper than this do so in a circle. */
const MAX_DEPTH = 5;
/** One call may have so many others at work at a time. */
const MAX_AT_ONCE = 16;
/** Of the calling tool; `*` stands for every tool. */
const PERMISSION = "tools:call:";

export interface ToolCallsOptions {
  readonly find: (name: string) => CatalogueTool | undefined;
  readonly call: (tool: CatalogueTool, args: JsonObject, caller: Caller) => Promise<Outcome>;
}

/** Lets one attempt of a tool call other tools, for the same caller and within its time. */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #call: Call;
  #atWork = 0;

  constructor(call: Call, options: ToolCallsOptions) {
    this.#call = call;
    this.#options = options;
  }

  /** Never rejects. */
  async run(name: string, args: JsonObject): Promise<Outcome> {
    const tool = this.#options.find(name);
    const refusal = this.#refusal(name, tool);
    if (tool === undefined || refusal !== undefined) return refusal ?? unknownTool(name);
    this.#atWork += 1;
    // Each of them listens to the one signal, and none for longer than it runs.
    setMaxListeners(2 * MAX_AT_ONCE, realSignal(this.#call.signal));
    try {
      const outcome = await this.#options.call(tool, args, this.#caller());
      if (outcome.kind !== "input_required") return outcome;
      const text = `'${name}' has a question for the user, whom only a client's own call can ask.`;
      return failed(hostFailure("cannot_ask", text));
    } finally {
      this.#atWork -= 1;
    }
  }

  #refusal(name: string, tool: CatalogueTool | undefined): Outcome | undefined {
    const { request, depth, name: own } = this.#call;
    const permissions =
      request.kind === "tool" ? (this.#options.find(own)?.manifest.permissions ?? []) : [];
    if (![name, "*"].some((one) => permissions.includes(PERMISSION + one))) {
      const text = `'${own}' may not call '${name}': it does not declare the permission '${PERMISSION}${name}'.`;
      return refused("not_allowed", text);
    }
    if (tool === undefined) return unknownTool(name);
    if (depth >= MAX_DEPTH) {
      const text = `'${own}' may not call '${name}': tools have called one another ${MAX_DEPTH} deep already.`;
      return refused("not_allowed", text);
    }
    if (this.#atWork < MAX_AT_ONCE) return undefined;
    const text = `'${own}' has ${MAX_AT_ONCE} calls of other tools at work already.`;
    return failed(turnedAway("overloaded", text));
  }

  /** Whoever calls the calling tool, except for what only a client's own call can have. */
  #caller(): Caller {
    const { principal, sessionId, depth, signal } = this.#call;
    return {
      principal,
      ...(sessionId !== undefined && { sessionId }),
      client: NO_ABILITIES,
      inputs: {},
      depth: depth + 1,
      takesTasks: false,
      wantsProgress: false,
      signal: realSignal(signal),
      progress: () => undefined,
      logToClient: (level, data) => this.#call.logToClient(level, data),
    };
  }
}

function unknownTool(name: string): Outcome {
  return refused("unknown_tool", `There is no tool '${name}'.`);
}

function refused(code: CallFailureCode, text: string): Outcome {
  return failed(hostFailure(code, text, { notStarted: true }));
}
