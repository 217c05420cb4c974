import { spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import spawn from "cross-spawn";
import { sleep } from "./abort.ts";
import { GroupGuard } from "./group-guard.ts";

export interface GroupCommand {
  /** Absolute, relative to `cwd`, or looked up on `env.PATH`. */
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const IS_WINDOWS = process.platform === "win32";
/** How long a group gets to end by itself, and again after it was asked to. */
const GRACE_MS = 2_000;
const POLL_MS = 20;
const DRAIN_MS = 500;

/** Groups of which a process may be left. */
const live = new Set<ProcessGroup>();
const guard = new GroupGuard();

/**
 * A child process with all that it starts, ended together: launchers such as `npx` start the real program as a child of
 * their own. A process that leaves the group (`setsid`) is out of reach. Untested on Windows.
 */
export class ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the child itself has ended, in words: "ended with code 1". */
  readonly ended: Promise<string>;
  readonly #closed: Promise<void>;
  #stopping: Promise<void> | undefined;

  /** Rejects if the command cannot be started. */
  static async start(command: GroupCommand): Promise<ProcessGroup> {
    const group = new ProcessGroup(command);
    await new Promise<void>((resolve, reject) => {
      group.child.once("spawn", resolve).once("error", reject);
    });
    if (live.size === 0) process.once("exit", killAll);
    live.add(group);
    if (group.#id !== undefined) guard.add(group.#id);
    return group;
  }

  private constructor({ command, args, env, cwd }: GroupCommand) {
    this.child = spawn(command, [...args], {
      cwd,
      env: { ...env },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own; on Windows the same option would open a console.
      detached: !IS_WINDOWS,
      windowsHide: true,
    }) as ChildProcessWithoutNullStreams;
    // Whoever writes learns of a broken pipe by the child's end.
    this.child.stdin.on("error", () => undefined);
    this.child.on("error", () => undefined);
    this.#closed = new Promise((resolve) => this.child.once("close", () => resolve()));
    this.ended = new Promise((resolve) => {
      this.child.once("exit", (code, signal) => {
        resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
        // What the child has started must not outlive it.
        void this.stop();
      });
    });
  }

  /** Ends stdin, after two seconds sends SIGTERM, after two more SIGKILL. Resolves when nobody is left. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.child.stdin.end();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await this.#goneWithin(GRACE_MS)) break;
      this.#send(signal);
    }
    await this.#goneWithin(GRACE_MS);
    live.delete(this);
    if (this.#id !== undefined) guard.drop(this.#id);
    if (live.size === 0) process.off("exit", killAll);
    // What was written last is still read; but a process that has left the group may hold the pipes for ever.
    await Promise.race([this.#closed, sleep(DRAIN_MS)]);
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream.destroy();
  }

  /** At once, and without waiting for the end. */
  kill(): void {
    this.#send("SIGKILL");
  }

  /** The child leads the group and gives it its number. None: it was never there, and -0 would be this process's own. */
  get #id(): number | undefined {
    return this.child.pid;
  }

  async #goneWithin(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (this.#isAlive()) {
      if (performance.now() >= until) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  #isAlive(): boolean {
    const { exitCode, signalCode } = this.child;
    if (this.#id === undefined) return false;
    if (IS_WINDOWS) return exitCode === null && signalCode === null;
    try {
      process.kill(-this.#id, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  }

  #send(signal: NodeJS.Signals): void {
    if (this.#id === undefined) return;
    if (IS_WINDOWS) {
      spawnSync("taskkill", ["/pid", String(this.#id), "/T", "/F"], { windowsHide: true });
      return;
    }
    try {
      process.kill(-this.#id, signal);
    } catch {
      // Nobody is left.
    }
  }
}

/** The last thing that this process does, where it gets to do it. */
function killAll(): void {
  for (const group of live) group.kill();
}
