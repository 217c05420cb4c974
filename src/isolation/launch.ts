import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { setPriority } from "node:os";

export interface LaunchOptions {
  /** The program, absolute. */
  readonly program: string;
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Most memory of the process, in bytes. */
  readonly memoryBytes: number;
}

/** How a plugin's process is started. A stricter sandbox is another launcher. */
export type Launch = (options: LaunchOptions) => ChildProcess;

const MIB = 1_048_576;
/** Ends its program when the process that started it is gone, even if that was killed and the program never looks up. */
const SETPRIV = "/usr/bin/setpriv";
const NICE = 5;

/**
 * Starts Node in a process group of its own, with a pipe at file descriptor 3. Half of its memory is for JavaScript's heap,
 * so that V8 fails before the whole process has to be stopped.
 */
export const launchNode: Launch = ({ program, cwd, env, memoryBytes }) => {
  const heapMib = Math.max(16, Math.floor(memoryBytes / MIB / 2));
  const node = [process.execPath, `--max-old-space-size=${heapMib}`, program];
  const [command = "", ...args] =
    process.platform === "linux" && existsSync(SETPRIV)
      ? [SETPRIV, "--pdeathsig", "KILL", ...node]
      : node;
  const child = spawn(command, args, {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  // One plugin that computes must not take the processor from the host and the others.
  if (child.pid !== undefined) lower(child.pid);
  return child;
};

function lower(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // It has ended already, or the system does not let us.
  }
}
