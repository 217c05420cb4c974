/** Members of a record that may have any shape: CloudTrail's differs by service, and what callers send is in it. */
export function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function memberOf(value: object | undefined, name: string): object | undefined {
  const member = anyOf(value, name);
  return isRecord(member) ? member : undefined;
}

export function textOf(value: object | undefined, name: string): string | undefined {
  const member = anyOf(value, name);
  return typeof member === "string" && member !== "" ? member : undefined;
}

export function numberOf(value: object | undefined, name: string): number | undefined {
  const member = anyOf(value, name);
  return typeof member === "number" ? member : undefined;
}

/** `{ items: [ … ] }`, as EC2 writes lists. */
export function itemsOf(value: object | undefined, name: string): readonly object[] {
  const items = anyOf(memberOf(value, name), "items");
  return Array.isArray(items) ? items.filter(isRecord) : [];
}

function anyOf(value: object | undefined, name: string): unknown {
  return value !== undefined && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
