import { createHash, type Hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { digest } from "../base/canonical-json.ts";

/** Above these, reading everything costs more than it saves. */
const MAX_FILES = 2_000;
const MAX_BYTES = 33_554_432;
/** What is larger is told apart by its size and time alone. */
const LARGE_FILE_BYTES = 1_048_576;
const SKIPPED = new Set(["node_modules", ".git"]);

/** Tells whether plugins are still the same as before. */
export class Fingerprints {
  /** Of the folders that were read in this turn of the event loop: many plugins may lie in one. */
  readonly #folders = new Map<string, string | undefined>();

  /**
   * A hash of a plugin's own files, of what npm has installed for it, and of everything else that is given. Of a single
   * file, all files beside it count as its own, since it may import them. Undefined where there is too much to read, or
   * something cannot be read.
   */
  of(path: string, rest: readonly unknown[]): string | undefined {
    try {
      const folder = this.#folder(statSync(path).isDirectory() ? path : dirname(path));
      return folder === undefined ? undefined : digest(folder, ...rest);
    } catch {
      return undefined;
    }
  }

  /** Of a plugin that ships with the host: its files change with the host alone, and are written anew by each build. */
  ofShipped(file: string, rest: readonly unknown[]): string | undefined {
    try {
      const hash = createHash("sha256");
      const { size, mtimeMs } = statAt(file);
      hash.update(`${file}\0${size}\0${mtimeMs}`);
      hashInstalled(hash, dirname(file));
      return digest(hash.digest("hex"), ...rest);
    } catch {
      return undefined;
    }
  }

  #folder(folder: string): string | undefined {
    if (this.#folders.size === 0) setImmediate(() => this.#folders.clear());
    if (!this.#folders.has(folder)) this.#folders.set(folder, hashFolder(folder));
    return this.#folders.get(folder);
  }
}

function hashFolder(folder: string): string | undefined {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const file of filesIn(folder)) {
    bytes += hashFile(hash, folder, file);
    if (bytes > MAX_BYTES) return undefined;
  }
  hashInstalled(hash, folder);
  return hash.digest("hex");
}

function filesIn(folder: string): readonly string[] {
  const files: string[] = [];
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entries = readdirSync(next, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (SKIPPED.has(entry.name)) continue;
      const path = join(next, entry.name);
      // A link may lead anywhere; where it leads counts.
      if (entry.isDirectory()) open.push(path);
      else files.push(path);
      if (files.length > MAX_FILES) throw new Error("too many files");
    }
  }
  return files;
}

/** The bytes that were read for it. */
function hashFile(hash: Hash, folder: string, file: string): number {
  const { size, mtimeMs, isDirectory } = statAt(file);
  hash.update(`\0${relative(folder, file)}\0${size}\0`);
  if (isDirectory || size > LARGE_FILE_BYTES) {
    hash.update(String(mtimeMs));
    return 0;
  }
  hash.update(readFileSync(file));
  return size;
}

function statAt(file: string): { size: number; mtimeMs: number; isDirectory: boolean } {
  const stat = statSync(file);
  return { size: stat.size, mtimeMs: stat.mtimeMs, isDirectory: stat.isDirectory() };
}

/** npm writes down what it has installed; a newer version of a package is another plugin. */
function hashInstalled(hash: Hash, from: string): void {
  for (let folder = from; ; folder = dirname(folder)) {
    const record = join(folder, "node_modules", ".package-lock.json");
    if (existsSync(record)) {
      const { size, mtimeMs } = statAt(record);
      hash.update(`\0${record}\0${size}\0${mtimeMs}`);
    }
    if (dirname(folder) === folder) return;
  }
}
