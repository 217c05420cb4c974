import type { PluginPort } from "../base/port.ts";
import type { PluginSettings } from "../config/schema.ts";
import type { FileSource } from "../isolation/messages.ts";
import type { Processes } from "../isolation/processes.ts";
import { InlinePort, type PluginSource } from "../runtime/inline-port.ts";

/** What decides where a plugin runs, beside the plugin itself. */
interface Placement {
  /** File or folder that it was found at. */
  readonly path: string;
  readonly settings: PluginSettings;
}

export type OpenPort = (source: PluginSource, placement: Placement) => PluginPort;

const MIB = 1_048_576;
const MEMORY_MIB = 512;
const IDLE_S = 300;

/** Runs plugins that ship with us in this process, and all others in processes of their own, unless the operator says otherwise. */
export function placeIn(processes: Processes): OpenPort {
  return (source, { path, settings }) => {
    const { isolation = source.builtin ? "inline" : "process", group } = settings;
    const { memoryLimit = MEMORY_MIB, idleTimeout = IDLE_S } = settings;
    // A plugin that a program hands over has no way into another process.
    if (!isFile(source)) return new InlinePort(source);
    if (isolation === "inline") {
      return source.builtin ? processes.openShipped(source) : new InlinePort(source);
    }
    return processes.open(source, {
      path,
      ...(group !== undefined && { group }),
      memoryBytes: memoryLimit * MIB,
      idleMs: idleTimeout * 1_000,
    });
  };
}

function isFile(source: PluginSource): source is FileSource {
  return "file" in source.entry;
}
