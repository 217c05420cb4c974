import type { ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { readFileSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import { LineReader } from "../base/line-reader.ts";
import { killGroup } from "../base/process-group.ts";
import { Channel } from "./channel.ts";
import type { FrameError } from "./framing.ts";
import type { ChildNotes, HostNotes, HostRequests } from "./messages.ts";

/** How a process ended. */
export interface ProcessEnd {
  /** `stopped` and `killed` are the host's doing; `crashed` is the plugin's. */
  readonly how: "stopped" | "killed" | "crashed";
  /** In words: "was ended by SIGSEGV". */
  readonly reason: string;
  /** How many were at work there. */
  readonly callsInFlight: number;
}

export interface PluginProcessOptions {
  readonly child: ChildProcess;
  readonly memoryBytes: number;
  readonly onRequest: (method: string, params: unknown) => Promise<unknown>;
  readonly onNote: (method: string, params: unknown) => void;
  /** A line that the plugin printed. */
  readonly onPrint: (line: string) => void;
  /** It has not answered for so long, or answers again. */
  readonly onUnresponsive: (silentMs: number) => void;
}

const WATCH_BUSY_MS = 100;
const WATCH_IDLE_MS = 1_000;
const PING_MS = 500;
const UNRESPONSIVE_MS = 3_000;
const STOP_MS = 2_000;
/** Above so many notes between two looks, the plugin has to wait to be heard. */
const MAX_NOTES = 1_000;
/** Above so many lines between two looks, what it prints is only counted. */
const MAX_LINES = 100;
const MAX_LINE_BYTES = 16_384;
const PAGE_BYTES = 4_096;

/** One running process of plugins: spoken to, watched over, and ended. */
export class PluginProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #options: PluginProcessOptions;
  readonly #channel: Channel;
  readonly #pid: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  #busy = 0;
  #alive = true;
  #end: Omit<ProcessEnd, "callsInFlight"> | undefined;
  #lastWords = "";
  #pings = 0;
  #pingedAt = 0;
  #heardAt = performance.now();
  #isUnresponsive = false;
  #notes = 0;
  #lines = 0;

  constructor(options: PluginProcessOptions) {
    this.#options = options;
    const { child } = options;
    this.#pid = child.pid;
    this.#channel = new Channel(child.stdio[3] as Duplex, {
      onRequest: options.onRequest,
      onNote: (method, params) => this.#onNote(method, params),
      onClose: (error) => this.#onClose(error),
      describeError: (error) => ({ message: messageOf(error) }),
    });
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) this.#readLines(stream);
    this.ended = new Promise((resolve) => {
      const over = (reason: string): void => {
        this.#alive = false;
        clearInterval(this.#watch);
        this.#channel.close();
        // What the plugin has started must not outlive it.
        killGroup(this.#pid);
        const words = this.#lastWords === "" ? "" : `: ${this.#lastWords}`;
        const end = this.#end ?? { how: "crashed", reason: `${reason}${words}` };
        resolve({ ...end, callsInFlight: this.#busy });
      };
      child.once("error", (error) => over(`could not be started (${messageOf(error)})`));
      child.once("exit", (code, signal) =>
        over(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
      );
    });
    this.#watchEvery(WATCH_IDLE_MS);
  }

  get alive(): boolean {
    return this.#alive && this.#end === undefined;
  }

  request<M extends keyof HostRequests>(method: M, params: HostRequests[M]): Promise<unknown> {
    return this.#channel.request(method, params);
  }

  tell<M extends keyof HostNotes>(method: M, params: HostNotes[M]): void {
    this.#channel.note(method, params);
  }

  /** Watched closely while somebody waits for it. Returns the end of that. */
  attend(): () => void {
    this.#busy += 1;
    if (this.#busy === 1) {
      this.#heardAt = performance.now();
      this.#watchEvery(WATCH_BUSY_MS);
    }
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#busy -= 1;
      if (this.#busy === 0 && this.#alive) this.#watchEvery(WATCH_IDLE_MS);
    };
  }

  /** At once, with all that it has started. */
  kill(reason: string, how: "stopped" | "killed" | "crashed" = "killed"): void {
    this.#end ??= { how, reason };
    killGroup(this.#pid);
  }

  /** Ends it in order, and resolves when it is gone. Whoever calls has closed its plugins. */
  async stop(): Promise<void> {
    this.#end ??= { how: "stopped", reason: "was stopped" };
    const timer = setTimeout(() => killGroup(this.#pid), STOP_MS);
    this.#channel.close();
    await this.ended;
    clearTimeout(timer);
  }

  #onNote(method: string, params: unknown): void {
    this.#heardAt = performance.now();
    if (++this.#notes > MAX_NOTES) this.#channel.pause();
    if (method !== "pong") {
      this.#options.onNote(method, params);
      return;
    }
    this.#sayResponsive();
    const { rssBytes } = params as ChildNotes["pong"];
    if (process.platform !== "linux") this.#checkMemory(rssBytes);
  }

  #onClose(error: FrameError | undefined): void {
    if (error !== undefined) this.kill(error.message, "crashed");
    // It has closed its end, or is about to: there is no other way to speak with it.
    else if (this.#alive && this.#end === undefined) {
      setTimeout(() => this.kill("closed its channel", "crashed"), WATCH_BUSY_MS).unref();
    }
  }

  #watchEvery(milliseconds: number): void {
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), milliseconds);
    this.#watch.unref();
  }

  #look(): void {
    if (this.#lines > MAX_LINES) {
      this.#options.onPrint(`(${this.#lines - MAX_LINES} more lines)`);
    }
    this.#lines = 0;
    if (this.#notes > MAX_NOTES) this.#channel.resume();
    this.#notes = 0;
    if (process.platform === "linux") this.#checkMemory(residentBytes(this.#pid));
    if (this.#busy === 0) return;
    const now = performance.now();
    if (now - this.#pingedAt >= PING_MS) {
      this.#pingedAt = now;
      this.tell("ping", { number: ++this.#pings });
    }
    if (now - this.#heardAt >= UNRESPONSIVE_MS && !this.#isUnresponsive) {
      this.#isUnresponsive = true;
      this.#options.onUnresponsive(now - this.#heardAt);
    }
  }

  #sayResponsive(): void {
    if (!this.#isUnresponsive) return;
    this.#isUnresponsive = false;
    this.#options.onUnresponsive(0);
  }

  #checkMemory(bytes: number): void {
    const { memoryBytes } = this.#options;
    if (bytes <= memoryBytes) return;
    const mib = (value: number): number => Math.round(value / 1_048_576);
    this.kill(`took ${mib(bytes)} MiB of memory; ${mib(memoryBytes)} are allowed`, "crashed");
  }

  #readLines(stream: Readable): void {
    const lines = new LineReader(MAX_LINE_BYTES);
    stream.on("data", (chunk: Buffer) => {
      for (const line of lines.read(chunk)) {
        this.#print("bytes" in line ? line.bytes.toString("utf8") : "(a very long line)");
      }
    });
    stream.on("end", () => {
      const rest = lines.end();
      if (rest !== undefined && "bytes" in rest) this.#print(rest.bytes.toString("utf8"));
    });
    stream.on("error", () => undefined);
  }

  #print(line: string): void {
    const text = line.trimEnd();
    if (text === "") return;
    if (text.startsWith("uncaught: ")) this.#lastWords = text;
    if (++this.#lines <= MAX_LINES) this.#options.onPrint(text);
  }
}

/** Memory that a process occupies now, on Linux; 0 when it is gone. */
function residentBytes(pid: number | undefined): number {
  try {
    const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ");
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
