import type { InputRequest, Json } from "../plugin-api/index.ts";
import type { FailedOutcome, Outcome, ProgressNote, TaskHandle } from "./port.ts";

/** What a task ends with. */
export type FinalOutcome = Extract<Outcome, { readonly kind: "reply" }> | FailedOutcome;

/** A call that has outlived its request, as plain JSON. */
export interface TaskRecord extends TaskHandle {
  /** Whose it is; for everybody else it does not exist. */
  readonly principal: string;
  /** Public name of the tool. */
  readonly tool: string;
  /** The latest note of how far it is. */
  readonly progress?: ProgressNote;
  /** In `input_required`: what is still to be answered. */
  readonly requests?: Readonly<Record<string, InputRequest>>;
  /** What the plugin wants to find again when it has its answers. */
  readonly state?: Json;
  /** In `completed` and `failed`. */
  readonly outcome?: FinalOutcome;
}

/** Where tasks are kept. What it has taken can be read from then on. */
export interface TaskStore {
  /** False: there is no room for another one. */
  create(record: TaskRecord): Promise<boolean>;
  update(record: TaskRecord): Promise<void>;
  /** Undefined for what was never there and for what has expired. */
  load(id: string): Promise<TaskRecord | undefined>;
  remove(id: string): Promise<void>;
}

export function isOver({ status }: TaskHandle): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
