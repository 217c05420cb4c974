import type { ServerAddress } from "./connection.ts";

/** How an operator says where a server is. */
interface Declared {
  readonly command?: string | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** The address of a declared server. `processEnv` is what every child process gets of the host's environment. */
export function addressOf(
  { command, args, env, cwd, url, headers }: Declared,
  processEnv: Readonly<Record<string, string>>,
): ServerAddress {
  if (url !== undefined) return { kind: "url", url: new URL(url), headers };
  return {
    kind: "command",
    command: {
      command: command ?? "",
      args,
      env: { ...processEnv, ...env },
      cwd: cwd ?? process.cwd(),
    },
  };
}
