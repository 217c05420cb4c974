import { readdirSync } from "node:fs";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, vi } from "vitest";
import { setupPluginSystem, type PluginManager } from "../../dist/src/index.js";
import { tempFolder } from "../helpers/temp-folder.ts";

/** The examples of the document, as plugin files. */
export const EXAMPLES = fileURLToPath(new URL("../fixtures/omua/plugins/", import.meta.url));

/** Where plugins run: in this process, and each in its own. */
export const MODES = ["inline", "process"] as const;
export type Mode = (typeof MODES)[number];

export interface System {
  readonly manager: PluginManager;
  readonly records: Awaited<ReturnType<PluginManager["loadPlugins"]>>;
  /** Log lines so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly record: (id: string) => System["records"][number];
}

const open: PluginManager[] = [];

afterEach(async () => {
  for (const manager of open.splice(0)) await manager.shutdown();
  vi.unstubAllEnvs();
});

export interface SystemOptions {
  readonly mode: Mode;
  /** The folder of the plugins. */
  readonly folder: string;
  /** Keys of `plugins` in the configuration. */
  readonly plugins?: Readonly<Record<string, object>>;
}

/** A program's own plugins, loaded. */
export async function openSystem({ mode, folder, plugins = {} }: SystemOptions): Promise<System> {
  const home = tempFolder();
  vi.stubEnv("HOME", home);
  vi.stubEnv("USERPROFILE", home);
  const ids = readdirSync(folder).map((file) => basename(file, extname(file)));
  const placed = ids.map((id) => [id, { isolation: mode, ...plugins[id] }]);
  const log: Record<string, unknown>[] = [];
  const manager = setupPluginSystem([folder], {
    config: {
      server: { dataDirectory: tempFolder() },
      plugins: { "aws-operations": { enabled: false }, ...plugins, ...Object.fromEntries(placed) },
    },
    logLevel: "debug",
    writeLog: (line) => log.push(JSON.parse(line) as Record<string, unknown>),
    env: { PATH: process.env["PATH"], HOME: home },
  });
  open.push(manager);
  const records = await manager.loadPlugins();
  const record = (id: string): System["records"][number] => {
    const found = records.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no plugin '${id}' was found`);
    return found;
  };
  return { manager, records, log, record };
}

/** A system with these files as its plugins. */
export function openFiles(
  mode: Mode,
  files: Readonly<Record<string, string>>,
  plugins: Readonly<Record<string, object>> = {},
): Promise<System> {
  return openSystem({ mode, folder: tempFolder(files), plugins });
}
