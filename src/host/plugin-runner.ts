import isValidVersion from "semver/functions/valid.js";
import { Allowance } from "../base/allowance.ts";
import { messageOf, PluginError } from "../base/errors.ts";
import { childLogger } from "../base/logger.ts";
import type { Manifest } from "../base/manifest.ts";
import type { PluginPort, Services, StorageService } from "../base/port.ts";
import { throttleLines, type ThrottledLines } from "../base/throttle-lines.ts";
import { canonicalId } from "../config/plugin-settings.ts";
import type { JsonObject, Logger } from "../plugin-api/index.ts";
import { asPluginError, NotAPluginError } from "../runtime/inline-port.ts";
import type { Candidate } from "./candidate.ts";
import { Instance } from "./instance.ts";
import { problemView } from "./problem-view.ts";
import { isLive, type PluginRecord } from "./record.ts";

const LOG_BURST = 1_000;
const LOG_PER_SECOND = 100;

export interface RunnerOptions {
  readonly candidate: Candidate;
  readonly enabled: boolean;
  readonly openPort: () => PluginPort;
  readonly log: Logger;
  readonly storage: StorageService;
  /** What the configuration has under the name of one of its agents and backends. */
  readonly configOf: (name: string) => JsonObject;
  readonly notice: string | undefined;
  /** Told after every change of the record. */
  readonly onChange: () => void;
  readonly onResourceUpdated: (uri: string) => void;
}

