/**
 * About the length of a value's JSON text in characters, a little over rather than under; stops once past the limit.
 * Without recursion: the value may be as deep as somebody likes.
 */
export function jsonLength(value: unknown, limit: number): number {
  return measure(value, limit, textLength);
}

/** Whether {@link jsonLength} is within the limit. Of most values that is seen at a glance. */
export function jsonFits(value: unknown, limit: number): boolean {
  return measure(value, limit, mostLength) <= limit || jsonLength(value, limit) <= limit;
}

function measure(value: unknown, limit: number, lengthOf: (text: string) => number): number {
  let chars = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && chars <= limit) {
    const item = open.pop();
    if (typeof item === "string") chars += lengthOf(item);
    else if (typeof item === "number") chars += String(item).length;
    else if (typeof item !== "object" || item === null) chars += 5;
    else if (Array.isArray(item)) {
      chars += 2 + item.length;
      for (const child of item) open.push(child);
    } else {
      const bag = item as Readonly<Record<string, unknown>>;
      for (const key of Object.keys(bag)) {
        chars += lengthOf(key) + 2;
        open.push(bag[key]);
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

function mostLength(text: string): number {
  return 6 * text.length + 2;
}
