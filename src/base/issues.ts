import { messageOf } from "./errors.ts";

/** What is wrong with one field. */
export interface Issue {
  /** For example `filters[0].name`; empty for the whole value. */
  readonly path: string;
  readonly message: string;
}

/** What a validator found, as the Standard Schema has it, or nearly so. */
export function readIssues(issues: readonly unknown[]): readonly Issue[] {
  return issues.map((issue) => {
    const { path, message = "is not valid" } = asObject(issue) ?? {};
    return { path: Array.isArray(path) ? pathText(path) : "", message: messageOf(message) };
  });
}

/** One line for a person: `text: expected string, received number; limit: …`. */
export function describeIssues(issues: readonly Issue[]): string {
  return issues
    .slice(0, 10)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
    .join("; ");
}

function pathText(path: readonly unknown[]): string {
  return path.reduce<string>((text, part) => {
    const key = asObject(part)?.["key"] ?? part;
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null;
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}
