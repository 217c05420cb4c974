import type { Bag } from "../base/bag.ts";
import { isBag } from "../base/bag.ts";
import type { Json, ToolContext } from "../plugin-api/index.ts";
import { NotJsonError } from "./json-value.ts";
import { canonical } from "./spelling.ts";

/** One call of a member of an agent or a backend. */
export interface MemberCall {
  /** Name of the agent or backend. */
  readonly name: string;
  /** As they came through the port. */
  readonly args: readonly Json[];
  /** What it was initialised with. */
  readonly config: Bag;
  readonly context: ToolContext;
  /** Passes on a piece of a model's answer. */
  chunk(text: string): void;
  /** Runs the author's member; undefined without one. */
  readonly run: ((...args: readonly unknown[]) => Promise<unknown>) | undefined;
  /** The property of this name, read as it is now. */
  read(): Promise<unknown>;
}

/** Brings arguments into the shape that authors know, and what they give into the one that everybody past the port knows. */
export type MemberAdapter = (call: MemberCall) => Promise<Json | undefined>;

/** What was asked cannot be meant; nothing has been run. */
export class BadArgumentError extends Error {}

export function textArgument(value: Json | undefined, what: string): string {
  if (typeof value === "string") return value;
  throw new BadArgumentError(`${what} must be text, found ${found(value)}`);
}

/** Nothing counts as an empty object. */
export function bagArgument(
  value: Json | undefined,
  what: string,
  known: readonly string[],
): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (isBag(value)) return canonical(value, known);
  throw new BadArgumentError(`${what} must be an object, found ${found(value)}`);
}

/** A part of what an author gave: an object with its known fields in camelCase. */
export function bagResult(
  value: unknown,
  pointer: string,
  shape: string,
  known: readonly string[],
): Record<string, unknown> {
  if (isBag(value)) return canonical(value, known);
  throw new NotJsonError(pointer, `${found(value)}, not ${shape}`);
}

export function textResult(value: unknown, pointer: string): string {
  if (typeof value === "string") return value;
  throw new NotJsonError(pointer, `${found(value)}, not text`);
}

/** What was found, in words that fit after "found". */
export function found(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
