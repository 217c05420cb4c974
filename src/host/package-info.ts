import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A plugin that ships inside the host's own package. */
export interface BuiltinPlugin {
  readonly id: string;
  /** Absolute real path of its built folder. */
  readonly folder: string;
  /** Loaded without being named. */
  readonly byDefault: boolean;
  /** Program that starts the plugin's demo, absolute. */
  readonly demo?: string;
}

export interface PackageInfo {
  readonly version: string;
  /** Real path of the package's folder. */
  readonly root: string;
  /** What runs in a plugin's own process, absolute. */
  readonly pluginProgram: string;
  readonly builtins: readonly BuiltinPlugin[];
}

interface PackageJson {
  readonly version: string;
  readonly agentflow: {
    readonly plugins: Readonly<
      Record<string, { readonly path: string; readonly default?: boolean; readonly demo?: string }>
    >;
  };
}

/** What the host's own package.json says of it; what ships with it is declared there. */
export function readPackageInfo(): PackageInfo {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageJson;
  const builtins = Object.entries(manifest.agentflow.plugins).map(([id, entry]) => ({
    id,
    folder: join(root, entry.path),
    byDefault: entry.default ?? false,
    ...(entry.demo !== undefined && { demo: join(root, entry.demo) }),
  }));
  return {
    version: manifest.version,
    root,
    // Built, also where the host itself runs from source: Node 20 runs no TypeScript.
    pluginProgram: join(root, "dist/src/isolation/child.js"),
    builtins,
  };
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
  return packageRoot(dirname(folder));
}
