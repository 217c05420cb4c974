import { existsSync } from "node:fs";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { sleep } from "../base/abort.ts";
import { isBag, type Bag } from "../base/bag.ts";
import { LineReader } from "../base/line-reader.ts";
import { ProcessGroup, type GroupCommand } from "../base/process-group.ts";
import { ConnectError, MAX_MESSAGE_BYTES, MessageTooLongError, UnsentError } from "./errors.ts";
import type { InboundGate } from "./inbound-gate.ts";

export interface ChildOptions {
  readonly command: GroupCommand;
  readonly gate: InboundGate;
  /** Told each line of stderr, and each of stdout that is no message. */
  readonly onText: (stream: "stderr" | "stdout", text: string) => void;
}

const LINGER_MS = 500;
const MAX_TEXT_BYTES = 65_536;
/** A server that does not read is asked no more from here on. */
const MAX_UNREAD_BYTES = 16_777_216;
/** As many as the host takes of its own clients in one. */
const MAX_BATCH = 100;

/** MCP with a child process: one JSON message per line on its stdin and stdout. */
export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** By these two members the SDK knows stdio: it then asks for the revision on this very connection. */
  readonly stderr = null;
  readonly #options: ChildOptions;
  readonly #lines = new LineReader(MAX_MESSAGE_BYTES);
  readonly #texts = new LineReader(MAX_TEXT_BYTES);
  #group: ProcessGroup | undefined;
  #starting: Promise<ProcessGroup> | undefined;
  #inbox: Bag[] = [];
  #closed = false;
  #reason: string | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#group?.child.pid ?? null;
  }

  /** Why the connection ended; undefined if this side ended it. */
  get reason(): string | undefined {
    return this.#reason;
  }

  async start(): Promise<void> {
    const { command } = this.#options;
    try {
      this.#starting = ProcessGroup.start(command);
      this.#group = await this.#starting;
    } catch (cause) {
      throw notStarted(command, cause);
    }
    const { child } = this.#group;
    child.stdout.on("data", (chunk: Buffer) => this.#onData(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.#onText(chunk));
    void this.#watch(this.#group);
    if (this.#closed) await this.#group.stop();
  }

  async #watch({ child, ended }: ProcessGroup): Promise<void> {
    let how = "closed its stdout";
    const exit = ended.then((words) => (how = words));
    const drained = new Promise((resolve) => child.stdout.once("end", resolve));
    await Promise.race([exit, drained]);
    // The two come together, the last messages between them, unless another process holds the pipe.
    await Promise.race([Promise.all([exit, drained]), sleep(LINGER_MS)]);
    this.#giveUp(how);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#group?.child.stdin;
    if (this.#closed || stdin === undefined || !stdin.writable) {
      throw new UnsentError("the server's process has ended");
    }
    if (stdin.writableLength > MAX_UNREAD_BYTES) {
      throw new UnsentError("the server does not read what it is sent");
    }
    this.#options.gate.sent(message);
    stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Answers what waits for the server at once, and resolves when its processes have ended. */
  async close(): Promise<void> {
    this.#end(undefined);
    await this.#starting?.catch(() => undefined);
    await this.#group?.stop();
  }

  #end(reason: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reason = reason;
    this.onclose?.();
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) return;
    for (const line of this.#lines.read(chunk)) {
      if (this.#closed) return;
      if ("bytes" in line) this.#receive(line.bytes.toString("utf8"));
    }
    if (this.#lines.overflowing) this.#giveUp(new MessageTooLongError().message);
  }

  #receive(text: string): void {
    const messages = parse(text);
    if (messages.length === 0) {
      if (text.trim() !== "") this.#options.onText("stdout", text);
      return;
    }
    if (messages.length > MAX_BATCH) {
      this.#giveUp(`sent a batch of more than ${MAX_BATCH} messages`);
      return;
    }
    const idle = this.#inbox.length === 0;
    this.#inbox.push(...messages);
    if (idle) void this.#deliver();
  }

  /** One by one: the SDK handles notes a moment later, and would drop those that stand right before an answer. */
  async #deliver(): Promise<void> {
    for (let next = this.#inbox[0]; next !== undefined; next = this.#inbox[0]) {
      try {
        const message = this.#options.gate.received(next);
        if (message !== undefined) this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error as Error);
      }
      await Promise.resolve();
      this.#inbox.shift();
    }
  }

  /** A server that cannot be listened to any more. */
  #giveUp(reason: string): void {
    this.#end(reason);
    void this.#group?.stop();
  }

  #onText(chunk: Buffer): void {
    for (const line of this.#texts.read(chunk)) {
      const text = "bytes" in line ? line.bytes.toString("utf8").trimEnd() : "(a very long line)";
      if (text !== "") this.#options.onText("stderr", text);
    }
  }
}

/** The messages of a line, more than one if it is a batch; none if it is no JSON. */
function parse(text: string): readonly Bag[] {
  try {
    const value: unknown = JSON.parse(text);
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.every(isBag) ? items : [];
  } catch {
    return [];
  }
}

function notStarted({ command, cwd }: GroupCommand, cause: unknown): ConnectError {
  const { code } = cause as NodeJS.ErrnoException;
  const hopeless = { cause, isHopeless: true };
  if (!existsSync(cwd)) {
    const text = `cannot be started: its working directory ${cwd} does not exist`;
    return new ConnectError("not_found", text, hopeless);
  }
  if (code === "ENOENT") {
    const text = `cannot be started: there is no command '${command}'. Install it, or give its full path`;
    return new ConnectError("not_found", text, hopeless);
  }
  const text = `cannot be started: '${command}' gave ${code ?? "an unknown error"}`;
  return new ConnectError("not_found", text, { cause, isHopeless: code === "EACCES" });
}
