import { sleep } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
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
  /** Makes the plugin ready in a process, if it is not yet. Whether calls may follow, or it is only to be described. */
  prepare(process: PluginProcess): Promise<boolean>;
  /** Unloads the plugin in a process that is about to end. Never rejects. */
  release(process: PluginProcess): Promise<void>;
  /** It has crashed too often, in words; undefined: it works again. */
  onQuarantine(reason: string | undefined): void;
}

export interface MemberLimits {
  /** Most memory of the process, in bytes. */
  readonly memoryBytes: number;
  /** After so long without work, the process is stopped. */
  readonly idleMs: number;
}

export interface SupervisorOptions {
  /** The plugin's id, or the group's name. */
  readonly name: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly onPrint: (name: string, line: string) => void;
  readonly crashes?: CrashRecord;
}

/** The plugin cannot be used now. Nothing of the call has reached it. */
export class UnavailableError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.name = "UnavailableError";
    this.retryAfterMs = retryAfterMs;
  }
}

interface Running {
  readonly process: PluginProcess;
  /** Who has been there, and who is ready for calls. */
  readonly served: Set<Member>;
  readonly ready: Set<Member>;
}

interface Quarantine {
  readonly reason: string;
  readonly until: number;
  /** One call is finding out whether the plugin works again. */
  isTried: boolean;
}

/** When to come back while that is so. */
const TRIAL_MS = 1_000;

