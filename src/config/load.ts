import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
  type ParseErrorCode,
} from "jsonc-parser";
import { HostError, messageOf } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { canonicalId } from "./plugin-settings.ts";
import { pluginEnvironment, processEnvironment } from "./process-environment.ts";
import { explainIssues, isKnownHostKey, notYetSupported, type Problem } from "./problems.ts";
import { configSchema, pluginHostKeys, type Config } from "./schema.ts";
import { declaresServer, serverProblems } from "./servers.ts";
import { storageProblems } from "./storage.ts";
import { substitute } from "./substitute.ts";
import { hasVariable } from "./variable.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path; undefined when the defaults are used. */
  readonly file: string | undefined;
  /** What other people's programs get of the host's environment: declared MCP servers. */
  readonly processEnv: Readonly<Record<string, string>>;
  /** What plugins get of it in processes of their own. */
  readonly pluginEnv: Readonly<Record<string, string>>;
  /** Where the server keeps what it keeps, absolute. */
  readonly dataDirectory: string;
}

/** The configuration when there is no file. */
export function defaultConfig(env: Environment): LoadedConfig {
  return loadedConfig(configSchema.parse({}), undefined, env);
}

/** The token's usual place, for those whose configuration does not name another. */
function withToken(config: Config, env: Environment): Config {
  const { server } = config;
  const token = server.http.token ?? env["AGENTFLOW_HTTP_TOKEN"];
  if (token === undefined || token === "") return config;
  return { ...config, server: { ...server, http: { ...server.http, token } } };
}

/**
 * Reads a configuration file: JSON with comments, `${NAME}` and `${NAME:-default}` in string values.
 * Every fault is named with file, line, key, what was found and what was expected.
 */
export function loadConfig(path: string, env: Environment): LoadedConfig {
  const file = resolve(path);
  const text = readText(file);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [broken] = errors;
  if (broken !== undefined || tree === undefined) {
    const at = position(text, broken?.offset ?? 0);
    const what = text.trim() === "" ? "the file is empty" : inWords(broken?.error);
    throw new HostError("CONFIG_INVALID", `${file}:${at}: not valid JSON: ${what}`);
  }
  const { value, problems } = parseConfig(getNodeValue(tree), env);
  if (value === undefined || problems.length > 0) {
    const lines = problems.map((problem) => `  ${place(text, tree, problem)}`);
    throw new HostError(
      "CONFIG_INVALID",
      `${file} has ${lines.length === 1 ? "a fault" : `${lines.length} faults`}:\n${lines.join("\n")}`,
    );
  }
  return loadedConfig(withAbsolutePaths(value, dirname(file)), file, env);
}

function loadedConfig(value: Config, file: string | undefined, env: Environment): LoadedConfig {
  const config = withToken(value, env);
  const { dataDirectory, http, stateKey } = config.server;
  return {
    config,
    file,
    processEnv: processEnvironment(env),
    pluginEnv: pluginEnvironment(env, [http.token, stateKey, config.storage.url]),
    dataDirectory: dataDirectory ?? join(homedir(), ".agentflow", "data"),
  };
}

/** What a program hands over instead of a file. */
export function configFrom(value: unknown, env: Environment): LoadedConfig {
  return loadedConfig(checkConfig(value, env), undefined, env);
}

/** Checks a configuration that a program hands over; faults are named by their key alone. */
export function checkConfig(value: unknown, env: Environment = {}): Config {
  const parsed = parseConfig(value, env);
  if (parsed.value !== undefined && parsed.problems.length === 0) return parsed.value;
  const lines = parsed.problems.map(({ path, text }) => `${keyText(path)}: ${text}`);
  throw new HostError("CONFIG_INVALID", `the configuration is not valid: ${lines.join("; ")}`);
}

function parseConfig(
  raw: unknown,
  env: Environment,
): { readonly value: Config | undefined; readonly problems: readonly Problem[] } {
  const { value, problems } = substitute(raw, env);
  const result = configSchema.safeParse(value);
  const found = [
    ...problems,
    ...literalToken(raw),
    ...nearMisses(value),
    ...twins(value),
    ...unlessNamed(storageProblems(value, raw), problems),
    ...unlessNamed(serverProblems(value, raw), problems),
  ];
  if (result.success) return { value: result.data, problems: found };
  const issues = unlessNamed(explainIssues(result.error, value, raw), found);
  return { value: undefined, problems: [...found, ...issues] };
}

