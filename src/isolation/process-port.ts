import type { Aborting } from "../base/call-signal.ts";
import { messageOf, PluginError, type PluginStage } from "../base/errors.ts";
import type { Manifest, Unavailable } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginPort,
  type Services,
} from "../base/port.ts";
import type { ValidatorCode } from "../runtime/validator-code.ts";
import { ChannelClosedError } from "./channel.ts";
import { CallInProcess } from "./call-in-process.ts";
import { checkManifest, checkValidators } from "./check-message.ts";
import { FrameError } from "./framing.ts";
import { notRun } from "./lost-call.ts";
import type { ChildNotes, FileSource } from "./messages.ts";
import { madeAgain } from "./remote-errors.ts";
import type { PluginProcess } from "./plugin-process.ts";
import { answerRequest, takeNote } from "./plugin-voice.ts";
import type { Member, Supervisor } from "./supervisor.ts";
import { whenLate } from "./when-late.ts";

export interface ProcessPortOptions {
  readonly source: FileSource;
  readonly supervisor: Supervisor;
  /** What the plugin offered when it was last described, if nothing has changed since. */
  readonly known: Manifest | undefined;
  /** Told each manifest that the plugin itself has given. */
  readonly onDescribed: (manifest: Manifest) => void;
  /** What {@link onValidators} was told last, of this plugin as it is. */
  readonly validators: () => ValidatorCode;
  /** Told what the plugin's next process need not compile. */
  readonly onValidators: (code: ValidatorCode) => void;
  /** Loads the plugin at once, and not with its first call. */
  readonly eager: boolean;
  /** Lets only so many be described at a time. */
  readonly turn: <T>(run: () => Promise<T>) => Promise<T>;
}

/** Over the limits that the plugin's own process keeps: these are for a process that cannot. */
const DESCRIBE_MS = 15_000;
const ACTIVATE_MS = 15_000;
const CLOSE_MS = 10_000;

/** What has been done with the plugin in one process. */
interface Prepared {
  readonly described: Promise<void>;
  isDescribed: boolean;
  activated?: Promise<void>;
}

/** A plugin in a process of its own, or in one that it shares with others of its group. */
export class ProcessPort implements PluginPort, Member {
  readonly isElsewhere = true;
  readonly plugin: string;
  readonly #options: ProcessPortOptions;
  readonly #calls = new Map<number, CallInProcess>();
  readonly #prepared = new WeakMap<PluginProcess, Prepared>();
  /** Ends of what keeps the process for a resource, by its URI. */
  readonly #watched = new Map<string, () => void>();
  #manifest: Manifest | undefined;
  /** Once for each description: more would only keep the disk busy. */
  #takesValidators = false;
  #services: Services | undefined;
  #unavailable: Unavailable | undefined;

  /** Whoever opens it also adds it to its supervisor. */
  constructor(options: ProcessPortOptions) {
    this.#options = options;
    this.plugin = options.source.id;
    this.#manifest = options.known;
  }

