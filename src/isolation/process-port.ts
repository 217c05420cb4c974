import { AttemptTimedOutError } from "../base/abort.ts";
import { messageOf, PluginError, type PluginStage } from "../base/errors.ts";
import { hostFailure, type Failure } from "../base/failure.ts";
import type { Manifest } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginPort,
  type Services,
} from "../base/port.ts";
import type { JsonObject } from "../plugin-api/index.ts";
import { NotAPluginError } from "../runtime/inline-port.ts";
import { ChannelClosedError, ChannelFullError, RemoteError } from "./channel.ts";
import { checkManifest, checkOutcome, checkProgress } from "./check-message.ts";
import { FrameError } from "./framing.ts";
import type { ChildNotes, ChildRequests, FileSource } from "./messages.ts";
import type { PluginProcess, ProcessEnd } from "./plugin-process.ts";
import { UnavailableError, type Member, type Supervisor } from "./supervisor.ts";

export interface ProcessPortOptions {
  readonly source: FileSource;
  readonly supervisor: Supervisor;
  /** What the plugin offered when it was last described, if nothing has changed since. */
  readonly cached: Manifest | undefined;
  /** Told each manifest that the plugin itself has given. */
  readonly onDescribed: (manifest: Manifest) => void;
  /** Loads the plugin at once, and not with its first call. */
  readonly eager: boolean;
}

/** A handler gets so long to clean up after its signal has fired. */
const GRACE_MS = 250;
/** Over the limits that the plugin's own process keeps: this one is for a process that cannot. */
const DESCRIBE_MS = 10_000;
const ACTIVATE_MS = 15_000;
const CLOSE_MS = 7_000;

/** A call at work in the process. */
interface Running {
  readonly services: CallServices;
  /** Nobody waits for it any more: it was too slow, or its caller has left. */
  given: boolean;
}

/** What has been done with the plugin in one process. */
interface Prepared {
  readonly described: Promise<void>;
  activated?: Promise<void>;
}

/** A plugin in a process of its own, or in one that it shares with others of its group. */
export class ProcessPort implements PluginPort, Member {
  readonly plugin: string;
  readonly #options: ProcessPortOptions;
  readonly #running = new Map<number, Running>();
  readonly #prepared = new WeakMap<PluginProcess, Prepared>();
  #manifest: Manifest | undefined;
  #services: Services | undefined;
  #condition: string | undefined;
  #closed = false;

  constructor(options: ProcessPortOptions) {
    this.#options = options;
    this.plugin = options.source.id;
    this.#manifest = options.cached;
    options.supervisor.add(this);
  }

