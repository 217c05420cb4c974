import type { PluginPort } from "../base/port.ts";
import type { ServerSettings } from "../config/schema.ts";

/** Something found that may be a plugin. None of its code has run. */
export interface Candidate {
  readonly id: string;
  /** Absolute path of what was found: a file or a folder. Of an MCP server, its command or its address. */
  readonly path: string;
  readonly origin: "host" | "builtin" | "directory" | "package" | "program" | "server";
  /** What to do with it. */
  readonly found:
    | { readonly kind: "module"; readonly file: string }
    /** A plugin that a program handed over. */
    | { readonly kind: "object"; readonly module: Readonly<Record<string, unknown>> }
    /** What the host offers itself. */
    | { readonly kind: "port"; readonly open: () => PluginPort }
    /** An MCP server that the configuration declares. */
    | { readonly kind: "server"; readonly settings: ServerSettings }
    /** Recognised, but not something that this host runs. */
    | { readonly kind: "unsupported"; readonly reason: string }
    /** Certainly meant as a plugin, and certainly not loadable. */
    | { readonly kind: "broken"; readonly reason: string };
  /** Program that starts its demo, absolute. */
  readonly demo?: string;
  /** Somebody named just this, so that it is a fault if it is not served. */
  readonly named?: boolean;
  /** Loaded unless the operator says otherwise. */
  readonly byDefault: boolean;
}

/** What to do about an id that is taken. */
export function anotherId({ found }: Candidate): string {
  return found.kind === "server"
    ? 'Give the server another name under "plugins"'
    : 'Rename one of them, or set "agentflow": { "name": … } in its package.json';
}
