import isValidVersion from "semver/functions/valid.js";
import { messageOf, type PluginError } from "../base/errors.ts";
import { childLogger } from "../base/logger.ts";
import type { Manifest } from "../base/manifest.ts";
import type { PluginPort, Services, StorageService } from "../base/port.ts";
import { canonicalId } from "../config/plugin-settings.ts";
import type { Logger } from "../plugin-api/index.ts";
import { asPluginError, NotAPluginError } from "../runtime/inline-port.ts";
import type { Candidate } from "./candidate.ts";
import { isLive, type PluginRecord } from "./record.ts";

export interface RunnerOptions {
  readonly candidate: Candidate;
  readonly enabled: boolean;
  readonly openPort: () => PluginPort;
  readonly log: Logger;
  readonly storage: StorageService;
  readonly notice: string | undefined;
  /** Told after every change of the record. */
  readonly onChange: () => void;
  readonly onResourceUpdated: (uri: string) => void;
}

/** The life of one plugin: described, loaded, serving, stopped. It never throws; what goes wrong is its record. */
export class PluginRunner {
  readonly services: Services;
  readonly #options: RunnerOptions;
  #record: PluginRecord;
  #port: PluginPort | undefined;
  #activated: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** The plugin has said that its definitions have changed, and they have not been read since. */
  #stale = false;
  #reading: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { candidate, enabled, storage, notice } = options;
    const log = childLogger(options.log, { plugin: candidate.id });
    this.services = {
      log: (level, message, fields) => log[level](message, fields),
      storage,
      resourceUpdated: (uri) => options.onResourceUpdated(uri),
      definitionsChanged: () => {
        this.#stale = true;
        if (this.#isActive()) void this.#readAgain();
      },
    };
    const { found } = candidate;
    this.#record = {
      id: candidate.id,
      path: candidate.path,
      origin: candidate.origin,
      named: candidate.named ?? false,
      stage: "discover",
      warnings: [],
      quarantined: [],
      ...(notice !== undefined && { notice }),
      ...(!enabled
        ? { state: "disabled", reason: disabledReason(candidate) }
        : found.kind === "broken"
          ? { state: "failed", reason: found.reason }
          : found.kind === "unsupported"
            ? { state: "skipped", reason: found.reason }
            : { state: "loading" }),
    };
  }

  get record(): PluginRecord {
    return this.#record;
  }

  get port(): PluginPort | undefined {
    return isLive(this.#record.state) ? this.#port : undefined;
  }

  /** Imports, creates and reads the plugin. */
  async describe(): Promise<void> {
    if (this.#record.state !== "loading") return;
    this.#port = this.#options.openPort();
    try {
      const manifest = await this.#port.describe();
      this.#record = {
        ...this.#record,
        stage: "register",
        ...described(this.#record.id, manifest),
      };
    } catch (error) {
      if (error instanceof NotAPluginError) this.#skip(error);
      else this.fail(asPluginError(error, "import"));
    }
  }

  /** Runs `onPluginLoad`; the same promise for everybody who asks. */
  activate(): Promise<void> {
    this.#activated ??= this.#activate();
    return this.#activated;
  }

  async #activate(): Promise<void> {
    if (this.#record.state !== "loading" || this.#port === undefined) return;
    this.#record = { ...this.#record, stage: "load" };
    try {
      await this.#port.activate(this.services);
      // It may have been stopped meanwhile.
      if (this.record.state !== "loading") return;
      this.#record = { ...this.#record, state: "serving", stage: "serve" };
      this.#stale ||= this.#record.manifest?.info.dynamic === true;
      if (this.#stale) await this.#readAgain();
      else this.#options.onChange();
    } catch (error) {
      this.fail(asPluginError(error, "load"));
      this.#options.onChange();
    }
  }

  /** One reading at a time: an older one that takes longer must not have the last word. */
  #readAgain(): Promise<void> {
    this.#reading ??= this.#readWhileStale();
    return this.#reading;
  }

  async #readWhileStale(): Promise<void> {
    try {
      while (this.#stale && this.#isActive()) {
        this.#stale = false;
        await this.#describeAgain();
      }
    } finally {
      this.#reading = undefined;
    }
  }

  /** Definitions that cannot be read again leave the ones before in place. */
  async #describeAgain(): Promise<void> {
    try {
      const manifest = await this.#port?.describe();
      if (manifest === undefined || !this.#isActive()) return;
      const { reason: _before, ...record } = this.#record;
      this.#record = { ...record, ...described(record.id, manifest), ...availability(manifest) };
    } catch (error) {
      this.services.log("error", `its definitions could not be read again: ${messageOf(error)}`);
    }
    this.#options.onChange();
  }

  /** Past its activation, and not yet at its end. */
  #isActive(): boolean {
    const { state } = this.#record;
    return state === "serving" || state === "unavailable";
  }

  /** Takes the plugin out of service for good, and lets it clean up. */
  fail(error: PluginError): void {
    this.#record = { ...this.#record, state: "failed", stage: error.stage, reason: error.message };
    this.#options.log.error("plugin failed", {
      plugin: this.#record.id,
      stage: error.stage,
      reason: error.message,
      ...(error.cause instanceof Error && { cause: error.cause }),
    });
    void this.#close();
  }

  #skip(error: NotAPluginError): void {
    const reason =
      error.holds.length === 0
        ? "exports no plugin: no createPlugin, no default plugin, no Plugin class"
        : `holds ${error.holds.join(", ")}, which this version lists but does not run yet`;
    this.#record = { ...this.#record, state: "skipped", stage: "import", reason };
  }

  async stop(): Promise<void> {
    if (isLive(this.#record.state)) {
      this.#record = { ...this.#record, state: "stopped" };
      await this.#close();
    } else {
      // One that failed may still be cleaning up.
      await this.#closing;
    }
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closePort();
    return this.#closing;
  }

  async #closePort(): Promise<void> {
    try {
      await this.#port?.close();
    } catch (error) {
      this.services.log("warn", `onPluginUnload failed: ${messageOf(error)}`);
    }
  }
}

function described(
  id: string,
  manifest: Manifest,
): Pick<PluginRecord, "manifest" | "quarantined" | "warnings"> {
  return {
    manifest,
    quarantined: manifest.quarantined,
    warnings: [...manifest.warnings, ...hostWarnings(id, manifest)],
  };
}

function availability({ unavailable }: Manifest): Pick<PluginRecord, "state" | "reason"> {
  if (unavailable === undefined) return { state: "serving" };
  return { state: "unavailable", reason: unavailable.message };
}

function disabledReason(candidate: Candidate): string {
  return candidate.origin === "builtin" && !candidate.byDefault
    ? `ships with the host and is off by default. Switch it on: plugins.${candidate.id}.enabled`
    : "is switched off in the configuration";
}

function offersNothing({ tools, prompts, resources, categories, quarantined }: Manifest): boolean {
  return [tools, prompts, resources, categories, quarantined].every((list) => list.length === 0);
}

function hostWarnings(id: string, manifest: Manifest): readonly string[] {
  const { info } = manifest;
  const warnings: string[] = [];
  if (canonicalId(info.name) !== canonicalId(id)) {
    warnings.push(
      `calls itself '${info.name}', but its id is '${id}': configure it under plugins.${id}`,
    );
  }
  // What cannot be reached may only not have said yet what it offers.
  if (offersNothing(manifest) && manifest.unavailable === undefined)
    warnings.push("offers nothing: no tools, prompts, resources or categories");
  if (isValidVersion(info.version) === null) {
    warnings.push(`its version '${info.version}' is not a semantic version like 1.2.3`);
  }
  return warnings;
}
