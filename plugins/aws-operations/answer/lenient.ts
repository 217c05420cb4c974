import { z } from "zod";

/** A list that may also arrive as one string, or as a list written as JSON: clients do both. */
export function list<Item extends z.ZodType>(item: Item, description: string, separator?: string) {
  return z.preprocess(
    (value) => (typeof value === "string" ? toList(value, separator) : value),
    z.array(item).max(50).optional().describe(description),
  );
}

export const refresh = z
  .boolean()
  .default(false)
  .describe(
    "Ask AWS again instead of using answers up to an hour old. AWS charges $0.01 per request to Cost Explorer, which has new data three times a day, and $0.01 per 1,000 metrics to CloudWatch; the other services are free.",
  );

function toList(text: string, separator: string | undefined): unknown {
  if (text.trim() === "") return [];
  const value = fromJson(text);
  if (value !== text) return value;
  return separator === undefined ? [text] : text.split(separator).map((part) => part.trim());
}

/** The value of a text that is JSON of a list or an object; any other text as it is. */
export function fromJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
