/** What makes a JSON value unfit to be passed on: `bad_name` is the name `__proto__`. */
export type JsonProblem = "too_deep" | "bad_name";

/** Looks for it in one walk without recursion: the value may be as deep as somebody likes. */
export function examineJson(root: unknown, deepest: number): JsonProblem | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { value, depth } = entry;
    if (typeof value !== "object" || value === null) continue;
    if (depth >= deepest) return "too_deep";
    if (!Array.isArray(value) && Object.hasOwn(value, "__proto__")) return "bad_name";
    for (const child of Object.values(value) as unknown[])
      open.push({ value: child, depth: depth + 1 });
  }
  return undefined;
}