  /** From memory where that is good enough; what the process says later replaces it. */
  async describe(): Promise<Manifest> {
    if (this.#manifest === undefined) await this.#start();
    const manifest = this.#manifest;
    if (manifest === undefined) throw new PluginError("import", "could not be described");
    if (this.#condition === undefined) return manifest;
    return { ...manifest, unavailable: { code: "quarantined", message: this.#condition } };
  }

  async activate(services: Services): Promise<void> {
    this.#services = services;
    if (this.#options.eager || this.#manifest?.info.dynamic) await this.#start();
  }

  async invoke(
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
  ): Promise<Outcome> {
    try {
      return await this.#options.supervisor.use(this, (process) =>
        this.#run(process, invocation, signal, services),
      );
    } catch (error) {
      return failed(this.#notRun(error));
    }
  }

  /** Waits for nothing but the plugin's own `onPluginUnload`. Whoever closes has let its calls end. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { supervisor } = this.#options;
    const { process } = supervisor;
    if (process?.alive && this.#prepared.get(process)?.activated !== undefined) {
      await within(process.request("close", { plugin: this.plugin }), CLOSE_MS).catch(
        () => undefined,
      );
    }
    await supervisor.remove(this);
  }

  /** Once for each process: describes the plugin there, and loads it when it is to be used. */
  async prepare(process: PluginProcess): Promise<void> {
    let prepared = this.#prepared.get(process);
    if (prepared === undefined) {
      prepared = { described: this.#describeIn(process) };
      this.#prepared.set(process, prepared);
    }
    await prepared.described;
    if (this.#services === undefined) return;
    prepared.activated ??= this.#activateIn(process);
    await prepared.activated;
  }

  async onRequest(method: string, params: unknown): Promise<unknown> {
    const services = this.#services;
    if (services === undefined) throw new Error("the plugin is not loaded");
    if (method === "callTool") {
      const { call, name, arguments: args } = params as ChildRequests["callTool"];
      const running = this.#running.get(call);
      if (running === undefined || running.given) throw new Error("the call is over");
      return running.services.callTool(name, args);
    }
    if (method !== "storage") throw new FrameError("a request for what there is not");
    const { operation, key, value = null } = params as ChildRequests["storage"];
    if (typeof key !== "string") throw new FrameError("a storage key that is no text");
    switch (operation) {
      case "get":
        return services.storage.get(key);
      case "set":
        return services.storage.set(key, value);
      case "delete":
        return services.storage.delete(key);
      case "keys":
        return services.storage.keys(key);
    }
  }

  onNote(method: string, params: unknown): void {
    switch (method as keyof ChildNotes) {
      case "log": {
        const { level, message, fields } = params as ChildNotes["log"];
        if (!["debug", "info", "warn", "error"].includes(level) || typeof message !== "string") {
          throw new FrameError("a log line that is none");
        }
        this.#services?.log(level, message, fields as JsonObject);
        return;
      }
      case "progress": {
        const { call, note } = params as ChildNotes["progress"];
        this.#servicesOf(call)?.progress(checkProgress(note));
        return;
      }
      case "clientLog": {
        const { call, level, data } = params as ChildNotes["clientLog"];
        this.#servicesOf(call)?.logToClient(level, data);
        return;
      }
      case "background":
        this.#servicesOf((params as ChildNotes["background"]).call)?.background();
        return;
      case "resourceUpdated": {
        const { uri } = params as ChildNotes["resourceUpdated"];
        if (typeof uri === "string") this.#services?.resourceUpdated(uri);
        return;
      }
      case "definitionsChanged":
        void this.#describeAgain();
        return;
      default:
        throw new FrameError("a note of a kind that there is not");
    }
  }

  onCondition(reason: string | undefined): void {
    if (reason === this.#condition) return;
    this.#condition = reason;
    this.#services?.definitionsChanged();
  }

  async #start(): Promise<void> {
    try {
      await this.#options.supervisor.use(this, () => Promise.resolve());
    } catch (error) {
      throw asPluginError(error);
    }
  }

  async #describeIn(process: PluginProcess): Promise<void> {
    const { source } = this.#options;
    const leave = process.attend();
    try {
      const described = process.request("describe", { plugin: this.plugin, source });
      this.#adopt(checkManifest(await within(described, DESCRIBE_MS, process, "being described")));
    } finally {
      leave();
    }
  }

  async #activateIn(process: PluginProcess): Promise<void> {
    const leave = process.attend();
    try {
      const activated = process.request("activate", { plugin: this.plugin });
      await within(activated, ACTIVATE_MS, process, "being loaded");
      if (this.#manifest?.info.dynamic) await this.#describeIn(process);
    } catch (error) {
      // It cannot be used as it is: the next one that needs it finds a new process, or a reason to wait.
      process.kill(`could not be loaded: ${messageOf(error)}`, "crashed");
      throw error;
    } finally {
      leave();
    }
  }

  async #describeAgain(): Promise<void> {
    const { process } = this.#options.supervisor;
    if (process === undefined) return;
    try {
      await this.#describeIn(process);
    } catch (error) {
      this.#services?.log("error", `its definitions could not be read again: ${messageOf(error)}`);
    }
  }

  #adopt(manifest: Manifest): void {
    const known = this.#manifest;
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(manifest)) return;
    this.#manifest = manifest;
    this.#options.onDescribed(manifest);
    this.#services?.definitionsChanged();
  }

  async #run(
    process: PluginProcess,
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
  ): Promise<Outcome> {
    const { supervisor } = this.#options;
    const call = supervisor.nextCall();
    const running: Running = { services, given: false };
    let grace: NodeJS.Timeout | undefined;
    const giveUp = (): void => {
      running.given = true;
      const { reason } = signal as { readonly reason: unknown };
      process.tell("cancel", { call, reason: messageOf(reason) });
      // Whoever cancels must not thereby end the calls of others, as long as the work has its time.
      const leftMs = reason instanceof AttemptTimedOutError ? 0 : services.remainingMs();
      grace = setTimeout(() => {
        const name = `${invocation.request.kind} '${invocation.request.name}'`;
        process.kill(`its ${name} did not end within its time, and not when it was told to`);
      }, leftMs + GRACE_MS);
    };
    if (signal.aborted) return failed(hostFailure("cancelled", "The call was cancelled."));
    this.#running.set(call, running);
    const leave = process.attend();
    signal.addEventListener("abort", giveUp, { once: true });
    const undo = services.onMoreTime((remainingMs) => process.tell("time", { call, remainingMs }));
    try {
      const remainingMs = services.remainingMs();
      const params = { plugin: this.plugin, call, invocation, remainingMs };
      const outcome = checkOutcome(await process.request("invoke", params));
      supervisor.answered();
      return outcome;
    } catch (error) {
      if (error instanceof FrameError) process.kill(error.message, "crashed");
      else if (!(error instanceof ChannelClosedError)) throw error;
      return failed(lost(await process.ended));
    } finally {
      clearTimeout(grace);
      undo();
      signal.removeEventListener("abort", giveUp);
      leave();
      this.#running.delete(call);
    }
  }

  /** The failure of a call that the plugin has not seen. */
  #notRun(error: unknown): Failure {
    const detail = messageOf(error);
    if (error instanceof UnavailableError) {
      const { retryAfterMs } = error;
      return hostFailure("plugin_unavailable", unavailable(this.plugin, retryAfterMs), {
        retryable: true,
        transient: true,
        notStarted: true,
        detail,
        ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
      });
    }
    if (error instanceof ChannelFullError || error instanceof ChannelClosedError) {
      const more = { retryable: true, transient: true, notStarted: true, detail };
      return hostFailure("plugin_unavailable", unavailable(this.plugin, undefined), more);
    }
    const text = `The plugin '${this.plugin}' failed to load.`;
    return hostFailure("plugin_unavailable", text, { notStarted: true, detail });
  }

  #servicesOf(call: number): CallServices | undefined {
    const running = this.#running.get(call);
    return running?.given === false ? running.services : undefined;
  }
}

