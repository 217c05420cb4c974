import { Refusal } from "./errors.ts";

/** A form body: `Action` names the operation, `Version` the service. */
export interface Form {
  readonly action: string;
  readonly version: string;
  /** The other fields as an input; the raw text if they contradict each other. */
  readonly input: unknown;
  readonly problem?: Refusal;
}

interface Node {
  [name: string]: Node | string;
}

// Deeper than any request of the services served here.
const MAX_DEPTH = 8;

/**
 * Reads `Filter.1.Name=x&Filter.1.Value.1=y` as `{ Filter: [{ Name: "x", Value: ["y"] }] }`; a list
 * may also be written `Filter.member.1`. All values are text.
 */
export function parseForm(text: string): Form {
  const fields = new URLSearchParams(text);
  const action = fields.get("Action") ?? "";
  const version = fields.get("Version") ?? "";
  const root = newNode();
  for (const [name, value] of fields) {
    if (!place(root, name.split("."), value)) {
      const problem = new Refusal("malformed", "Could not read the fields of the request");
      return { action, version, input: text, problem };
    }
  }
  return { action, version, input: toInput(root) };
}

// Field names come from outside, and `__proto__` is one of them.
const newNode = (): Node => Object.create(null) as Node;

/** False if the field contradicts another one. */
function place(root: Node, path: readonly string[], value: string): boolean {
  const last = path.at(-1) ?? "";
  if (path.length > MAX_DEPTH) return false;
  let node = root;
  for (const name of path.slice(0, -1)) {
    node[name] ??= newNode();
    const next = node[name];
    if (typeof next === "string") return false;
    node = next;
  }
  if (last in node) return false;
  node[last] = value;
  return true;
}

function toInput(node: Node | string): unknown {
  if (typeof node === "string") return node;
  const names = Object.keys(node);
  const [only] = names;
  if (names.length === 1 && only === "member") return toInput(node[only] ?? "");
  // Keys that are numbers come in rising order, whatever order they were set in.
  if (names.length > 0 && names.every((name) => /^[1-9]\d{0,5}$/.test(name))) {
    return names.map((name) => toInput(node[name] ?? ""));
  }
  const members = newNode() as Record<string, unknown>;
  for (const name of names) members[name] = toInput(node[name] ?? "");
  return members;
}
