import type { Environment } from "./load.ts";

/** Where programs, the user's own files and temporary files are, and in which language to speak. */
const NAMES: readonly string[] = ["PATH", "HOME", "LANG", "TMPDIR"];
/** Without these, programs do not even start there. */
const WINDOWS_NAMES: readonly string[] = [
  "APPDATA",
  "COMSPEC",
  "HOMEDRIVE",
  "HOMEPATH",
  "LOCALAPPDATA",
  "PATHEXT",
  "PROGRAMDATA",
  "PROGRAMFILES",
  "SYSTEMDRIVE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERPROFILE",
  "WINDIR",
];

/** The part of the host's environment that its child processes get: what they need to run, and none of its secrets. */
export function processEnvironment(env: Environment): Readonly<Record<string, string>> {
  const isWindows = process.platform === "win32";
  const wanted = isWindows ? [...NAMES, ...WINDOWS_NAMES] : NAMES;
  const entries = Object.entries(env).filter(
    ([name, value]) =>
      value !== undefined && wanted.includes(isWindows ? name.toUpperCase() : name),
  );
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}
