import { isBag } from "../base/bag.ts";
import type { Completer, Icon } from "../plugin-api/index.ts";
import type { CompleterManifest } from "../base/manifest.ts";
import { toJson } from "./json-value.ts";
import type { CompleterFunction } from "./live-plugin.ts";

/** A definition as it goes out: plain JSON, or an Error that names what is not. */
export function plain<T>(manifest: T): T {
  return toJson(manifest) as T;
}

/** Fields that every definition may have; `_meta` and `icons` go to clients unchanged. */
export const DESCRIBED_FIELDS = ["title", "description", "icons", "_meta"] as const;

interface Described {
  readonly title?: string;
  readonly description?: string;
  readonly icons?: readonly Icon[];
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** Reads them. Throws an Error that names the wrong one. */
export function readDescribed(definition: Readonly<Record<string, unknown>>): Described {
  const { title, description, icons, _meta: meta } = definition;
  if (icons !== undefined && !(Array.isArray(icons) && icons.every(isIcon))) {
    throw new Error("'icons' must be a list of { src, mimeType?, sizes?, theme? }");
  }
  if (meta !== undefined && !isBag(meta)) throw new Error("'_meta' must be an object");
  return {
    ...(title !== undefined && { title: text("title", title) }),
    ...(description !== undefined && { description: text("description", description) }),
    ...(icons !== undefined && { icons: toJson(icons) as unknown as readonly Icon[] }),
    ...(meta !== undefined && { _meta: toJson(meta) as Readonly<Record<string, unknown>> }),
  };
}

function isIcon(icon: unknown): boolean {
  if (!isBag(icon) || typeof icon["src"] !== "string") return false;
  const { mimeType, sizes, theme } = icon;
  return (
    (mimeType === undefined || typeof mimeType === "string") &&
    (sizes === undefined ||
      (Array.isArray(sizes) && sizes.every((size) => typeof size === "string"))) &&
    (theme === undefined || theme === "light" || theme === "dark")
  );
}

export function text(field: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`'${field}' must be text, found ${show(value)}`);
}

export function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A completer in its two halves: what the host can know, and the function that only the plugin can run. */
export function readCompleter(
  field: string,
  completer: unknown,
): { readonly manifest: CompleterManifest; readonly run?: CompleterFunction } {
  if (typeof completer === "function") {
    return { manifest: true, run: completer as Exclude<Completer, readonly string[]> };
  }
  if (Array.isArray(completer) && completer.every((value) => typeof value === "string")) {
    return { manifest: completer };
  }
  throw new Error(`'${field}' must be a list of texts or a function`);
}
