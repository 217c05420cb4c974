/**
 * About the length of a value's JSON text in characters, a little over rather than under; stops once past the limit.
 * Without recursion: the value may be as deep as somebody likes.
 */
export function jsonLength(value: unknown, limit: number): number {
  let chars = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && chars <= limit) {
    const item = open.pop();
    if (typeof item === "string") chars += textLength(item);
    else if (typeof item === "number") chars += String(item).length;
    else if (typeof item !== "object" || item === null) chars += 5;
    else if (Array.isArray(item)) {
      chars += 2 + item.length;
      for (const child of item) open.push(child);
    } else {
      for (const [key, child] of Object.entries(item)) {
        chars += textLength(key) + 2;
        open.push(child);
      }
      chars += 2;
    }
  }
  return chars;
}

/** With its quotes; control characters take six characters each. */
function textLength(text: string): number {
  return JSON.stringify(text).length;
}
