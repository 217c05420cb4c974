import { setPriority } from "node:os";
import { sleep } from "../base/abort.ts";
import { ProcessGroup } from "../base/process-group.ts";
import { Channel } from "./channel.ts";
import { FrameError } from "./framing.ts";
import type { ChildNotes, HostNotes, HostRequests } from "./messages.ts";
import { PrintedLines } from "./printed-lines.ts";
import { residentMemory } from "./resident-memory.ts";
import { describeHostError } from "./remote-errors.ts";

/** How a process ended. */
export interface ProcessEnd {
  /** `stopped` and `killed` are the host's doing; `crashed` is the plugin's. */
  readonly how: "stopped" | "killed" | "crashed";
  /** In words: "was ended by SIGSEGV". */
  readonly reason: string;
  /** How many calls were at work there. */
  readonly callsAtWork: number;
}

export interface PluginProcessOptions {
  /** The program, absolute. */
  readonly program: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Most memory of the process, in bytes. */
  readonly memoryBytes: number;
  readonly onRequest: (method: string, params: unknown) => Promise<unknown>;
  readonly onNote: (method: string, params: unknown) => void;
  /** A line that the plugin printed. */
  readonly onPrint: (line: string) => void;
  /** It has not answered for so long; 0: it answers again. */
  readonly onUnresponsive: (silentMs: number) => void;
}

const MIB = 1_048_576;
const NICE = 5;
const WATCH_BUSY_MS = 100;
const WATCH_IDLE_MS = 1_000;
const PING_MS = 500;
const UNRESPONSIVE_MS = 3_000;
/** Above so many messages between two looks, the plugin has to wait to be heard. */
const MAX_MESSAGES = 1_000;
/** How long it may take to read what a dead process has left behind. */
const LAST_WORDS_MS = 100;

