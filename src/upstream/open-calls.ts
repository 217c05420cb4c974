import { hostFailure } from "../base/failure.ts";
import { failed, type CallServices, type Invocation, type Outcome } from "../base/port.ts";
import type { InputAnswer, InputRequest, Json } from "../plugin-api/index.ts";
import { ENDED, UpstreamCall, waitingHandle, type Work } from "./upstream-call.ts";

/** How long a call may wait for its caller's answer. */
const WAIT_MS = 600_000;
/** As many may wait at a time; one more ends the one that has waited longest. */
const MAX_WAITING = 100;
const NOBODY_ANSWERED = "nobody answered the question";

/** The calls of one server that have no outcome yet. */
export class OpenCalls {
  readonly #open = new Set<UpstreamCall>();
  readonly #waiting = new Map<
    string,
    { readonly call: UpstreamCall; readonly timer: NodeJS.Timeout }
  >();

  /** Begins a call and waits for it as one attempt. */
  start(
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
    work: Work,
  ): Promise<Outcome> {
    const call = new UpstreamCall(callerOf(invocation), work, (ended) => this.#open.delete(ended));
    this.#open.add(call);
    return this.#attend(call, invocation, signal, services);
  }

  /** The next round of a call that has waited; undefined if the invocation is no such round. */
  resume(
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
  ): Promise<Outcome> | undefined {
    const handle = waitingHandle(invocation.state);
    if (handle === undefined) return undefined;
    const entry = this.#waiting.get(handle);
    if (entry === undefined) return Promise.resolve(tooLate());
    this.#waiting.delete(handle);
    clearTimeout(entry.timer);
    return this.#attend(entry.call, invocation, signal, services);
  }

  /** Has whoever made the call answer a question that came with it. */
  async ask(request: InputRequest, signal: AbortSignal): Promise<InputAnswer | undefined> {
    for (;;) {
      const call = this.theOne();
      const answer = await call?.ask(request, signal);
      if (answer !== ENDED) return answer;
      // The call that surely asked has ended; where that is not sure, another one may have asked.
      if (call === UpstreamCall.current()) return undefined;
    }
  }

  /**
   * The call that something of the server belongs to; undefined if that cannot be told.
   * On one channel for all calls nothing says which call a message belongs to. Where all are of one caller it does not
   * matter: the same person is asked. Where they are not, nobody is.
   */
  theOne(): UpstreamCall | undefined {
    const known = UpstreamCall.current();
    if (known !== undefined) return known;
    const open = [...this.#open];
    const [first] = open;
    const isOneCaller = open.every(({ caller }) => caller === first?.caller);
    if (!isOneCaller) return undefined;
    return open.findLast(({ isWaiting }) => !isWaiting) ?? open.at(-1);
  }

  /** Ends the call that waits with this state. */
  abandon(state: Json): void {
    const handle = waitingHandle(state);
    if (handle !== undefined) this.#giveUp(handle, "whoever called has left");
  }

  /** Ends those that wait for an answer. What is in flight ends with its connection. */
  close(): void {
    for (const { call, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      call.giveUp("the host is stopping");
    }
    this.#waiting.clear();
  }

  async #attend(
    call: UpstreamCall,
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
  ): Promise<Outcome> {
    const outcome = await call.attend(invocation, signal, services);
    if (outcome.kind === "input_required" && waitingHandle(outcome.state) === call.handle) {
      this.#keep(call);
    }
    // The answers of this round have been used up: the host must not send them again.
    const isRound = invocation.state !== undefined;
    return isRound && outcome.kind === "failure" ? { ...outcome, selfRetried: true } : outcome;
  }

  #keep(call: UpstreamCall): void {
    const [longest] = this.#waiting;
    if (this.#waiting.size >= MAX_WAITING && longest !== undefined) {
      this.#giveUp(longest[0], NOBODY_ANSWERED);
    }
    const timer = setTimeout(() => this.#giveUp(call.handle, NOBODY_ANSWERED), WAIT_MS);
    timer.unref();
    this.#waiting.set(call.handle, { call, timer });
  }

  #giveUp(handle: string, reason: string): void {
    const entry = this.#waiting.get(handle);
    if (entry === undefined) return;
    this.#waiting.delete(handle);
    clearTimeout(entry.timer);
    entry.call.giveUp(reason);
  }
}

function callerOf({ principal, sessionId }: Invocation): string {
  return JSON.stringify([principal.id, sessionId]);
}

function tooLate(): Outcome {
  return failed(
    hostFailure(
      "cancelled",
      "The answer came too late: the call that asked has been ended. Call the tool again.",
    ),
  );
}
