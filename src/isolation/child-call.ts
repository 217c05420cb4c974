import type { CallServices, Invocation, Services } from "../base/port.ts";
import { throttleNotes } from "../base/throttle-notes.ts";
import type { ChildNotes } from "./messages.ts";

/** The plugin's side of one call: its signal, its time, and what it may ask of the host. */
export class ChildCall {
  readonly invocation: Invocation;
  readonly #controller = new AbortController();
  readonly #progress: ReturnType<typeof throttleNotes<ChildNotes["progress"]["note"]>>;
  #endsAt: number;

  constructor(
    invocation: Invocation,
    remainingMs: number,
    sendProgress: (note: ChildNotes["progress"]["note"]) => void,
  ) {
    this.invocation = invocation;
    this.#endsAt = performance.now() + remainingMs;
    this.#progress = throttleNotes(sendProgress);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(reason: string): void {
    this.#controller.abort(new Error(reason));
  }

  setTime(remainingMs: number): void {
    this.#endsAt = performance.now() + remainingMs;
  }

  /** Nothing may follow the answer. */
  end(): void {
    this.#progress.end();
  }

  services(own: Services, more: Pick<CallServices, "background" | "logToClient">): CallServices {
    return {
      ...own,
      ...more,
      remainingMs: () => Math.max(0, this.#endsAt - performance.now()),
      progress: (note) => this.#progress.send(note),
    };
  }
}