/**
 * Keeps one process for the plugins that share it: starts it when it is first needed, stops it when nobody has for a
 * while, and starts it again when it has crashed, less and less readily.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #members = new Map<string, Member>();
  readonly #crashes: CrashRecord;
  #limits: MemberLimits = { memoryBytes: 0, idleMs: 0 };
  #running: Running | undefined;
  #starting: Promise<Running> | undefined;
  #notBefore = 0;
  #quarantine: Quarantine | undefined;
  #users = 0;
  #lastCall = 0;
  #idle: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#crashes = options.crashes ?? new CrashRecord();
  }

  has(plugin: string): boolean {
    return this.#members.has(plugin);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Of several, the largest limits hold. */
  add(member: Member, { memoryBytes, idleMs }: MemberLimits): void {
    this.#members.set(member.plugin, member);
    this.#limits = {
      memoryBytes: Math.max(this.#limits.memoryBytes, memoryBytes),
      idleMs: Math.max(this.#limits.idleMs, idleMs),
    };
  }

  /** Unloads a plugin; the last one to leave takes the process along. */
  async remove(member: Member): Promise<void> {
    if (this.#members.get(member.plugin) !== member) return;
    const isLast = this.#members.size === 1;
    if (isLast) {
      this.#isStopped = true;
      clearTimeout(this.#idle);
      await this.#starting?.catch(() => undefined);
      await this.#stop();
    } else if (this.#running?.served.delete(member)) await member.release(this.#running.process);
    this.#members.delete(member.plugin);
  }

  /** Names a call, among all that its process may see. */
  nextCall(): number {
    this.#lastCall += 1;
    return this.#lastCall;
  }

  /** The process that runs now, if any does. */
  get process(): PluginProcess | undefined {
    return this.#running?.process.alive ? this.#running.process : undefined;
  }

  /**
   * Runs something in the process, which is started for it if need be, with the member prepared. Rejects with an
   * {@link UnavailableError} if there is none to be had, and with what `prepare` threw.
   */
  async use<T>(member: Member, run: (process: PluginProcess) => Promise<T>): Promise<T> {
    const trial = this.#enterTrial();
    const release = this.hold();
    try {
      return await run(await this.#ready(member));
    } finally {
      release();
      if (trial !== undefined) trial.isTried = false;
    }
  }

  /** While it is held, a process that runs is not stopped for want of work. Returns the end of that. */
  hold(): () => void {
    this.#users += 1;
    clearTimeout(this.#idle);
    return () => {
      this.#users -= 1;
      if (this.#users === 0 && !this.#isStopped) this.#stopWhenIdle();
    };
  }

  /** A call was answered: the plugin works. */
  answered(): void {
    this.#crashes.answered();
    if (this.#quarantine === undefined) return;
    this.#quarantine = undefined;
    for (const member of this.#members.values()) member.onQuarantine(undefined);
  }

  /** Out of quarantine leads one good answer; nobody else is let through meanwhile. */
  #enterTrial(): Quarantine | undefined {
    const trial = this.#quarantine;
    if (trial === undefined) return undefined;
    const waitMs = trial.isTried ? TRIAL_MS : trial.until - performance.now();
    if (waitMs > 0) throw new UnavailableError(trial.reason, waitMs);
    trial.isTried = true;
    return trial;
  }

  async #ready(member: Member): Promise<PluginProcess> {
    const { process, served, ready } = await this.#process();
    served.add(member);
    try {
      if (await member.prepare(process)) ready.add(member);
      return process;
    } catch (error) {
      if (!(error instanceof ChannelClosedError)) throw error;
      const { reason } = await process.ended;
      throw new UnavailableError(reason);
    }
  }

  async #process(): Promise<Running> {
    for (;;) {
      if (this.#isStopped) throw new UnavailableError("it is being stopped");
      const running = this.#running;
      if (running?.process.alive) {
        const { certain } = running.process;
        if (certain === undefined) return running;
        await certain;
        continue;
      }
      if (running !== undefined) {
        await running.process.ended;
        continue;
      }
      const now = performance.now();
      if (this.#quarantine !== undefined && now < this.#quarantine.until) {
        const { reason, until } = this.#quarantine;
        throw new UnavailableError(reason, until - now);
      }
      if (now < this.#notBefore) {
        await sleep(this.#notBefore - now);
        continue;
      }
      this.#starting ??= this.#start();
      await this.#starting;
    }
  }

  async #start(): Promise<Running> {
    const { log, name, program, env, onPrint } = this.#options;
    try {
      const process = await PluginProcess.start({
        program,
        env,
        memoryBytes: this.#limits.memoryBytes,
        onRequest: (method, params) => this.#memberOf(params).onRequest(method, params),
        onNote: (method, params) => this.#memberOf(params).onNote(method, params),
        onPrint: (line) => onPrint(name, line),
        onUnresponsive: (ms) => {
          const seconds = Math.round(ms / 1_000);
          if (ms > 0) log.warn("plugin does not respond", { plugin: name, seconds });
          else log.info("plugin responds again", { plugin: name });
        },
      });
      const running: Running = { process, served: new Set(), ready: new Set() };
      this.#running = running;
      void process.ended.then((end) => this.#ended(running, end));
      return running;
    } catch (error) {
      const reason = `its process could not be started: ${messageOf(error)}`;
      this.#crashed(reason);
      throw new UnavailableError(reason);
    } finally {
      this.#starting = undefined;
    }
  }

  #memberOf(params: unknown): Member {
    const { plugin } = (params ?? {}) as { readonly plugin?: unknown };
    const member = typeof plugin === "string" ? this.#members.get(plugin) : undefined;
    if (member === undefined) throw new FrameError("a message for no plugin of its process");
    return member;
  }

  #ended(running: Running, { how, reason }: ProcessEnd): void {
    this.#running = undefined;
    if (how === "stopped") return;
    if (how === "crashed") this.#crashed(reason);
    else this.#options.log.warn("plugin was stopped", { plugin: this.#options.name, reason });
    if (this.#isStopped || this.#quarantine !== undefined) return;
    // Whoever calls next should find ready what was ready; what never was would only crash again.
    for (const member of running.ready) {
      if (!this.#members.has(member.plugin)) continue;
      this.use(member, () => Promise.resolve()).catch(() => undefined);
    }
  }

  #crashed(reason: string): void {
    const { log, name } = this.#options;
    const verdict = this.#crashes.crashed();
    log.error("plugin crashed", { plugin: name, reason });
    const now = performance.now();
    if (verdict.kind === "restart") {
      this.#notBefore = now + verdict.afterMs;
      return;
    }
    const minutes = verdict.forMs / 60_000;
    const text = `It has crashed too often (it ${reason}); it is tried again in ${minutes} min.`;
    this.#quarantine = { reason: text, until: now + verdict.forMs, isTried: false };
    log.error("plugin quarantined", { plugin: name, reason: text });
    for (const member of this.#members.values()) member.onQuarantine(text);
  }

  #stopWhenIdle(): void {
    // Whoever comes to hold it ends this.
    this.#idle = setTimeout(() => void this.#stop(), this.#limits.idleMs);
    this.#idle.unref();
  }

  async #stop(): Promise<void> {
    if (this.#running === undefined) return;
    const { process, served } = this.#running;
    process.retire();
    await Promise.all([...served].map((member) => member.release(process)));
    await process.stop();
  }
}
