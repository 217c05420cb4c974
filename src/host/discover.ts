import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname, join, relative, resolve, sep } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Candidate } from "./candidate.ts";
import type { BuiltinPlugin, PackageInfo } from "./package-info.ts";

export interface Directory {
  readonly path: string;
  readonly required: boolean;
}

export interface DiscoverOptions {
  readonly host: PackageInfo;
  /** Folders to look into, in order; missing ones are skipped unless `required`. */
  readonly directories: readonly Directory[];
  /** npm packages, resolved from `packagesFrom`. */
  readonly packages: readonly string[];
  readonly packagesFrom: string;
}

const MODULE = /\.(?:[cm]?js|[cm]?ts)$/u;
const NOT_A_PLUGIN = /^(?:[._]|readme(?:\.|$))|\.d\.[cm]?ts$|\.(?:test|spec)\.[cm]?[jt]s$/iu;
const ENTRIES = ["index", "plugin"].flatMap((stem) =>
  [".js", ".mjs", ".cjs", ".ts", ".mts"].map((end) => stem + end),
);

/** Lists candidates in a stable order: built-ins, then folders as given, then packages. */
export function discover(options: DiscoverOptions): readonly Candidate[] {
  const { host } = options;
  const named = new Set<string>();
  const found: Candidate[] = [];
  for (const { path, required } of options.directories) {
    for (const candidate of scanSafely(resolve(path), required)) {
      const builtin = builtinAt(host, candidate.path);
      if (builtin === undefined) found.push(candidate);
      else named.add(builtin.id);
    }
  }
  const packages = options.packages.map((name) => fromPackage(name, options.packagesFrom));
  const builtins = host.builtins.map((builtin) => fromBuiltin(builtin, named.has(builtin.id)));
  return withoutRepeats([...builtins, ...found, ...packages]);
}

function fromBuiltin(builtin: BuiltinPlugin, named: boolean): Candidate {
  const file = entryIn(builtin.folder);
  return {
    id: builtin.id,
    path: builtin.folder,
    origin: "builtin",
    found:
      file === undefined
        ? { kind: "broken", reason: `is not built. Run: npm run build` }
        : { kind: "module", file },
    ...(builtin.demo !== undefined && { demo: builtin.demo }),
    byDefault: named || builtin.byDefault,
  };
}

/** The built-in whose folder or entry this is, in the built package or in its source. */
function builtinAt(host: PackageInfo, path: string): BuiltinPlugin | undefined {
  const real = realPath(path);
  return host.builtins.find(({ id, folder }) =>
    [folder, join(host.root, "plugins", id)]
      .flatMap((known) => [known, entryIn(known) ?? known])
      .some((known) => realPath(known) === real),
  );
}

/** A folder that cannot be read must not keep the others from being served. */
function scanSafely(path: string, required: boolean): readonly Candidate[] {
  try {
    return scan(path, required);
  } catch (error) {
    return [broken(idOf(path), path, `cannot be read: ${messageOf(error)}`)];
  }
}

function scan(path: string, required: boolean): readonly Candidate[] {
  if (!existsSync(path)) {
    if (!required) return [];
    return [broken(idOf(path), path, `there is nothing at ${path}`)];
  }
  // The path of one plugin works as well as the path of a folder full of them.
  const one = statSync(path).isDirectory()
    ? isPluginFolder(path) && fromFolder(path)
    : (fromFile(path) ?? broken(idOf(path), path, "is neither JavaScript nor TypeScript"));
  if (one) return [{ ...one, named: required }];
  const found = scanFolder(path);
  if (found.length > 0 || !required) return found;
  return [broken(idOf(path), path, "the folder holds no plugin")];
}

function scanFolder(path: string): readonly Candidate[] {
  return readdirSync(path, { withFileTypes: true })
    .map((entry) => entry.name)
    .toSorted()
    .filter((name) => !NOT_A_PLUGIN.test(name) && name !== "node_modules")
    .map((name) => childSafely(join(path, name)))
    .filter(isDefined);
}

/** What is wrong with one must not keep its neighbours from being found. */
function childSafely(path: string): Candidate | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isDirectory() ? fromFolder(path) : fromFile(path);
  } catch (error) {
    return broken(idOf(path), path, `cannot be read: ${messageOf(error)}`);
  }
}

function fromFile(path: string): Candidate | undefined {
  if (extname(path) === ".py") return python(path);
  if (!MODULE.test(path)) return undefined;
  return { ...shared(idOf(path), path), found: { kind: "module", file: path } };
}

function fromFolder(path: string): Candidate | undefined {
  const manifest = join(path, "package.json");
  if (existsSync(manifest)) return fromManifest(manifest, path, "directory");
  const file = entryIn(path);
  if (file !== undefined) return { ...shared(idOf(path), path), found: { kind: "module", file } };
  return existsSync(join(path, "__init__.py")) ? python(path) : undefined;
}

