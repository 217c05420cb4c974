import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { tempFolder } from "./temp-folder.ts";

const INSTALLED = "/usr/lib/postgresql";

/** Where the newest PostgreSQL of Debian has its programs; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  if (process.platform !== "linux" || !existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED).toSorted((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(INSTALLED, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

/** A PostgreSQL server with an empty database, on loopback. It is never started as root, which it refuses. */
export class PostgresServer {
  readonly url: string;
  readonly #port: number;
  readonly #programs: string;
  readonly #folder: string;
  readonly #user: { readonly uid?: number; readonly gid?: number };
  #process: ChildProcess | undefined;

  static async start(programs: string): Promise<PostgresServer> {
    const server = new PostgresServer(programs, await freePort());
    server.#create();
    await server.start();
    return server;
  }

  private constructor(programs: string, port: number) {
    this.#programs = programs;
    this.#port = port;
    this.#folder = tempFolder();
    const isRoot = process.getuid?.() === 0;
    this.#user = isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : {};
    if (isRoot) chownSync(this.#folder, this.#user.uid ?? 0, this.#user.gid ?? 0);
    this.url = `postgres://agentflow@127.0.0.1:${port}/postgres`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  #create(): void {
    const args = ["-D", join(this.#folder, "data"), "-U", "agentflow", "--auth=trust"];
    // It is killed on purpose, but the machine is not: there is no need to wait for the disk.
    execFileSync(
      join(this.#programs, "initdb"),
      [...args, "-E", "UTF8", "--locale=C", "--no-sync"],
      {
        ...this.#user,
        cwd: this.#folder,
        stdio: "ignore",
      },
    );
  }

  /** Starts it, or starts it again with what it has. Resolves when it takes connections. */
  async start(): Promise<void> {
    const options = ["-c", "listen_addresses=127.0.0.1", "-p", String(this.#port)];
    this.#process = spawn(
      join(this.#programs, "postgres"),
      ["-D", join(this.#folder, "data"), "-k", this.#folder, ...options],
      { ...this.#user, cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] },
    );
    const { stderr } = this.#process;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-10_000);
        if (said.includes("ready to accept connections")) resolve();
      });
      this.#process?.once("exit", () => reject(new Error(`PostgreSQL has ended: ${said}`)));
    });
  }

  /** Ends it; `hard` without telling anybody, as a machine that fails. */
  async stop(how: "fast" | "hard" = "fast"): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    // SIGQUIT ends all its processes at once; SIGKILL would leave them behind.
    server.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("hard");
  }
}

/** Of the user that Debian makes for it, else of nobody. */
function idOf(kind: "-u" | "-g"): number {
  const ask = (user: string): number =>
    Number(execFileSync("id", [kind, user], { encoding: "utf8", stdio: "pipe" }));
  try {
    return ask("postgres");
  } catch {
    return ask("nobody");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