function unavailable(plugin: string, retryAfterMs: number | undefined): string {
  const when = retryAfterMs === undefined ? "a moment" : `${Math.ceil(retryAfterMs / 1_000)} s`;
  return `The plugin '${plugin}' cannot be used now. Try again in ${when}.`;
}

/** The failure of a call whose process has ended under it. */
function lost({ how, reason, callsInFlight }: ProcessEnd): Failure {
  const more = { transient: true, detail: reason };
  // With nobody else at work there, it was this call's own doing.
  if (how === "crashed" && callsInFlight <= 1) {
    return hostFailure("plugin_crashed", "The plugin crashed while it was carrying out the call.", more);
  }
  return hostFailure(
    "plugin_restarted",
    "The plugin had to be restarted while it was carrying out the call.",
    { ...more, retryable: true },
  );
}

/** Waits for an answer of the plugin's process; one that does not come in time ends the process. */
async function within<T>(
  answer: Promise<T>,
  milliseconds: number,
  process?: PluginProcess,
  what = "",
): Promise<T> {
  const timer = setTimeout(() => {
    process?.kill(`${what} took longer than ${milliseconds / 1_000} s`, "crashed");
  }, milliseconds);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

/** The error that the plugin's process has met, made again. */
function asPluginError(error: unknown): Error {
  if (error instanceof RemoteError) {
    const { kind, stage, holds, cause } = (error.details ?? {}) as {
      readonly kind?: string;
      readonly stage?: PluginStage;
      readonly holds?: readonly string[];
      readonly cause?: string;
    };
    if (kind === "not-a-plugin") return new NotAPluginError(holds ?? []);
    if (kind === "plugin" && stage !== undefined) {
      return new PluginError(stage, error.message, cause === undefined ? {} : { cause: new Error(cause) });
    }
  }
  return new PluginError("import", messageOf(error), { cause: error });
}
