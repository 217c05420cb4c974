import { statSync } from "node:fs";
import { basename, dirname, sep } from "node:path";
import { watch } from "chokidar";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../plugin-api/index.ts";

/** A plugin and the file or folder that it was found at. */
export interface Watched {
  readonly id: string;
  readonly path: string;
}

/** Editors and package managers write many files for one change. */
const QUIET_MS = 200;

/** Tells which plugins have other files than before. Returns the end of that. */
export function watchPlugins(
  plugins: readonly Watched[],
  onChange: (ids: ReadonlySet<string>) => void,
  log: Logger,
): () => Promise<void> {
  const places = plugins.map((plugin) => ({ ...plugin, isFolder: isFolder(plugin.path) }));
  const folders = new Set(places.map(({ path, isFolder: is }) => (is ? path : dirname(path))));
  const files = new Set(places.filter((place) => !place.isFolder).map(({ path }) => path));
  const changed = new Set<string>();
  let quiet: NodeJS.Timeout | undefined;
  const watcher = watch([...folders], {
    ignoreInitial: true,
    // Far too many files: what npm has installed anew takes a SIGHUP.
    ignored: (path) => /^(?:node_modules|\..+)$/u.test(basename(path)) && !folders.has(path),
  });
  watcher.on("all", (_event, path) => {
    for (const place of places) if (belongsTo(path, place, files)) changed.add(place.id);
    if (changed.size === 0) return;
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      onChange(new Set(changed));
      changed.clear();
    }, QUIET_MS);
  });
  watcher.on("error", (error) =>
    log.warn("plugins cannot be watched", { reason: messageOf(error) }),
  );
  return async () => {
    clearTimeout(quiet);
    await watcher.close();
  };
}

/** Whether a file is one of the plugin's own. Of a single file, what lies beside it counts, unless it is a plugin itself. */
function belongsTo(
  path: string,
  plugin: Watched & { readonly isFolder: boolean },
  files: ReadonlySet<string>,
): boolean {
  if (plugin.isFolder) return path.startsWith(plugin.path + sep);
  if (files.has(path)) return path === plugin.path;
  return path.startsWith(dirname(plugin.path) + sep);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
