import { realSignal, type Aborting } from "../base/call-signal.ts";
import { inputRequiredBrand } from "../plugin-api/input.ts";
import type { CallServices, Invocation, LogLevel, Outcome, Services } from "../base/port.ts";
import { ToolError } from "../plugin-api/errors.ts";
import type {
  Json,
  JsonObject,
  Logger,
  PluginStorage,
  ToolAnswer,
  ToolContext,
} from "../plugin-api/index.ts";
import { RetryBudgets } from "../base/retry-budget.ts";
import { withRetries } from "../base/retry.ts";
import { classifyError } from "../base/transient.ts";
import { toJson } from "./json-value.ts";
import type { LivePlugin } from "./live-plugin.ts";

/** What one attempt did that the host must know. */
export interface AttemptState {
  selfRetried: boolean;
  /** A request was not repeated, because its upstream had used up what retries may cost. */
  isBudgetSpent: boolean;
}

/** Of each plugin, as long as it lives: definitions that are read again change nothing about its upstreams. */
const budgets = new WeakMap<object, RetryBudgets>();

/**
 * Has `signal`, made for those who look at it. Each object has it as its own, so that copies have it too, but all by the same
 * getter: a getter of each object's own would give each a shape of its own, which holds the whole call until the next full
 * collection.
 */
class WithSignal {
  static readonly #property = {
    enumerable: true,
    get(this: WithSignal): AbortSignal {
      return realSignal(this.#aborting);
    },
  };
  declare readonly signal: AbortSignal;
  readonly #aborting: Aborting;

  constructor(aborting: Aborting) {
    this.#aborting = aborting;
    Object.defineProperty(this, "signal", WithSignal.#property);
  }
}

/** Builds the context of one attempt out of what the port carries. */
export function createToolContext(
  plugin: LivePlugin,
  config: Readonly<Record<string, unknown>>,
  invocation: Invocation,
  aborting: Aborting,
  services: CallServices,
  state: AttemptState,
): ToolContext {
  const remainingMs = (): number => services.remainingMs();
  return Object.assign(new WithSignal(aborting), {
    remainingMs,
    background: () => services.background(),
    attempt: invocation.attempt,
    idempotencyKey: invocation.idempotencyKey,
    principal: invocation.principal,
    progress: (done, total, message) =>
      services.progress({
        done,
        ...(Number.isFinite(total) && { total: Number(total) }),
        ...(message !== undefined && { message }),
      }),
    client: invocation.client,
    log: createPluginLogger(services),
    logToClient: (level, data) => services.logToClient(level, toJson(data)),
    inputRequired: (requests, next) => ({ [inputRequiredBrand]: true, requests, state: next }),
    inputs: invocation.inputs,
    state: invocation.state,
    retry: async (request) => {
      state.selfRetried = true;
      services.retriesItself();
      const budget = budgetsOf(plugin);
      const upstream = upstreamOf(plugin, invocation);
      const answer = await withRetries(() => request(realSignal(aborting)), {
        retries: invocation.retryCount,
        signal: aborting,
        remainingMs,
        classify: (error) => classifyError(error),
        spend: (throttled) => {
          state.isBudgetSpent = !budget.spend(upstream, throttled);
          return !state.isBudgetSpent;
        },
      });
      budget.succeeded(upstream);
      return answer;
    },
    storage: createPluginStorage(services),
    callTool: async (name, args = {}) => {
      // What JSON cannot carry is this author's own mistake, and no other tool's.
      const given = toJson(args) as JsonObject;
      return toAnswer(name, await services.callTool(name, given));
    },
    prompts: { render: (name, args) => renderPrompt(plugin, name, args) },
    config,
  } satisfies Omit<ToolContext, "signal">);
}

function toAnswer(name: string, outcome: Outcome): ToolAnswer {
  if (outcome.kind === "reply") {
    const { content, data } = outcome.reply;
    return { content, ...(data !== undefined && { data }) };
  }
  if (outcome.kind !== "failure") throw new Error(`'${name}' gave an answer of the wrong kind`);
  const { message, code, retryable, retryAfterMs } = outcome.failure;
  throw new ToolError(message, {
    code,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function budgetsOf({ instance }: LivePlugin): RetryBudgets {
  // A plugin is an object or a function; nothing else has members.
  const owner = instance as object;
  const known = budgets.get(owner) ?? new RetryBudgets();
  budgets.set(owner, known);
  return known;
}

/** What the requests of a tool go to, as far as the host knows. */
function upstreamOf(plugin: LivePlugin, { request }: Invocation): string {
  return plugin.tools.get(request.name)?.manifest.settings.toolName ?? request.name;
}

/** The plugin's logger: fields are made plain here, so that nothing else has to cross the port. */
export function createPluginLogger(services: Services): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      services.log(level, message, plainFields(fields));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export function createPluginStorage({ storage }: Services): PluginStorage {
  return {
    get: (key) => storage.get(key),
    set: (key, value) => storage.set(key, toJson(value)),
    delete: (key) => storage.delete(key),
    keys: (prefix = "") => storage.keys(prefix),
  };
}

function plainFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> {
  const entries = Object.entries(fields).flatMap(([key, value]): [string, Json][] => {
    if (value === undefined) return [];
    if (value instanceof Error) return [[key, value.stack ?? value.message]];
    try {
      return [[key, toJson(value)]];
    } catch {
      return [[key, "a value that JSON cannot carry"]];
    }
  });
  return Object.fromEntries(entries);
}

function renderPrompt(
  plugin: LivePlugin,
  name: string,
  args: Readonly<Record<string, string>> = {},
): string {
  const prompt = plugin.prompts.get(name);
  if (prompt === undefined) {
    throw new Error(
      `There is no prompt '${name}'; there are: ${[...plugin.prompts.keys()].join(", ")}`,
    );
  }
  if (prompt.template === undefined) throw new Error(`The prompt '${name}' has no template.`);
  return prompt.template.render({ ...prompt.defaults, ...args });
}