/** The life of one plugin: described, loaded, serving, replaced, stopped. It never throws; what goes wrong is its record. */
export class PluginRunner {
  readonly #options: RunnerOptions;
  readonly #log: Logger;
  /** What the plugin itself logs: no more than somebody can read. */
  readonly #pluginLog: ThrottledLines<Parameters<Services["log"]>>;
  /** Instances that have been replaced and still have calls at work. */
  readonly #retired = new Set<Instance>();
  /** Resources whose changes clients want to hear of: every instance that comes to serve is told. */
  readonly #watched = new Set<string>();
  #record: PluginRecord;
  #instance: Instance | undefined;
  #activated: Promise<void> | undefined;
  /** Its definitions have changed since they were read. */
  #isStale = false;
  #reading: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { candidate, enabled, notice } = options;
    this.#log = childLogger(options.log, { plugin: candidate.id });
    this.#pluginLog = throttleLines(
      new Allowance(LOG_BURST, LOG_PER_SECOND),
      (level, message, fields) => this.#log[level](message, fields),
      (count) => this.#log.warn(`${count} lines of its log were left out: too many at once.`),
    );
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

  /** What carries out its calls now, if anything may. */
  get instance(): Instance | undefined {
    return isLive(this.#record.state) ? this.#instance : undefined;
  }

  /** Whether a new instance can be put in place of the one that serves. */
  get isReplaceable(): boolean {
    const { found } = this.#options.candidate;
    return found.kind === "module" && this.#instance?.port.isElsewhere === true;
  }

  /** A client wants to hear of changes of a resource. */
  watch(uri: string): void {
    this.#watched.add(uri);
    this.instance?.port.watch?.(uri);
  }

  unwatch(uri: string): void {
    this.#watched.delete(uri);
    this.instance?.port.unwatch?.(uri);
  }

  /** Imports, creates and reads the plugin. */
  async describe(): Promise<void> {
    if (this.#record.state !== "loading") return;
    this.#instance = this.#open();
    try {
      const manifest = await this.#instance.port.describe();
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
    const instance = this.#instance;
    if (this.#record.state !== "loading" || instance === undefined) return;
    this.#record = { ...this.#record, stage: "load" };
    try {
      await instance.port.activate(instance.services);
      // It may have been stopped meanwhile.
      if (this.record.state !== "loading") return;
      this.#record = { ...this.#record, state: "serving", stage: "serve" };
      if (this.#isStale || this.#record.manifest?.info.dynamic) await this.#readAgain();
      else this.#options.onChange();
    } catch (error) {
      this.fail(asPluginError(error, "load"));
      this.#options.onChange();
    }
  }

  /**
   * Makes a new instance ready beside the one that serves. What resolves then puts it in the other's place, whose calls
   * are let to their end. Rejects with the reason why the new one cannot serve, and changes nothing.
   */
  async prepareReplacement(): Promise<() => void> {
    await this.#activated;
    const { id } = this.#record;
    const fresh = this.#open();
    try {
      await fresh.port.describe();
      await fresh.port.activate(fresh.services);
      await fresh.port.start?.();
      const manifest = await fresh.port.describe();
      const lost = lostDefinition(this.#record, manifest);
      if (lost !== undefined) throw new PluginError("validate", lost);
      return () => this.#replaceBy(fresh, described(id, manifest));
    } catch (error) {
      void this.#close(fresh);
      throw asPluginError(error, "import");
    }
  }

  #replaceBy(fresh: Instance, parts: ReturnType<typeof described>): void {
    const before = this.#instance;
    const { reason: _reason, problem: _problem, ...record } = this.#record;
    if (record.state === "stopped") {
      void this.#close(fresh);
      return;
    }
    this.#instance = fresh;
    for (const uri of this.#watched) fresh.port.watch?.(uri);
    this.#record = { ...record, ...parts, state: "serving", stage: "serve" };
    if (before === undefined) return;
    this.#retired.add(before);
    void before
      .retire()
      .catch((error: unknown) => this.#closeFailed(error))
      .finally(() => this.#retired.delete(before));
  }

  /** One reading at a time: an older one that takes longer must not have the last word. */
  async #readAgain(): Promise<void> {
    this.#isStale = true;
    // What is being loaded is read when that is done.
    if (!this.#isActive()) return;
    this.#reading ??= this.#readWhileStale();
    await this.#reading;
  }

  async #readWhileStale(): Promise<void> {
    try {
      while (this.#isStale && this.#isActive()) {
        this.#isStale = false;
        await this.#describeAgain();
      }
    } finally {
      this.#reading = undefined;
    }
  }

  /** Definitions that cannot be read again leave the ones before in place. */
  async #describeAgain(): Promise<void> {
    const instance = this.#instance;
    try {
      const manifest = await instance?.port.describe();
      if (manifest === undefined || this.#instance !== instance || !this.#isActive()) return;
      const { reason: _reason, problem: _problem, ...record } = this.#record;
      this.#record = { ...record, ...described(record.id, manifest), ...availability(manifest) };
    } catch (error) {
      this.#log.error(`its definitions could not be read again: ${messageOf(error)}`);
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
    const { stage, message: reason, problem } = error;
    this.#record = {
      ...this.#record,
      state: "failed",
      stage,
      reason,
      ...(problem !== undefined && { problem }),
    };
    this.#options.log.error("plugin failed", {
      plugin: this.#record.id,
      stage,
      reason,
      ...problemView(problem),
      ...(error.cause instanceof Error && { cause: error.cause }),
    });
    if (this.#instance !== undefined) void this.#close(this.#instance);
  }

  #skip({ holds, problem }: NotAPluginError): void {
    const classes =
      holds.length === 0
        ? ""
        : `; and ${holds.length === 1 ? "the class" : "the classes"} ${holds.join(", ")} ` +
          `${holds.length === 1 ? "has" : "have"} none of the methods of an agent, an LLM backend or a storage backend`;
    const reason = `exports no plugin: no createPlugin, no default plugin, no Plugin class${classes}`;
    this.#record = {
      ...this.#record,
      state: "skipped",
      stage: "import",
      reason,
      ...(problem !== undefined && { problem }),
    };
  }

  /** Lets it clean up; one that failed may still be at it. */
  async stop(): Promise<void> {
    this.#pluginLog.end();
    if (isLive(this.#record.state)) this.#record = { ...this.#record, state: "stopped" };
    const all = [...this.#retired, ...(this.#instance === undefined ? [] : [this.#instance])];
    await Promise.all(all.map((instance) => this.#close(instance)));
  }

  #open(): Instance {
    return new Instance(this.#options.openPort(), (own) => this.#servicesOf(own));
  }

  async #close(instance: Instance): Promise<void> {
    try {
      await instance.close();
    } catch (error) {
      this.#closeFailed(error);
    }
  }

  #closeFailed(error: unknown): void {
    this.#log.warn(`onPluginUnload failed: ${messageOf(error)}`);
  }

  /** One that was replaced has no more say in what the plugin offers. */
  #servicesOf(instance: Instance): Services {
    return {
      log: (...line) => this.#pluginLog.send(...line),
      storage: this.#options.storage,
      configOf: async (name) => this.#options.configOf(name),
      resourceUpdated: (uri) => this.#options.onResourceUpdated(uri),
      definitionsChanged: () => {
        if (this.#instance === instance) void this.#readAgain();
      },
    };
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

function availability({
  unavailable,
}: Manifest): Pick<PluginRecord, "state" | "reason" | "problem"> {
  if (unavailable === undefined) return { state: "serving" };
  const { message: reason, problem } = unavailable;
  return { state: "unavailable", reason, ...(problem && { problem }) };
}

function disabledReason(candidate: Candidate): string {
  return candidate.origin === "builtin" && !candidate.byDefault
    ? `ships with the host and is off by default. Switch it on: plugins.${candidate.id}.enabled`
    : "is switched off in the configuration";
}

function offersNothing(manifest: Manifest): boolean {
  const { tools, prompts, resources, categories, quarantined } = manifest;
  const { agents, llmBackends, storageBackends } = manifest;
  const plain = [tools, prompts, resources, categories, quarantined];
  const roles = [agents, llmBackends, storageBackends];
  return [...plain, ...roles].every((list) => list.length === 0);
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

/** What is served now and would not be any more, though it still stands there: nobody means that. */
function lostDefinition(
  { manifest: before }: PluginRecord,
  { quarantined }: Manifest,
): string | undefined {
  if (before === undefined) return undefined;
  const bad = quarantined.find(
    ({ kind, name }) =>
      !before.quarantined.some((known) => known.kind === kind && known.name === name),
  );
  return bad === undefined
    ? undefined
    : `the ${bad.kind} '${bad.name}' could not be served: ${bad.reason}`;
}
