import type { Json } from "../plugin-api/index.ts";

const DEEPEST = 100;

/** What JSON would make `{}` of, and what to do instead. */
const EMPTY_AS_JSON = [
  { type: Map, advice: "return a plain object or array" },
  { type: Set, advice: "return a plain object or array" },
  { type: Promise, advice: "await it" },
  { type: Error, advice: "return its message, or throw it" },
  { type: RegExp, advice: "return its source" },
] as const;
const BOXES = [Number, String, Boolean, BigInt];

/** A value that JSON cannot carry, with the place where it stands. */
export class NotJsonError extends Error {
  constructor(pointer: string, what: string) {
    super(`${pointer === "" ? "the result" : pointer} is ${what}`);
    this.name = "NotJsonError";
  }
}

/**
 * A copy that JSON carries without loss: dates become ISO text, `toJSON` is honoured, undefined members are left out.
 * Anything that JSON would drop or change in silence (NaN, BigInt, a Map, a cycle, …) is a {@link NotJsonError}.
 */
export function toJson(value: unknown): Json {
  return convert(value, "", new Set());
}

function convert(value: unknown, pointer: string, open: Set<object>): Json {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new NotJsonError(pointer, "text with half a character");
      return value;
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NotJsonError(pointer, `${value}, not a finite number`);
      // JSON has no -0, and nobody means it.
      return value === 0 ? 0 : value;
    case "object":
      return value === null ? null : convertObject(value, pointer, open);
    case "undefined":
    case "function":
    case "symbol":
    case "bigint":
      throw new NotJsonError(pointer, `of type ${typeof value}, which JSON does not have`);
  }
}

function convertObject(value: object, pointer: string, open: Set<object>): Json {
  if (open.has(value)) throw new NotJsonError(pointer, "part of a cycle");
  if (open.size >= DEEPEST) throw new NotJsonError(pointer, `nested deeper than ${DEEPEST} levels`);
  const empty = EMPTY_AS_JSON.find(({ type }) => value instanceof type);
  if (empty !== undefined) {
    throw new NotJsonError(pointer, `a ${empty.type.name}; ${empty.advice}`);
  }
  open.add(value);
  try {
    if (Array.isArray(value)) return convertArray(value, pointer, open);
    const replaced = replacement(value, pointer);
    if (replaced !== value) return convert(replaced, pointer, open);
    const copy: Record<string, Json> = {};
    for (const [key, child] of Object.entries(value) as [string, unknown][]) {
      if (child === undefined) continue;
      if (key === "__proto__") throw new NotJsonError(`${pointer}/${key}`, "not an allowed name");
      copy[key] = convert(child, `${pointer}/${key}`, open);
    }
    return copy;
  } finally {
    open.delete(value);
  }
}

function convertArray(value: readonly unknown[], pointer: string, open: Set<object>): Json {
  const copy: Json[] = [];
  // By index: a sparse array's holes must not pass as null.
  for (let index = 0; index < value.length; index++) {
    copy.push(convert(value[index], `${pointer}/${index}`, open));
  }
  return copy;
}

function replacement(value: object, pointer: string): unknown {
  if (BOXES.some((box) => value instanceof box)) return value.valueOf();
  const toJSON = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJSON !== "function") return value;
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    throw new NotJsonError(pointer, "an invalid date");
  }
  return (toJSON as (key: string) => unknown).call(value, "");
}