function isPluginFolder(path: string): boolean {
  if (entryIn(path) !== undefined) return true;
  const manifest = join(path, "package.json");
  if (!existsSync(manifest)) return false;
  try {
    const pkg = readPackage(manifest);
    // `npm init` writes a "main" into every folder: it counts only where there is such a file.
    const declared = declaredEntry(pkg);
    return (
      pkg.agentflow !== undefined || (declared !== undefined && existsSync(join(path, declared)))
    );
  } catch {
    return false;
  }
}

interface PluginPackage {
  readonly name?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly agentflow?: { readonly name?: string; readonly entry?: string; readonly demo?: string };
}

function fromManifest(manifest: string, folder: string, origin: Candidate["origin"]): Candidate {
  let pkg: PluginPackage;
  try {
    pkg = readPackage(manifest);
  } catch (error) {
    const reason = `its package.json cannot be used: ${messageOf(error)}`;
    return { ...broken(idOf(folder), folder, reason), origin };
  }
  const id = pkg.agentflow?.name ?? pkg.name?.replace(/^@[^/]+\//u, "") ?? idOf(folder);
  const demo = pkg.agentflow?.demo;
  const base = {
    ...shared(id, folder),
    origin,
    ...(demo !== undefined && { demo: resolve(folder, demo) }),
  };
  const declared = declaredEntry(pkg);
  if (declared === undefined) {
    const file = entryIn(folder);
    if (file !== undefined) return { ...base, found: { kind: "module", file } };
    const reason = `has no entry: package.json names none, and there is no ${ENTRIES[0]} or plugin.js`;
    return { ...base, found: { kind: "broken", reason } };
  }
  const file = resolve(folder, declared);
  // Also where a link leads out of it.
  if (isOutside(file, folder) || isOutside(realPath(file), realPath(folder))) {
    const reason = `its package.json names the entry '${declared}' outside its folder`;
    return { ...base, found: { kind: "broken", reason } };
  }
  if (existsSync(file)) return { ...base, found: { kind: "module", file } };
  const reason = `its package.json names the entry '${declared}', which does not exist. Is it built?`;
  return { ...base, found: { kind: "broken", reason } };
}

function isOutside(file: string, folder: string): boolean {
  return relative(folder, file).split(sep)[0] === "..";
}

function declaredEntry(pkg: PluginPackage): string | undefined {
  return pkg.agentflow?.entry ?? exported(pkg.exports) ?? pkg.main;
}

/** The main entry of `exports`, for an importer. */
function exported(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const bag = value as Readonly<Record<string, unknown>>;
  for (const key of [".", "import", "node", "default", "require"]) {
    const found = key in bag ? exported(bag[key]) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function fromPackage(name: string, from: string): Candidate {
  const folders = createRequire(join(from, "config.js")).resolve.paths(name) ?? [];
  const folder = folders.map((path) => join(path, name)).find((path) => existsSync(path));
  if (folder === undefined) {
    const reason = `the npm package is not installed. Run: npm install ${name} (in ${from})`;
    return { ...broken(name.replace(/^@[^/]+\//u, ""), name, reason), origin: "package" };
  }
  return fromManifest(join(folder, "package.json"), folder, "package");
}

function python(path: string): Candidate {
  const reason = "is a Python plugin; this host runs JavaScript and TypeScript. It can be ported";
  return { ...shared(idOf(path), path), found: { kind: "unsupported", reason } };
}

function broken(id: string, path: string, reason: string): Candidate {
  return { ...shared(id, path), found: { kind: "broken", reason } };
}

function shared(id: string, path: string): Pick<Candidate, "id" | "path" | "origin" | "byDefault"> {
  return { id, path, origin: "directory", byDefault: true };
}

/** The same real module counts once, whoever names it, by its folder or by its file. */
function withoutRepeats(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ path, found }) => {
    const real = realPath(found.kind === "module" ? found.file : path);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function entryIn(folder: string): string | undefined {
  const name = ENTRIES.find((entry) => existsSync(join(folder, entry)));
  return name === undefined ? undefined : join(folder, name);
}

function idOf(path: string): string {
  const name = basename(path);
  return MODULE.test(name) || extname(name) === ".py" ? name.slice(0, -extname(name).length) : name;
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

/** Reads the fields that matter here. Throws an Error that names the one of the wrong type. */
function readPackage(file: string): PluginPackage {
  const pkg: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof pkg !== "object" || pkg === null || Array.isArray(pkg))
    throw new Error("it is no object");
  const { agentflow, ...own } = pkg as Readonly<Record<string, unknown>>;
  if (agentflow !== undefined && (typeof agentflow !== "object" || agentflow === null)) {
    throw new Error("'agentflow' must be an object");
  }
  const ours = (agentflow ?? {}) as Readonly<Record<string, unknown>>;
  const texts = {
    name: own["name"],
    main: own["main"],
    "agentflow.name": ours["name"],
    "agentflow.entry": ours["entry"],
    "agentflow.demo": ours["demo"],
  };
  for (const [field, value] of Object.entries(texts)) {
    if (value !== undefined && typeof value !== "string")
      throw new Error(`'${field}' must be text`);
  }
  return pkg;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
