import { cpus } from "node:os";
import pLimit from "p-limit";
import type { Manifest } from "../base/manifest.ts";
import type { PluginPort } from "../base/port.ts";
import type { Logger } from "../plugin-api/index.ts";
import { InlinePort } from "../runtime/inline-port.ts";
import { Fingerprints } from "./fingerprints.ts";
import type { ManifestCache } from "./manifest-cache.ts";
import type { FileSource } from "./messages.ts";
import { ProcessPort } from "./process-port.ts";
import { RememberedPort } from "./remembered-port.ts";
import { Supervisor, type MemberLimits } from "./supervisor.ts";

export interface ProcessesOptions {
  /** The program of a plugin's process, absolute. */
  readonly program: string;
  /** The whole environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
  /** A line that a plugin, or one of a group, has printed. */
  readonly onPrint: (name: string, line: string) => void;
  /** What plugins offered when they were last described. */
  readonly cache: ManifestCache;
  /** Loads plugins at once, and not with their first calls. */
  readonly eager: boolean;
}

export interface ProcessSettings extends MemberLimits {
  /** Plugins with the same group share a process. Default: none. */
  readonly group?: string;
  /** File or folder that the plugin was found at. */
  readonly path: string;
}

/** Opens ways to plugins: processes of their own, and those whose definitions are remembered. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #groups = new Map<string, Supervisor>();
  readonly #prints = new Fingerprints();
  /** A hundred processes that start at once would all be late. */
  readonly #turn = pLimit(Math.max(4, 2 * cpus().length));

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** A way to a plugin. Nothing runs yet. */
  open(source: FileSource, { group, path, ...limits }: ProcessSettings): PluginPort {
    const { cache, eager } = this.#options;
    const supervisor = this.#supervisor(source.id, group);
    const { entry, config, hostVersion } = source;
    const print = this.#prints.of(path, [entry.file, config, hostVersion, process.version]);
    const port = new ProcessPort({
      source,
      supervisor,
      known: print === undefined ? undefined : cache.read(source.id, print),
      onDescribed: (manifest: Manifest) => {
        if (print !== undefined) cache.write(source.id, print, manifest);
      },
      validators: () => (print === undefined ? {} : cache.readValidators(source.id, print)),
      onValidators: (code) => {
        if (print !== undefined) cache.writeValidators(source.id, print, code);
      },
      eager,
      turn: this.#turn,
    });
    supervisor.add(port, limits);
    return port;
  }

  /** A way to a plugin that ships with the host, which runs in this process; loaded when it is first needed. */
  openShipped(source: FileSource): PluginPort {
    const { cache, eager } = this.#options;
    const { id, entry, config, hostVersion } = source;
    const print = this.#prints.ofShipped(entry.file, [config, hostVersion, process.version]);
    return new RememberedPort({
      plugin: id,
      open: () => new InlinePort(source),
      known: print === undefined || eager ? undefined : cache.read(id, print),
      onDescribed: (manifest) => {
        if (print !== undefined) cache.write(id, print, manifest);
      },
    });
  }

  /** A plugin that is opened again while it runs gets another process beside the one before, and its group with it. */
  #supervisor(id: string, group: string | undefined): Supervisor {
    const { program, env, log, onPrint } = this.#options;
    const known = group === undefined ? undefined : this.#groups.get(group);
    if (known !== undefined && !known.isStopped && !known.has(id)) return known;
    const supervisor = new Supervisor({ name: group ?? id, program, env, log, onPrint });
    if (group !== undefined) this.#groups.set(group, supervisor);
    return supervisor;
  }
}
