import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Manifest } from "../base/manifest.ts";
import type { Logger } from "../plugin-api/index.ts";
import { checkManifest } from "./check-message.ts";

/**
 * What plugins offered when they were last described, so that none of them has to be started to be listed. One file for
 * each plugin; what cannot be read or written is as if it were not there.
 */
export class ManifestCache {
  readonly #folder: string;
  readonly #log: Logger;
  #complained = false;

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  read(id: string, print: string): Manifest | undefined {
    try {
      return checkManifest(JSON.parse(readFileSync(this.#file(id, print), "utf8")));
    } catch {
      return undefined;
    }
  }

  /** Replaces what was known of the plugin before. */
  write(id: string, print: string, manifest: Manifest): void {
    const file = this.#file(id, print);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(this.#folder)) {
        if (name.startsWith(`${fileSafe(id)}.`)) rmSync(join(this.#folder, name), { force: true });
      }
      // Whole or not at all: another server may read it now.
      const temporary = `${file}.${process.pid}`;
      writeFileSync(temporary, JSON.stringify(manifest), { mode: 0o600 });
      renameSync(temporary, file);
    } catch (error) {
      if (this.#complained) return;
      this.#complained = true;
      const reason = messageOf(error);
      this.#log.warn("descriptions of plugins cannot be kept", { folder: this.#folder, reason });
    }
  }

  #file(id: string, print: string): string {
    return join(this.#folder, `${fileSafe(id)}.${print.slice(0, 32)}.json`);
  }
}

/** Ids are names of packages, folders and files, which may hold anything. */
function fileSafe(id: string): string {
  return encodeURIComponent(id).replaceAll(".", "%2E").replaceAll("*", "%2A");
}
