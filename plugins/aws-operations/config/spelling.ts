import { z } from "zod";
import { nearest } from "../aws/nearest.ts";

/**
 * An object schema whose fields may also be written in snake_case (`cost_threshold_alert`). Keys that it does not
 * know stay as they are. Where both spellings are given, the camelCase one counts.
 */
export function eitherSpelling<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.preprocess((value) => toCamelCase(value, shape), z.looseObject(shape));
}

/** Renames the known snake_case keys of an object; anything else is returned as it is. */
export function toCamelCase(value: unknown, known: Readonly<Record<string, unknown>>): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const renamed: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const camel = camelOf(key);
    if (camel !== key && Object.hasOwn(known, camel)) {
      if (!Object.hasOwn(value, camel)) renamed[camel] = member;
    } else if (key !== "__proto__") {
      renamed[key] = member;
    }
  }
  return renamed;
}

/** Keys that are kept because they are unknown, but look like known ones: what to tell the operator, one sentence each. */
export function slipsIn(
  value: object,
  known: Readonly<Record<string, unknown>>,
  where = "",
): string[] {
  return Object.keys(value).flatMap((key) => {
    const meant = Object.hasOwn(known, key) ? undefined : nearest(camelOf(key), Object.keys(known));
    return meant === undefined
      ? []
      : [`"${where}${key}" is not a setting and has no effect. Did you mean "${where}${meant}"?`];
  });
}

function camelOf(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
