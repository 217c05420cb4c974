import type { PluginPort } from "../base/port.ts";

/** Something found that may be a plugin. None of its code has run. */
export interface Candidate {
  readonly id: string;
  /** Absolute path of what was found: a file or a folder. */
  readonly path: string;
  readonly origin: "host" | "builtin" | "directory" | "package" | "program";
  /** What to do with it. */
  readonly found:
    | { readonly kind: "module"; readonly file: string }
    /** A plugin that a program handed over. */
    | { readonly kind: "object"; readonly module: Readonly<Record<string, unknown>> }
    /** What the host offers itself. */
    | { readonly kind: "port"; readonly open: () => PluginPort }
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
