import { examineJson } from "../../base/examine-json.ts";
import { jsonFits } from "../../base/json-length.ts";
import { MAX_VALUE_CHARS, MAX_VALUE_DEPTH } from "../../base/storage.ts";

/** Why a value cannot be stored, in words that follow its name: "is …". Undefined: it can. */
export function notStorable(value: unknown): string | undefined {
  // First: it also bounds the walks that follow.
  if (!jsonFits(value, MAX_VALUE_CHARS))
    return `is longer than ${MAX_VALUE_CHARS} characters as JSON`;
  switch (examineJson(value, MAX_VALUE_DEPTH)) {
    case "too_deep":
      return `is nested deeper than ${MAX_VALUE_DEPTH} levels, or holds itself`;
    case "bad_name":
      return "has a member with the name __proto__";
    case undefined:
      return notJson(value);
  }
}

/** Why a text is no namespace or key of at most so many characters. */
export function notName(text: unknown, most: number, least = 1): string | undefined {
  if (typeof text !== "string") return `is of type ${typeof text}, and not text`;
  if (text.length < least || text.length > most) {
    return `has ${text.length} characters, and may have ${least} to ${most}`;
  }
  if (!text.isWellFormed()) return "has half a character in it";
  return text.includes("\0") ? "has the character U+0000 in it" : undefined;
}

/** What JSON would leave away or change in silence. Members that are undefined are left away on purpose. */
function notJson(root: unknown): string | undefined {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string") {
      if (!value.isWellFormed()) return "has text with half a character in it";
    } else if (typeof value === "number") {
      if (!Number.isFinite(value)) return `has ${value} in it, which JSON does not have`;
    } else if (typeof value !== "object") {
      if (typeof value !== "boolean") {
        return `has something of type ${typeof value} in it, which JSON does not have`;
      }
    } else if (Array.isArray(value)) {
      // By index: holes count as undefined.
      for (let index = 0; index < value.length; index++) open.push(value[index]);
    } else if (value !== null) {
      if (!isPlain(value))
        return "has something in it that is neither an object nor an array of JSON";
      for (const [name, child] of Object.entries(value)) {
        if (!name.isWellFormed()) return "has a name with half a character in it";
        if (child !== undefined) open.push(child);
      }
    }
  }
  return undefined;
}

/** Of whatever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isObject = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isObject && typeof (value as { toJSON?: unknown }).toJSON !== "function";
}
