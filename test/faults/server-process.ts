import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Lines } from "./lines.ts";
import { children } from "./proc.ts";
import { within } from "./waiting.ts";

const CLI = join(import.meta.dirname, "../../dist/src/cli/main.js");
/** Where the fixture plugins are. */
export const PLUGINS = join(import.meta.dirname, "plugins");

/** Described once, a plugin is known to all servers of a run. */
const DATA = mkdtempSync(join(tmpdir(), "agentflow-faults-data-"));
process.once("exit", () => rmSync(DATA, { recursive: true, force: true }));

export interface ServerSetup {
  readonly http: boolean;
  /** Files of `plugins/` without their end, or absolute paths. */
  readonly plugins: readonly string[];
  /** `plugins` of the configuration. */
  readonly settings?: Readonly<Record<string, object>>;
  /** `server` of the configuration. */
  readonly server?: object;
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the run's own folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Makes what files alone cannot say. */
  readonly prepare?: (folder: string) => void;
  /** What starts Node: a program and its arguments. */
  readonly wrapper?: readonly string[];
  readonly nodeArgs?: readonly string[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built CLI, serving; in a folder of its own. */
export class ServerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stdout: Lines;
  readonly stderr: Lines;
  readonly exited: Promise<Exit>;
  readonly folder: string;
  #url: URL | undefined;

  static async start(setup: ServerSetup): Promise<ServerProcess> {
    if (!existsSync(CLI)) throw new Error(`${CLI} is not built. Run: npm run build`);
    const server = new ServerProcess(setup);
    if (!setup.http) return server;
    try {
      const [, url = ""] = await Promise.race([
        server.stderr.line(/Serving MCP at (\S+)/u),
        server.exited.then(() => Promise.reject(new Error("it ended while starting"))),
      ]);
      server.#url = new URL(url);
      return server;
    } catch (error) {
      await server.dispose();
      throw new Error(`${String(error)}\n${server.stderr.latest.join("\n")}`, { cause: error });
    }
  }

  private constructor(setup: ServerSetup) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "agentflow-faults-")));
    const { http, plugins, settings, server, env, files, wrapper = [], nodeArgs = [] } = setup;
    for (const [name, content] of Object.entries(files ?? {})) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), content);
    }
    setup.prepare?.(this.folder);
    const config = join(this.folder, "mcp.config.json");
    const pluginDirectories = plugins.map((name) =>
      name.includes("/") ? name.replace(/^\.\//u, `${this.folder}/`) : join(PLUGINS, `${name}.mjs`),
    );
    writeFileSync(
      config,
      JSON.stringify({
        server: { dataDirectory: DATA, ...server },
        pluginDirectories,
        plugins: { "aws-operations": { enabled: false }, ...settings },
      }),
    );
    const own = [...nodeArgs, CLI, "serve", "--config", config];
    const all = [...wrapper, process.execPath, ...own, ...(http ? ["--http", "127.0.0.1:0"] : [])];
    const [program = "", ...args] = all;
    this.child = spawn(program, args, {
      cwd: this.folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stdin.on("error", () => undefined);
    this.stdout = new Lines(this.child.stdout, 1_000);
    this.stderr = new Lines(this.child.stderr);
    this.exited = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get url(): URL {
    if (this.#url === undefined) throw new Error("it does not serve over HTTP");
    return this.#url;
  }

  /** Processes that it has started. */
  get children(): readonly number[] {
    return children(this.pid);
  }

  /** Asks it to end, waits for that, and takes its folder away. */
  async stop(): Promise<Exit> {
    if (this.isRunning) this.child.kill("SIGTERM");
    try {
      return await within(this.exited, "the end of the server");
    } finally {
      await this.dispose();
    }
  }

  /** The hard way, if there is anything left. */
  async dispose(): Promise<void> {
    if (this.isRunning) this.child.kill("SIGKILL");
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
