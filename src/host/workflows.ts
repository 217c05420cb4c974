import type { Caller, Outcome } from "../base/port.ts";
import { NO_ABILITIES } from "../base/port.ts";
import type { StorageBackend } from "../base/storage.ts";
import type { JsonObject, Logger, TaskResult } from "../plugin-api/index.ts";
import { Engine } from "../workflow/engine.ts";
import type { AgentMember } from "../workflow/agent-tools.ts";
import type { Step, WorkflowRecord } from "../workflow/record.ts";
import type { Catalogue, CatalogueTool } from "./catalogue.ts";
import { WorkflowTools } from "./workflow-tools.ts";

export interface WorkflowsOptions {
  readonly storage: StorageBackend;
  readonly log: Logger;
  readonly version: string;
  readonly catalogue: () => Catalogue;
  readonly callTool: (tool: CatalogueTool, args: JsonObject, caller: Caller) => Promise<Outcome>;
}

/** Failures after which the work may have been done. */
const UNKNOWN = new Set(["outcome_unknown", "plugin_restarted", "shutting_down"]);

/** Brings the engine of workflows and the agents of this host together: each task is a call of its agent's tool. */
export class Workflows {
  readonly tools: WorkflowTools;
  readonly #options: WorkflowsOptions;
  readonly #engine: Engine;

  constructor(options: WorkflowsOptions) {
    this.#options = options;
    const { storage, log, version } = options;
    this.#engine = new Engine({
      storage,
      log,
      agents: () => new Set(options.catalogue().agents.keys()),
      execute: (step, workflow, signal) => this.#execute(step, workflow, signal),
      onChange: (id) => this.tools.workflowChanged(id),
    });
    this.tools = new WorkflowTools({
      engine: this.#engine,
      version,
      agents: () => [...options.catalogue().agents.keys()],
      planTool: (agent) => this.#toolOf({ agent, member: "plan" })?.name,
    });
  }

  /** Tells of agents that have come or gone. */
  catalogueChanged(before: Catalogue): void {
    const [old, now] = [before.agents, this.#options.catalogue().agents];
    const isSame = old.size === now.size && [...now.keys()].every((name) => old.has(name));
    if (!isSame) this.tools.agentsChanged();
  }

  /** Once the agents have been loaded. */
  async resume(): Promise<void> {
    if (this.#options.catalogue().agents.size === 0) return;
    try {
      await this.#engine.resume();
    } catch (error) {
      this.#options.log.error("workflows that were left behind cannot be gone on with", { error });
    }
  }

  /** Tasks that are at work may end; none is begun any more. */
  pause(): void {
    this.#engine.pause();
  }

  stop(): Promise<void> {
    return this.#engine.stop();
  }

  #toolOf({ agent, member }: AgentMember): CatalogueTool | undefined {
    const { tools } = this.#options.catalogue();
    return [...tools.values()].find(({ of }) => of?.agent === agent && of.member === member);
  }

  async #execute(
    { task, idempotencyKey }: Step,
    { principal, context, depth }: WorkflowRecord,
    signal: AbortSignal,
  ): Promise<TaskResult | "unknown"> {
    const tool = this.#toolOf({ agent: task.agentType, member: "execute" });
    if (tool === undefined) {
      return ended(task.id, "failed", `the agent '${task.agentType}' is not loaded any more`);
    }
    const args = { task: task as unknown as JsonObject, context };
    const outcome = await this.#options.callTool(tool, args, {
      principal: { id: principal },
      client: NO_ABILITIES,
      inputs: {},
      depth,
      takesTasks: false,
      wantsProgress: false,
      // Whoever carries the workflow on after this server finds what has been done.
      clientKey: idempotencyKey,
      signal,
      progress: () => undefined,
      logToClient: () => undefined,
    });
    if (outcome.kind === "reply") return outcome.reply.data as unknown as TaskResult;
    if (outcome.kind !== "failure") {
      return ended(task.id, "failed", "it wants to ask the user, whom nobody can reach");
    }
    const { code, message } = outcome.failure;
    if (UNKNOWN.has(code)) return "unknown";
    return ended(task.id, code === "cancelled" ? "cancelled" : "failed", message);
  }
}

function ended(taskId: string, status: "failed" | "cancelled", error: string): TaskResult {
  return { taskId, status, error, metadata: { executionTime: 0 } };
}
