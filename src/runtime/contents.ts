import { isBag } from "../base/bag.ts";
import type { ReadContents } from "../base/port.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import { canonical } from "./spelling.ts";

const CONTENTS_FIELDS = ["uri", "mimeType", "text", "blob", "_meta"];

/** Turns what a resource's `read` returned into contents. */
export function toContents(output: unknown, uri: string): readonly ReadContents[] {
  if (typeof output === "string") return [{ uri, text: output }];
  if (output instanceof Uint8Array) return [{ uri, blob: Buffer.from(output).toString("base64") }];
  const items = Array.isArray(output) ? (output as readonly unknown[]) : [output];
  return items.map((item, index) => toOne(item, uri, Array.isArray(output) ? `/${index}` : ""));
}

function toOne(item: unknown, uri: string, pointer: string): ReadContents {
  if (typeof item === "string" || item instanceof Uint8Array) return first(toContents(item, uri));
  const json = toJson(item ?? null);
  if (!isBag(json)) {
    throw new NotJsonError(pointer, "neither text, bytes nor { text } or { blob }");
  }
  const contents = canonical(json, CONTENTS_FIELDS);
  if ((typeof contents["text"] === "string") === (typeof contents["blob"] === "string")) {
    throw new NotJsonError(pointer, "no content: it must have either a 'text' or a 'blob'");
  }
  return { uri, ...contents };
}

function first(contents: readonly ReadContents[]): ReadContents {
  const [only] = contents;
  if (only === undefined) throw new NotJsonError("", "empty");
  return only;
}
