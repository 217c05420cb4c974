import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

export interface ServerListener {
  /** A line of its stdout, without the newline. */
  line(text: string): void;
  /** The process has ended, and all that it wrote has been read. */
  ended(): void;
  /** Something that no server on stdio may do. */
  fault(reason: string): void;
}

/** Longer than the slowest machine needs. */
const LEAVE_MS = 20_000;
const KEPT_STDERR_CHARS = 2_000;

/** A server on its own stdin and stdout: started, spoken to and left as a client does it. */
export class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #leaving = false;
  #rest = "";
  #stderr = "";

  constructor([program, ...args]: Command, listener: ServerListener) {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) listener.line(line);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-KEPT_STDERR_CHARS);
    });
    // Writing to a process that has gone fails; its end says more.
    child.stdin.on("error", () => undefined);
    child.on("error", (error) => listener.fault(`it could not be started: ${error.message}`));
    this.#ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        if (this.#rest !== "") listener.fault(`its stdout ends within a line: ${this.#rest}`);
        if (!this.#leaving || code !== 0) {
          const how = this.#leaving ? "when it was left" : "by itself";
          listener.fault(`it ended ${how} with ${code ?? signal}. It wrote:\n${this.#stderr}`);
        }
        listener.ended();
        resolve();
      });
    });
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Closes its stdin and waits for its end. One that stays is killed, and then has not ended with 0. */
  async leave(): Promise<void> {
    this.#leaving = true;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