/** One running process of plugins: spoken to, watched over, and ended. */
export class PluginProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #options: PluginProcessOptions;
  readonly #group: ProcessGroup;
  readonly #pid: number;
  readonly #channel: Channel;
  readonly #printed: PrintedLines;
  #watch: NodeJS.Timeout | undefined;
  #calls = 0;
  #lingering = 0;
  readonly #doubts = new Set<Promise<unknown>>();
  #isOver = false;
  #end: Pick<ProcessEnd, "how" | "reason"> | undefined;
  #pings = 0;
  #pingedAt = 0;
  #heardAt = performance.now();
  #isUnresponsive = false;
  #messages = 0;

  /** Node, with half of its memory for JavaScript's heap, so that V8 fails before the whole process has to be stopped. Rejects if it cannot be started. */
  static async start(options: PluginProcessOptions): Promise<PluginProcess> {
    const { program, env, memoryBytes } = options;
    const heapMib = Math.max(16, Math.floor(memoryBytes / MIB / 2));
    const group = await ProcessGroup.start({
      command: process.execPath,
      args: [`--max-old-space-size=${heapMib}`, program],
      env,
      cwd: process.cwd(),
      channel: true,
    });
    return new PluginProcess(group, options);
  }

  private constructor(group: ProcessGroup, options: PluginProcessOptions) {
    this.#options = options;
    this.#group = group;
    const { pid = 0, stdin, stdout, stderr } = group.child;
    this.#pid = pid;
    stdin.end();
    lower(pid);
    this.#printed = new PrintedLines([stdout, stderr], options.onPrint);
    this.#channel = new Channel(group.channel, {
      onRequest: (method, params) => {
        this.#count();
        return options.onRequest(method, params);
      },
      onNote: (method, params) => this.#onNote(method, params),
      onClose: (error) => this.#onClose(error),
      describeError: describeHostError,
    });
    this.ended = group.ended.then((reason) => this.#over(reason));
    this.#watchEvery(WATCH_IDLE_MS);
  }

  get alive(): boolean {
    return !this.#isOver && this.#end === undefined;
  }

  request<M extends keyof HostRequests>(method: M, params: HostRequests[M]): Promise<unknown> {
    return this.#channel.request(method, params);
  }

  tell<M extends keyof HostNotes>(method: M, params: HostNotes[M]): void {
    this.#channel.note(method, params);
  }

  /** Something is at work there: it is watched closely until that ends. Returns the end of it. */
  attend(): () => void {
    this.#calls += 1;
    if (this.#calls === 1) {
      this.#heardAt = performance.now();
      this.#watchEvery(WATCH_BUSY_MS);
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#calls -= 1;
      if (this.#calls === 0) this.#watchEvery(WATCH_IDLE_MS);
    };
  }

  /** How many calls go on there though nobody waits for them. */
  get lingering(): number {
    return this.#lingering;
  }

  /** One more of them. Returns the end of it. */
  linger(): () => void {
    this.#lingering += 1;
    return () => {
      this.#lingering -= 1;
    };
  }

  /** It will be killed if this does not settle soon. */
  doubt(work: Promise<unknown>): void {
    const settled: Promise<unknown> = Promise.allSettled([work]).then(() =>
      this.#doubts.delete(settled),
    );
    this.#doubts.add(settled);
  }

  /** Resolves when it is known whether it will be; nothing should be begun there before. */
  get certain(): Promise<unknown> | undefined {
    return this.#doubts.size === 0 ? undefined : Promise.all(this.#doubts);
  }

  /** At once, with all that it has started. */
  kill(reason: string, how: ProcessEnd["how"] = "killed"): void {
    this.#end ??= { how, reason };
    this.#group.kill();
  }

  /** Nothing new is to be begun there. */
  retire(): void {
    this.#end ??= { how: "stopped", reason: "was stopped" };
  }

  /** Ends it in order, and resolves when it is gone. Whoever calls has unloaded its plugins. */
  async stop(): Promise<void> {
    this.retire();
    this.#channel.close();
    await this.#group.stop();
  }

  async #over(reason: string): Promise<ProcessEnd> {
    this.#isOver = true;
    clearInterval(this.#watch);
    // What the plugin has started must not outlive it.
    this.#group.kill();
    // It may have ended with answers on their way: they count, and whose they are is not to blame.
    this.#channel.resume();
    const readings = Promise.all([this.#channel.closed, this.#printed.ended]);
    await Promise.race([readings, sleep(LAST_WORDS_MS)]);
    const callsAtWork = this.#calls;
    this.#channel.close();
    if (this.#end !== undefined) return { ...this.#end, callsAtWork };
    const { lastWords } = this.#printed;
    const words = lastWords === undefined ? "" : ` (${lastWords})`;
    return { how: "crashed", reason: `${reason}${words}`, callsAtWork };
  }

  #onNote(method: string, params: unknown): void {
    this.#count();
    if (method !== "pong") {
      this.#options.onNote(method, params);
      return;
    }
    const { rssBytes } = (params ?? {}) as ChildNotes["pong"];
    if (!Number.isFinite(rssBytes)) throw new FrameError("an odd pong");
    if (this.#isUnresponsive) {
      this.#isUnresponsive = false;
      this.#options.onUnresponsive(0);
    }
    if (process.platform !== "linux") this.#checkMemory(rssBytes);
  }

  #count(): void {
    this.#heardAt = performance.now();
    this.#messages += 1;
    if (this.#messages > MAX_MESSAGES) this.#channel.pause();
  }

  #onClose(error: FrameError | undefined): void {
    if (error !== undefined) this.kill(error.message, "crashed");
    // It has closed its end, or is about to be gone: there is no other way to speak with it.
    else if (this.alive) {
      setTimeout(() => {
        if (this.alive) this.kill("closed its channel", "crashed");
      }, WATCH_BUSY_MS).unref();
    }
  }

  #watchEvery(milliseconds: number): void {
    clearInterval(this.#watch);
    if (this.#isOver) return;
    this.#watch = setInterval(() => this.#look(), milliseconds);
    this.#watch.unref();
  }

  #look(): void {
    this.#printed.look();
    if (this.#messages > MAX_MESSAGES) this.#channel.resume();
    this.#messages = 0;
    this.#checkMemory(residentMemory(this.#pid));
    if (this.#calls === 0) return;
    const now = performance.now();
    if (now - this.#pingedAt >= PING_MS) {
      this.#pingedAt = now;
      this.#pings += 1;
      this.tell("ping", { number: this.#pings });
    }
    const silentMs = now - this.#heardAt;
    if (silentMs >= UNRESPONSIVE_MS && !this.#isUnresponsive) {
      this.#isUnresponsive = true;
      this.#options.onUnresponsive(silentMs);
    }
  }

  #checkMemory(bytes: number | undefined): void {
    const { memoryBytes } = this.#options;
    if (bytes === undefined || bytes <= memoryBytes) return;
    this.kill(`took ${mib(bytes)} MiB of memory; ${mib(memoryBytes)} are allowed`, "crashed");
  }
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB);
}

/** One plugin that computes must not take the processor from the host and the others. */
function lower(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // It has ended already, or the system does not let us.
  }
}