  /** From memory where that is good enough; what the process says later replaces it. */
  async describe(): Promise<Manifest> {
    if (this.#manifest === undefined) await this.#options.turn(() => this.#start("import"));
    const manifest = this.#manifest;
    if (manifest === undefined)
      throw new PluginError("import", "it was stopped while it was described");
    return this.#unavailable === undefined
      ? manifest
      : { ...manifest, unavailable: this.#unavailable };
  }

  async activate(services: Services): Promise<void> {
    this.#services = services;
    if (this.#options.eager || this.#manifest?.info.dynamic === true) await this.#start("load");
  }

  async invoke(invocation: Invocation, signal: Aborting, services: CallServices): Promise<Outcome> {
    const { supervisor } = this.#options;
    try {
      return await supervisor.use(this, async (process) => {
        const call = new CallInProcess(this.plugin, supervisor.nextCall(), process, services);
        this.#calls.set(call.number, call);
        try {
          const outcome = await call.run(invocation, signal);
          if (call.wasAnswered) supervisor.answered();
          return outcome;
        } finally {
          this.#calls.delete(call.number);
        }
      });
    } catch (error) {
      return failed(notRun(this.plugin, error));
    }
  }

  /** Somebody wants to hear of changes, which only a running plugin can tell: it is started, and stays. */
  watch(uri: string): void {
    if (this.#watched.has(uri)) return;
    this.#watched.set(uri, this.#options.supervisor.hold());
    this.#start("load").catch(() => undefined);
  }

  unwatch(uri: string): void {
    this.#watched.get(uri)?.();
    this.#watched.delete(uri);
  }

  /** Whoever closes has let its calls end. */
  close(): Promise<void> {
    return this.#options.supervisor.remove(this);
  }

  /** Once for each process: describes the plugin there, and loads it when it is to be used. */
  async prepare(process: PluginProcess): Promise<boolean> {
    let prepared = this.#prepared.get(process);
    if (prepared === undefined) {
      prepared = { described: this.#describeIn(process), isDescribed: false };
      this.#prepared.set(process, prepared);
    }
    await prepared.described;
    prepared.isDescribed = true;
    if (this.#services === undefined) return false;
    prepared.activated ??= this.#activateIn(process);
    await prepared.activated;
    return true;
  }

  async release(process: PluginProcess): Promise<void> {
    const prepared = this.#prepared.get(process);
    this.#prepared.delete(process);
    // What was only described has nothing to unload.
    if (prepared === undefined || (prepared.isDescribed && prepared.activated === undefined))
      return;
    try {
      await within(CLOSE_MS, process, process.request("close", { plugin: this.plugin }));
    } catch (error) {
      // A process that is gone has nothing left to unload.
      if (error instanceof ChannelClosedError) return;
      this.#services?.log("warn", `onPluginUnload failed: ${messageOf(error)}`);
    }
  }

  onRequest(method: string, params: unknown): Promise<unknown> {
    return answerRequest(method, params, this.#services, this.#calls);
  }

  onNote(method: string, params: unknown): void {
    if (method === "definitionsChanged") {
      void this.#describeAgain();
    } else if (method === "validators") {
      this.#takeValidators(checkValidators((params as ChildNotes["validators"]).code));
    } else {
      takeNote(method, params, this.#services, this.#calls);
    }
  }

  #takeValidators(code: ValidatorCode): void {
    if (this.#takesValidators) this.#options.onValidators(code);
    this.#takesValidators = false;
  }

  onQuarantine(reason: string | undefined): void {
    this.#setUnavailable(reason === undefined ? undefined : { code: "crashed", message: reason });
  }

  #setUnavailable(unavailable: Unavailable | undefined): void {
    if (unavailable?.message === this.#unavailable?.message) return;
    this.#unavailable = unavailable;
    this.#services?.definitionsChanged();
  }

  /** In the process, with all that comes before a first call. */
  start(): Promise<void> {
    return this.#start("load");
  }

  async #start(stage: PluginStage): Promise<void> {
    try {
      await this.#options.supervisor.use(this, () => Promise.resolve());
    } catch (error) {
      throw madeAgain(error, stage);
    }
  }

  async #describeIn(process: PluginProcess): Promise<void> {
    const { source, validators } = this.#options;
    this.#takesValidators = true;
    const describing = process.request("describe", {
      plugin: this.plugin,
      source,
      validators: validators(),
    });
    this.#adopt(
      readManifest(await within(DESCRIBE_MS, process, describing, "being described"), process),
    );
  }

  async #activateIn(process: PluginProcess): Promise<void> {
    try {
      const activating = process.request("activate", { plugin: this.plugin });
      await within(ACTIVATE_MS, process, activating, "being loaded");
      if (this.#unavailable?.code === "not_loaded") this.#setUnavailable(undefined);
    } catch (error) {
      if (process.alive) {
        const again = madeAgain(error, "load");
        const { message } = again;
        const problem = again instanceof PluginError ? again.problem : undefined;
        this.#setUnavailable({ code: "not_loaded", message, ...(problem && { problem }) });
        // It may have done half of it: the next call creates it anew.
        await this.release(process);
      }
      throw error;
    }
    if (this.#manifest?.info.dynamic === true) await this.#describeIn(process);
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
    if (JSON.stringify(manifest) === JSON.stringify(this.#manifest)) return;
    this.#manifest = manifest;
    this.#options.onDescribed(manifest);
    this.#services?.definitionsChanged();
  }
}

/** What the process has sent; one that sends something else has lost its right to be heard. */
function readManifest(value: unknown, process: PluginProcess): Manifest {
  try {
    return checkManifest(value);
  } catch (error) {
    if (error instanceof FrameError) process.kill(error.message, "crashed");
    throw error;
  }
}

/** Waits for an answer of the plugin's process; one that does not come in time ends the process. */
async function within<T>(
  milliseconds: number,
  process: PluginProcess,
  answer: Promise<T>,
  what = "being unloaded",
): Promise<T> {
  const leave = process.attend();
  const inTime = whenLate(milliseconds, () => {
    process.kill(`took longer than ${milliseconds / 1_000} s for ${what}`, "crashed");
  });
  try {
    return await answer;
  } finally {
    inTime();
    leave();
  }
}
