import { realSignal, type Aborting } from "../base/call-signal.ts";
import { isBag } from "../base/bag.ts";
import { messageOf } from "../base/errors.ts";
import { hostFailure, invalidArguments } from "../base/failure.ts";
import { OFFERS_NOTHING, type Manifest } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginPort,
  type PluginRequest,
  type Services,
} from "../base/port.ts";
import { StorageError } from "../base/storage.ts";
import type { Json, JsonObject, TaskSpec } from "../plugin-api/index.ts";
import type { Begun, Engine, WorkflowProgress } from "../workflow/engine.ts";
import { BadPlanError } from "../workflow/plan.ts";
import { isOver, type WorkflowRecord } from "../workflow/record.ts";
import {
  JSON_TYPE,
  LIST_LIMIT,
  runName,
  runTool,
  WORKFLOW_RESOURCES,
  WORKFLOW_TOOLS,
  WORKFLOWS,
} from "./workflow-manifests.ts";
import {
  resultView,
  workflowSummary,
  workflowText,
  workflowView,
} from "../workflow/workflow-view.ts";

/** Id under which the tools of workflows stand in the catalogue. */
export const WORKFLOWS_ID = "agentflow-workflows";

export interface WorkflowToolsOptions {
  readonly engine: Engine;
  readonly version: string;
  /** Names of the agents that are served now. */
  readonly agents: () => readonly string[];
  /** Public name of the tool with which an agent plans. */
  readonly planTool: (agent: string) => string | undefined;
}

/** The host's own tools for what agents plan: they are carried out, listed, shown, cancelled and tried again. */
export class WorkflowTools implements PluginPort {
  readonly #options: WorkflowToolsOptions;
  #services: Services | undefined;

  constructor(options: WorkflowToolsOptions) {
    this.#options = options;
  }

  async describe(): Promise<Manifest> {
    const agents = this.#options.agents();
    return {
      info: {
        name: WORKFLOWS_ID,
        version: this.#options.version,
        description: "Plans of agents, carried out.",
        dynamic: true,
      },
      ...OFFERS_NOTHING,
      ...(agents.length > 0 && {
        tools: [...agents.map(runTool), ...WORKFLOW_TOOLS],
        resources: WORKFLOW_RESOURCES,
      }),
    };
  }

  async activate(services: Services): Promise<void> {
    this.#services = services;
  }

  async close(): Promise<void> {}

  /** Agents have come or gone. */
  agentsChanged(): void {
    this.#services?.definitionsChanged();
  }

  workflowChanged(id: string): void {
    this.#services?.resourceUpdated(`${WORKFLOWS}/${id}`);
  }

  async invoke(invocation: Invocation, signal: Aborting, services: CallServices): Promise<Outcome> {
    services.onBegin();
    const { request, principal } = invocation;
    try {
      if (request.kind === "resource") return await this.#read(request, principal.id);
      if (request.kind !== "tool") return gone(request.name);
      const agent = this.#options.agents().find((name) => runName(name) === request.name);
      if (agent !== undefined) return await this.#run(agent, invocation, signal, services);
      return await this.#use(request.name, request.arguments, invocation, signal, services);
    } catch (error) {
      if (error instanceof BadPlanError) return failed(hostFailure("bad_plan", error.message));
      if (error instanceof StorageError) {
        const text = "Workflows cannot be kept now. Nothing has been run; try again later.";
        const more = { retryable: true, detail: messageOf(error) };
        return failed(hostFailure("storage_unavailable", text, more));
      }
      throw error;
    }
  }

