import type { Details } from "./details.ts";

/** Where the change is to happen, as options of the command line. */
export interface Place {
  readonly region: string;
  /** Written after each command: ` --region eu-west-1 --profile ops`. */
  readonly options: string;
}

/** A plan for one kind of change. Values in angle brackets are to be filled in. */
export interface Plan {
  readonly title: string;
  /** What has to be known before anything runs, each with where to look. */
  readonly open: readonly string[];
  /** Reads that show the state before; nothing is changed by them. */
  readonly before: readonly string[];
  /** The change itself, in order. */
  readonly commands: readonly string[];
  /** Reads that show that it worked. */
  readonly after: readonly string[];
  readonly cost: string;
  readonly undo: readonly string[];
  readonly risks: readonly string[];
  /** IAM actions. */
  readonly permissions: readonly string[];
}

/** What can be done to a resource. */
export type Verb = "create" | "remove" | "resize";

/** A kind of change that can be planned. */
export interface PlanKind {
  /** As it is named to those whose request is not understood. */
  readonly name: string;
  readonly example: string;
  /** Whether the request, in lower case, is for this, given what it wants done. */
  readonly fits: (request: string, verb: Verb | undefined) => boolean;
  readonly write: (details: Details, place: Place) => Plan;
}

/** The value, or a place to fill it in. */
export function or(value: string | number | undefined, placeholder: string): string {
  return value === undefined ? `<${placeholder}>` : `${value}`;
}

/** What is still to be found out: the texts whose value is missing. */
export function missing(...needs: readonly (readonly [value: unknown, text: string])[]): string[] {
  return needs.flatMap(([value, text]) => (value === undefined ? [text] : []));
}
