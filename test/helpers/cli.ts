import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Journal } from "./journal.ts";
import { tempFolder } from "./temp-folder.ts";

const CLI = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

/** The folder with the plugins that the end-to-end tests serve. */
export const FIXTURES = fileURLToPath(new URL("../fixtures/e2e/", import.meta.url));
export const FIXTURE_CONFIG = fileURLToPath(
  new URL("../fixtures/e2e/mcp.config.json", import.meta.url),
);

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface CliResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start the built CLI: Node itself, since only then is the pid the server's own. */
export function cliCommand(args: readonly string[]): { command: string; args: string[] } {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not built. Run: npm run build`);
  return { command: process.execPath, args: [CLI, ...args] };
}

let home: string | undefined;

/** An environment in which nothing of the machine's user plays a part. The tests of a file share what is remembered of plugins. */
export function cliEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  home ??= tempFolder();
  return { PATH: process.env["PATH"] ?? "", HOME: home, USERPROFILE: home, ...more };
}

/** The built CLI as a child process. */
export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stdout = new Journal();
  readonly stderr = new Journal();
  /** Resolves when the process has ended and all that it wrote has been read. */
  readonly exited: Promise<Exit>;

  constructor(args: readonly string[], { env, cwd }: CliOptions = {}) {
    const { command, args: all } = cliCommand(args);
    this.child = spawn(command, all, {
      env: cliEnv(env),
      cwd: cwd ?? tempFolder(),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.stdout.follow(this.child.stdout);
    this.stderr.follow(this.child.stderr);
    // A child that has gone cannot be written to; the tests see that by its exit.
    this.child.stdin.on("error", () => undefined);
    this.exited = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => {
        this.stdout.end();
        this.stderr.end();
        resolve({ code, signal });
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it the hard way if it has not ended by itself. */
  async dispose(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  await using cli = new CliProcess(args, options);
  cli.child.stdin.end();
  const exit = await cli.exited;
  return { ...exit, stdout: cli.stdout.text, stderr: cli.stderr.text };
}