  async #run(
    agent: string,
    { request, principal, depth = 0 }: Invocation,
    signal: Aborting,
    services: CallServices,
  ): Promise<Outcome> {
    const { context = {}, failure = "skip" } = request.kind === "tool" ? request.arguments : {};
    if (failure !== "skip" && failure !== "fail") {
      return invalid('\'failure\' must be "skip" or "fail"');
    }
    if (!isBag(context)) return invalid("'context' must be an object");
    const planTool = this.#options.planTool(agent);
    if (planTool === undefined) return gone(agent);
    const planned = await services.callTool(planTool, { context });
    if (planned.kind !== "reply") return planned;
    const { tasks } = planned.reply.data as unknown as { tasks: readonly TaskSpec[] };
    const { engine } = this.#options;
    const draft = {
      agent,
      principal: principal.id,
      depth,
      context,
      failure,
      tasks,
    } as const;
    const begun = await engine.start(draft, (progress) => tell(progress, services));
    return this.#wait(begun, signal);
  }

  /** Whoever cancels the call cancels the workflow. */
  async #wait(begun: Begun, signal: Aborting): Promise<Outcome> {
    const { engine } = this.#options;
    const cancel = (): void => void engine.cancel(begun.id);
    const real = realSignal(signal);
    real.addEventListener("abort", cancel, { once: true });
    if (real.aborted) cancel();
    try {
      const record = await begun.ended;
      if (!isOver(record)) return failed(leftBehind(record));
      return reply(workflowText(record), resultView(record));
    } finally {
      real.removeEventListener("abort", cancel);
    }
  }

  async #use(
    name: string,
    args: JsonObject,
    { principal }: Invocation,
    signal: Aborting,
    services: CallServices,
  ): Promise<Outcome> {
    const { engine } = this.#options;
    if (name === "workflow_list") return this.#list(args, principal.id);
    const { workflow_id: id } = args;
    if (typeof id !== "string") return invalid("'workflow_id' must be text");
    const record = await engine.find(id, principal.id);
    if (record === undefined) return unknownWorkflow(id);
    switch (name) {
      case "workflow_show":
        return reply(workflowText(record), workflowView(record));
      case "workflow_cancel": {
        const isCancelled = engine.cancel(id);
        const text = isCancelled
          ? `Workflow ${id} is being cancelled.`
          : isOver(record)
            ? `Workflow ${id} is over: it is ${record.status}.`
            : `Workflow ${id} is carried out by another server, and cannot be cancelled here.`;
        return reply(text, workflowSummary(record));
      }
      case "workflow_retry": {
        const begun = await engine.retry(record, (progress) => tell(progress, services));
        return begun === undefined
          ? invalid(`workflow ${id} is still being carried out`)
          : this.#wait(begun, signal);
      }
      default:
        return gone(name);
    }
  }

  async #list(args: JsonObject, principal: string): Promise<Outcome> {
    const { status, limit = LIST_LIMIT, offset = 0 } = args;
    if (status !== undefined && typeof status !== "string") return invalid("'status' must be text");
    if (!isWhole(limit, 1, 100) || !isWhole(offset, 0, 1_000_000)) {
      return invalid("'limit' must be a number from 1 to 100, 'offset' one from 0");
    }
    const query = { limit, offset, ...(status !== undefined && { status }) };
    const found = await this.#options.engine.list(principal, query);
    const workflows = found.map(workflowSummary);
    const lines = found.map(({ id, agent, status: state }) => `- ${id}: ${agent}, ${state}`);
    const text = lines.length === 0 ? "There are no workflows." : lines.join("\n");
    return reply(text, { workflows });
  }

  async #read(
    { uri, variables }: Extract<PluginRequest, { kind: "resource" }>,
    principal: string,
  ): Promise<Outcome> {
    const { engine } = this.#options;
    if (uri === WORKFLOWS) {
      const found = await engine.list(principal, { limit: 100, offset: 0 });
      return contents(uri, { workflows: found.map(workflowSummary) });
    }
    const record = await engine.find(variables["id"] ?? "", principal);
    return record === undefined
      ? unknownWorkflow(variables["id"] ?? "")
      : contents(uri, workflowView(record));
  }
}

function tell({ ended, of }: WorkflowProgress, services: CallServices): void {
  services.progress({ done: ended, total: of, message: `${ended} of ${of} tasks` });
}

function reply(text: string, data: Json): Outcome {
  return { kind: "reply", reply: { content: [{ type: "text", text }], data } };
}

function contents(uri: string, value: Json): Outcome {
  const text = JSON.stringify(value, undefined, 2);
  return { kind: "contents", contents: [{ uri, mimeType: JSON_TYPE, text }] };
}

function isWhole(value: Json, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function leftBehind({ id }: WorkflowRecord): ReturnType<typeof hostFailure> {
  const text = `The server is stopping. Workflow ${id} goes on when it is back: see it with workflow_show.`;
  return hostFailure("shutting_down", text, { retryable: false });
}

function unknownWorkflow(id: string): Outcome {
  const text = `There is no workflow ${JSON.stringify(id)}, or it is not yours.`;
  return failed(hostFailure("unknown_workflow", text));
}

function invalid(text: string): Outcome {
  return failed(invalidArguments(text));
}

function gone(name: string): Outcome {
  return failed(hostFailure("plugin_unavailable", `'${name}' is gone.`));
}