/** A variable that is not set leaves a value that is wrong in a second way, which nobody needs to read. */
function unlessNamed(problems: readonly Problem[], found: readonly Problem[]): readonly Problem[] {
  const named = new Set(found.map(({ path }) => path.join("/")));
  return problems.filter(({ path }) => !named.has(path.join("/")));
}

/** A secret in a file is a secret in backups and repositories. */
function literalToken(raw: unknown): readonly Problem[] {
  const { server } = (raw ?? {}) as { server?: { http?: { token?: unknown } } };
  const token = server?.http?.token;
  if (typeof token !== "string" || token === "" || hasVariable(token)) return [];
  const text =
    'must come from the environment: write "${AGENTFLOW_HTTP_TOKEN}" and set that variable';
  return [{ path: ["server", "http", "token"], text }];
}

/** One plugin under two spellings of its id: one of them would be ignored. */
function twins(value: unknown): readonly Problem[] {
  const ids = Object.keys((value as { plugins?: object } | null)?.plugins ?? {});
  const seen = new Map<string, string>();
  return ids.flatMap((id): Problem[] => {
    const first = seen.get(canonicalId(id));
    seen.set(canonicalId(id), id);
    if (first === undefined) return [];
    return [{ path: ["plugins", id], text: `is the same plugin as "${first}". Put both into one` }];
  });
}

/** Own keys of a plugin that look like a mistyped key of the host. */
function nearMisses(value: unknown): readonly Problem[] {
  const plugins = (value as { plugins?: unknown } | null)?.plugins;
  if (typeof plugins !== "object" || plugins === null) return [];
  const known = Object.keys(pluginHostKeys.shape);
  return Object.entries(plugins).flatMap(([id, settings]) =>
    // The keys of a server are checked as such.
    typeof settings !== "object" || settings === null || declaresServer(settings)
      ? []
      : Object.keys(settings).flatMap((key): Problem[] => {
          if (isKnownHostKey(key)) return [];
          const refused = notYetSupported(key);
          if (refused !== undefined) return [{ path: ["plugins", id, key], text: refused }];
          const meant = nearest(key, known);
          if (meant === undefined) return [];
          const text = `is too close to the host's key "${meant}". Write "${meant}", or put the plugin's own key under "config"`;
          return [{ path: ["plugins", id, key], text }];
        }),
  );
}

/** `CommaExpected` as `comma expected`. */
function inWords(code: ParseErrorCode | undefined): string {
  const name = code === undefined ? "unreadable" : printParseErrorCode(code);
  return name.replace(/(?<=[a-z])[A-Z]/gu, (letter) => ` ${letter}`).toLowerCase();
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/u, "");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new HostError("CONFIG_NOT_FOUND", `There is no configuration file ${file}.`, { cause });
    }
    throw new HostError("CONFIG_UNREADABLE", `${file} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const { server, storage } = config;
  const { dataDirectory } = server;
  const { file } = storage;
  return {
    ...config,
    storage: { ...storage, ...(file !== undefined && { file: resolve(folder, file) }) },
    server: {
      ...server,
      ...(dataDirectory !== undefined && { dataDirectory: resolve(folder, dataDirectory) }),
    },
    pluginDirectories: config.pluginDirectories.map((path) => resolve(folder, path)),
    plugins: Object.fromEntries(
      Object.entries(config.plugins).map(([id, settings]) => [id, withFolder(settings, folder)]),
    ),
  };
}

/** A server is started from one place, whoever starts the host from wherever. */
function withFolder(settings: Config["plugins"][string], folder: string): typeof settings {
  if (!declaresServer(settings) || settings["command"] === undefined) return settings;
  const { cwd } = settings as { readonly cwd?: string };
  return { ...settings, cwd: resolve(folder, cwd ?? ".") };
}

/** `mcp.config.json:12:5: server.port: …`, at the key where it stands in the file, else at its nearest parent. */
function place(text: string, tree: Node, { path, text: what }: Problem): string {
  for (let length = path.length; length >= 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node === undefined) continue;
    const start = node.parent?.type === "property" ? node.parent.offset : node.offset;
    return `line ${position(text, start)}: ${keyText(path)}: ${what}`;
  }
  return `${keyText(path)}: ${what}`;
}

function keyText(path: readonly (string | number)[]): string {
  if (path.length === 0) return "the whole file";
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`,
    )
    .join("");
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `${line}:${offset - before.lastIndexOf("\n")}`;
}
