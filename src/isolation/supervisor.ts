import type { ChildProcess } from "node:child_process";
import type { Logger } from "../plugin-api/index.ts";
import { ChannelClosedError } from "./channel.ts";
import { CrashRecord } from "./crash-record.ts";
import { FrameError } from "./framing.ts";
import { PluginProcess, type ProcessEnd } from "./plugin-process.ts";

/** A plugin in the process, as the supervisor knows it. */
export interface Member {
  readonly plugin: string;
  onRequest(method: string, params: unknown): Promise<unknown>;
  onNote(method: string, params: unknown): void;
  /** Makes the plugin ready in a process, if it is not yet. */
  prepare(process: PluginProcess): Promise<void>;
  /** It cannot be used until it is tried again, or can be used again. */
  onCondition(reason: string | undefined): void;
}

export interface SupervisorOptions {
  /** The plugin's id, or the group's name. */
  readonly name: string;
  readonly launch: () => ChildProcess;
  readonly memoryBytes: number;
  readonly idleMs: number;
  readonly log: Logger;
}

/** The plugin cannot be used now. Nothing of the call has reached it. */
export class UnavailableError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnavailableError";
    this.retryAfterMs = retryAfterMs;
  }
}

interface Running {
  readonly process: PluginProcess;
  /** Who has been served by it. */
  readonly served: Set<Member>;
}

/**
 * Keeps one process for the plugins that share it: starts it when it is first needed, stops it when nobody has for a
 * while, and starts it again when it has crashed, less and less readily.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #members = new Map<string, Member>();
  readonly #crashes = new CrashRecord();
  #running: Running | undefined;
  #notBefore = 0;
  #quarantine: { readonly reason: string; readonly until: number } | undefined;
  #users = 0;
  #lastCall = 0;
  #idle: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  add(member: Member): void {
    this.#members.set(member.plugin, member);
  }

  /** The last one to leave takes the process along. */
  async remove(member: Member): Promise<void> {
    if (this.#members.get(member.plugin) === member) this.#members.delete(member.plugin);
    if (this.#members.size > 0) return;
    this.#stopped = true;
    clearTimeout(this.#idle);
    await this.#running?.process.stop();
  }

  /** Names a call, among all that its process may see. */
  nextCall(): number {
    this.#lastCall += 1;
    return this.#lastCall;
  }

  get process(): PluginProcess | undefined {
    return this.#running?.process;
  }

  /**
   * Runs something in the process, which is started for it if need be, with the member prepared. Rejects with an
   * {@link UnavailableError} if there is none to be had, and with what `prepare` threw.
   */
  async use<T>(member: Member, run: (process: PluginProcess) => Promise<T>): Promise<T> {
    this.#users += 1;
    clearTimeout(this.#idle);
    try {
      return await run(await this.#ready(member));
    } finally {
      this.#users -= 1;
      if (this.#users === 0 && !this.#stopped) this.#stopWhenIdle();
    }
  }

  /** A call was answered: the process is sound. */
  answered(): void {
    this.#crashes.answered();
    if (this.#quarantine === undefined) return;
    this.#quarantine = undefined;
    for (const each of this.#members.values()) each.onCondition(undefined);
  }

  async #ready(member: Member): Promise<PluginProcess> {
    const { process, served } = await this.#process();
    served.add(member);
    try {
      await member.prepare(process);
      return process;
    } catch (error) {
      if (!(error instanceof ChannelClosedError)) throw error;
      const { reason } = await process.ended;
      throw new UnavailableError(reason, undefined, { cause: error });
    }
  }

  async #process(): Promise<Running> {
    for (;;) {
      if (this.#stopped) throw new UnavailableError("is being stopped", 1_000);
      if (this.#running?.process.alive) return this.#running;
      if (this.#running !== undefined) {
        await this.#running.process.ended;
        continue;
      }
      const now = performance.now();
      if (this.#quarantine !== undefined && now < this.#quarantine.until) {
        const { reason, until } = this.#quarantine;
        throw new UnavailableError(reason, until - now);
      }
      if (now < this.#notBefore) {
        await new Promise((resolve) => setTimeout(resolve, this.#notBefore - now));
        continue;
      }
      this.#running = this.#start();
    }
  }

  #start(): Running {
    const { launch, memoryBytes, log, name } = this.#options;
    const process = new PluginProcess({
      child: launch(),
      memoryBytes,
      onRequest: (method, params) => this.#memberOf(params).onRequest(method, params),
      onNote: (method, params) => this.#memberOf(params).onNote(method, params),
      onPrint: (line) => log.info("printed", { plugin: name, line }),
      onUnresponsive: (ms) =>
        ms > 0
          ? log.warn("plugin does not respond", { plugin: name, seconds: Math.round(ms / 1_000) })
          : log.info("plugin responds again", { plugin: name }),
    });
    const running: Running = { process, served: new Set() };
    void process.ended.then((end) => this.#ended(running, end));
    return running;
  }

  #memberOf(params: unknown): Member {
    const { plugin } = (params ?? {}) as { readonly plugin?: unknown };
    const member = typeof plugin === "string" ? this.#members.get(plugin) : undefined;
    if (member === undefined) throw new FrameError("a message for no plugin of its process");
    return member;
  }

  #ended(running: Running, end: ProcessEnd): void {
    if (this.#running === running) this.#running = undefined;
    const { log, name } = this.#options;
    const { how, reason } = end;
    if (how === "stopped") return;
    const verdict = how === "crashed" ? this.#crashes.crashed() : undefined;
    log.warn(how === "crashed" ? "plugin crashed" : "plugin was ended", { plugin: name, reason });
    if (verdict?.kind === "quarantine") {
      const text = `${reason}; it is tried again in ${verdict.forMs / 60_000} min`;
      this.#quarantine = { reason: text, until: performance.now() + verdict.forMs };
      for (const each of this.#members.values()) each.onCondition(text);
      return;
    }
    this.#notBefore = performance.now() + (verdict?.afterMs ?? 0);
    // Whoever calls next should find it ready.
    for (const member of running.served) {
      this.use(member, () => Promise.resolve()).catch(() => undefined);
    }
  }

  #stopWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#users === 0) void this.#running?.process.stop();
    }, this.#options.idleMs);
    this.#idle.unref();
  }
}
