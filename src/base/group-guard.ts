import { spawn, type ChildProcess } from "node:child_process";

/**
 * Keeps the groups in mind that it is told on stdin; when its stdin ends, this process has gone, however that happened.
 * Groups that are left then get the time to end by themselves, SIGTERM, and SIGKILL.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r word group; do
  case $word in
    add) groups="$groups$group " ;;
    drop) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for signal in TERM KILL; do
  [ "$groups" = ' ' ] && exit
  sleep 2
  for group in $groups; do kill -s "$signal" -- "-$group"; done
done
`;

/**
 * Ends process groups that outlive this process where it cannot do so itself: after a SIGKILL, or when memory has run
 * out. A shell of its own, about a megabyte; where there is none, and on Windows, nobody does it.
 */
export class GroupGuard {
  #shell: ChildProcess | undefined;

  add(group: number): void {
    this.#shell ??= start();
    this.#tell(`add ${group}`);
  }

  /** Nobody of the group is left, and its number may come to mean another one. */
  drop(group: number): void {
    this.#tell(`drop ${group}`);
  }

  #tell(line: string): void {
    const stdin = this.#shell?.stdin;
    if (stdin?.writable) stdin.write(`${line}\n`);
  }
}

function start(): ChildProcess | undefined {
  if (process.platform === "win32") return undefined;
  const shell = spawn("/bin/sh", ["-c", SCRIPT], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
    // What is sent to this process's group is not meant for it.
    detached: true,
  });
  shell.on("error", () => undefined);
  shell.stdin?.on("error", () => undefined);
  // It must not keep this process from ending; that is what it waits for.
  shell.unref();
  (shell.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return shell;
}
