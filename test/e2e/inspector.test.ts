import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { cliCommand, cliEnv, FIXTURE_CONFIG } from "../helpers/cli.ts";
import { startHttpServer, type HttpServer } from "../helpers/http-server.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { run } from "../package/run.ts";

const INSTALLED = join(import.meta.dirname, "../inspector/node_modules");
const INSPECTOR = join(
  INSTALLED,
  "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
);
const OLDEST_NODE = [22, 19] as const;

/** The Node that Inspector runs on: the one at work if it is new enough, else the one installed with Inspector. */
function findNode(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return process.execPath;
  const system = process.platform === "win32" ? "win" : process.platform;
  const program = process.platform === "win32" ? "node.exe" : "node";
  const node = join(INSTALLED, `node-${system}-${process.arch}`, "bin", program);
  return existsSync(node) ? node : undefined;
}

const node = findNode();
const missing = !existsSync(INSPECTOR)
  ? "MCP Inspector is not installed. Run: npm run inspector:install"
  : node === undefined
    ? `MCP Inspector needs Node >= ${OLDEST_NODE.join(".")}, which is not installed for this machine`
    : undefined;

function needInspector(context: TestContext): void {
  if (missing === undefined) return;
  // In CI, what could not be tried is a failure.
  if (process.env["CI"] === "true") throw new Error(missing);
  context.skip(missing);
}

function names(list: unknown): readonly unknown[] {
  return (list as readonly { readonly name: unknown }[]).map(({ name }) => name);
}

interface Answer {
  readonly code: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly text: string;
}

let http: HttpServer | undefined;
let sessionFile: string;
beforeAll(async () => {
  if (missing !== undefined) return;
  http = await startHttpServer();
  const { command, args } = cliCommand(["serve", "--config", FIXTURE_CONFIG]);
  const mcpServers = {
    stdio: { command, args, env: cliEnv(), cwd: tempFolder() },
    HTTP: { type: "streamable-http", url: http.url.href },
  };
  const folder = tempFolder({ "inspector.json": JSON.stringify({ mcpServers }) });
  sessionFile = join(folder, "inspector.json");
});
afterAll(() => http?.cli.dispose());

const ERAS = [
  ["2025-11-25", "legacy"],
  ["2026-07-28", "modern"],
] as const;
const SERVER_INFO = "io.modelcontextprotocol/serverInfo";

describe.each(["stdio", "HTTP"])("MCP Inspector over %s", (server) => {
  describe.each(ERAS)("in the manner of %s", (_revision, era) => {
    async function inspect(method: string, ...more: readonly string[]): Promise<Answer> {
      const options = ["--config", sessionFile, "--server", server, "--protocol-era", era];
      const output = ["--format", "json", "--quiet"];
      const { code, stdout, stderr } = await run(
        node ?? "",
        [INSPECTOR, "--cli", ...options, ...output, "--method", method, ...more],
        { cwd: tempFolder(), env: cliEnv() },
      );
      if (code !== 0 && stdout === "") return { code, text: stderr };
      const { result } = JSON.parse(stdout) as { readonly result: Answer["result"] };
      // Only the later era says in every result who answers.
      expect(SERVER_INFO in ((result?.["_meta"] as object | undefined) ?? {})).toBe(
        era === "modern" && !method.endsWith("/list"),
      );
      return { code, text: stdout, ...(result && { result }) };
    }

    test("lists tools, and finds nothing in their schemas that hosts could not use", async (context) => {
      needInspector(context);
      const { code, result } = await inspect("tools/list", "--strict");
      expect(names(result?.["tools"])).toEqual(expect.arrayContaining(["ask", "echo", "slow"]));
      expect(code).toBe(0);
    });

    test("calls a tool", async (context) => {
      needInspector(context);
      const args = ["--tool-name", "echo", "--tool-args-json", '{"text":"größer","times":2}'];
      const { code, result } = await inspect("tools/call", ...args);
      expect(result).toMatchObject({ content: [{ type: "text", text: "größer größer" }] });
      expect(code).toBe(0);
    });

    test("is told which argument is wrong", async (context) => {
      needInspector(context);
      const { code, result } = await inspect("tools/call", "--tool-name", "echo");
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result)).toMatch(/invalid_arguments.*text/u);
      expect(code).not.toBe(0);
    });

    test("lists prompts and gets one", async (context) => {
      needInspector(context);
      const { result: listed } = await inspect("prompts/list");
      expect(names(listed?.["prompts"])).toEqual(["plain", "report"]);
      const args = ["--prompt-name", "plain", "--prompt-args", "word=hello"];
      const { result } = await inspect("prompts/get", ...args);
      expect(result).toMatchObject({
        messages: [{ role: "user", content: { type: "text", text: "Say hello twice." } }],
      });
    });

    test("lists resources and reads one", async (context) => {
      needInspector(context);
      const { result: listed } = await inspect("resources/list");
      const uri = "agentflow://categories/desk/REFUNDS";
      expect(listed).toMatchObject({
        resources: expect.arrayContaining([expect.objectContaining({ uri })]),
      });
      const { result } = await inspect("resources/read", "--uri", uri);
      const contents = result?.["contents"] as readonly { readonly text: string }[] | undefined;
      const category: unknown = JSON.parse(contents?.[0]?.text ?? "");
      expect(category).toMatchObject({ plugin: "desk", name: "REFUNDS" });
    });
  });
});
