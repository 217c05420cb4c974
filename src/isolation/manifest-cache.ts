import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Manifest } from "../base/manifest.ts";
import type { Logger } from "../plugin-api/index.ts";
import type { ValidatorCode } from "../runtime/validator-code.ts";
import { checkManifest, checkValidators } from "./check-message.ts";

/** Folders in the data directory. */
const MANIFESTS = "manifests";
const VALIDATORS = "validators";
/** Every process of the plugin is sent all of them: above this, compiling the few that are used takes less. */
const MAX_VALIDATORS_CHARS = 1_048_576;

/**
 * What plugins offered when they were last described, so that none of them has to be started to be listed, and their
 * validators. One file for each plugin and kind; what cannot be read or written is as if it were not there.
 */
export class ManifestCache {
  readonly #dataDirectory: string;
  readonly #log: Logger;
  #complained = false;

  constructor(dataDirectory: string, log: Logger) {
    this.#dataDirectory = dataDirectory;
    this.#log = log;
  }

  read(id: string, print: string): Manifest | undefined {
    return this.#read(MANIFESTS, id, print, checkManifest);
  }

  /** Replaces what was known of the plugin before. */
  write(id: string, print: string, manifest: Manifest): void {
    this.#write(MANIFESTS, id, print, JSON.stringify(manifest));
  }

  readValidators(id: string, print: string): ValidatorCode {
    return this.#read(VALIDATORS, id, print, checkValidators) ?? {};
  }

  /** Replaces those of the plugin before. */
  writeValidators(id: string, print: string, code: ValidatorCode): void {
    const text = JSON.stringify(code);
    if (text.length <= MAX_VALIDATORS_CHARS) this.#write(VALIDATORS, id, print, text);
  }

  #read<T>(kind: string, id: string, print: string, check: (value: unknown) => T): T | undefined {
    try {
      return check(JSON.parse(readFileSync(this.#file(kind, id, print), "utf8")));
    } catch {
      return undefined;
    }
  }

  #write(kind: string, id: string, print: string, text: string): void {
    const folder = join(this.#dataDirectory, kind);
    const file = this.#file(kind, id, print);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(folder)) {
        if (name.startsWith(`${fileSafe(id)}.`)) rmSync(join(folder, name), { force: true });
      }
      // Whole or not at all: another server may read it now.
      const temporary = `${file}.${process.pid}`;
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, file);
    } catch (error) {
      if (this.#complained) return;
      this.#complained = true;
      const reason = messageOf(error);
      this.#log.warn("descriptions of plugins cannot be kept", { folder, reason });
    }
  }

  #file(kind: string, id: string, print: string): string {
    return join(this.#dataDirectory, kind, `${fileSafe(id)}.${print.slice(0, 32)}.json`);
  }
}

/** Ids are names of packages, folders and files, which may hold anything. */
function fileSafe(id: string): string {
  return encodeURIComponent(id).replaceAll(".", "%2E").replaceAll("*", "%2A");
}
