import { CallSignal } from "../base/call-signal.ts";
import type { CallServices, ProgressNote, Services } from "../base/port.ts";
import { throttleNotes, type ThrottledNotes } from "../base/throttle-notes.ts";

/** The plugin's side of one call: its signal, its time, and what it may ask of the host. */
export class ChildCall {
  readonly signal = new CallSignal();
  readonly #progress: ThrottledNotes<ProgressNote>;
  #endsAt = 0;

  constructor(remainingMs: number, sendProgress: (note: ProgressNote) => void) {
    this.setTime(remainingMs);
    this.#progress = throttleNotes(sendProgress);
  }

  cancel(reason: string): void {
    this.signal.abort(new Error(reason));
  }

  setTime(remainingMs: number): void {
    this.#endsAt = performance.now() + remainingMs;
  }

  /** Nothing may follow the answer. */
  end(): void {
    this.#progress.end();
  }

  services(
    own: Services,
    asked: Pick<
      CallServices,
      "background" | "retriesItself" | "logToClient" | "chunk" | "callTool"
    >,
  ): CallServices {
    return {
      ...own,
      ...asked,
      remainingMs: () => Math.max(0, this.#endsAt - performance.now()),
      progress: (note) => this.#progress.send(note),
      // The host knows both before this side does.
      onBegin: () => undefined,
      onMoreTime: () => () => undefined,
    };
  }
}
