import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { CallServices, Invocation, Outcome, ProgressNote } from "../base/port.ts";
import type {
  ClientAbilities,
  ClientLogLevel,
  InputAnswer,
  InputRequest,
  Json,
} from "../plugin-api/index.ts";
import { canAnswer } from "./questions.ts";

/** A question that a server has asked within a call. */
interface Question {
  readonly request: InputRequest;
  /** Whether an attempt has taken it to the client. */
  shown: boolean;
  readonly answer: (answer: InputAnswer | typeof ENDED | undefined) => void;
}

/** One attempt of the host, which waits for the call. */
interface Attempt {
  readonly services: CallServices;
  resolve(outcome: Outcome): void;
}

/** What has the server carry out the call. Never rejects. */
export type Work = (
  signal: AbortSignal,
  onProgress: (note: ProgressNote) => void,
) => Promise<Outcome>;

/** What is passed on between rounds for a call that waits in this process. */
interface WaitingState {
  readonly waiting: string;
}

/** The handle of the call that a round belongs to; undefined if it belongs to none that waits here. */
export function waitingHandle(state: Json | undefined): string | undefined {
  if (typeof state !== "object" || state === null || !("waiting" in state)) return undefined;
  return (state as unknown as WaitingState).waiting;
}

/** What becomes of a question that the call could not take to the client any more: it may be another call's. */
export const ENDED = Symbol("ended");

/** As many may be open in one call; whoever asks more is refused. */
const MAX_QUESTIONS = 32;

// Over HTTP all that comes on the stream of a call's answer is handled in the context in which the call was sent.
const current = new AsyncLocalStorage<UpstreamCall>();

/**
 * One call of a server, over as many rounds as the server has questions. A server before 2026-07-28 asks while its call is
 * open: the attempt then ends with the question, the call stays, and the next attempt brings the answer.
 */
export class UpstreamCall {
  readonly handle = randomBytes(24).toString("base64url");
  /** Who calls: their questions may come through any of their calls. */
  readonly caller: string;
  readonly #controller = new AbortController();
  readonly #questions = new Map<string, Question>();
  #attempt: Attempt | undefined;
  /** What the client of the latest attempt can be asked. */
  #abilities: ClientAbilities | undefined;
  #outcome: Outcome | undefined;
  #asked = 0;

  /** The call that brought what is being handled now, where the transport can tell. */
  static current(): UpstreamCall | undefined {
    return current.getStore();
  }

  constructor(caller: string, work: Work, onEnd: (call: UpstreamCall) => void) {
    this.caller = caller;
    void current.run(this, () => this.#run(work, onEnd));
  }

  async #run(work: Work, onEnd: (call: UpstreamCall) => void): Promise<void> {
    this.#outcome = await work(this.#controller.signal, (note) => this.#progress(note));
    onEnd(this);
    this.#settle();
    // The answers to what has been shown are on their way; another call on the same channel may have asked.
    this.#drop(({ shown }) => !shown, ENDED);
  }

  /** Whether nobody waits for it. */
  get isWaiting(): boolean {
    return this.#attempt === undefined;
  }

  /** Waits for the outcome or the next question. When the signal fires, the server is told to stop. */
  async attend(
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
  ): Promise<Outcome> {
    if (invocation.long) services.background();
    this.#deliver(invocation.inputs);
    const stop = (): void => this.cancel(signal.reason);
    try {
      return await new Promise<Outcome>((resolve) => {
        this.#abilities = invocation.client;
        this.#attempt = { services, resolve };
        this.#settle();
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
      });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Undefined if whoever called cannot be asked that, or does not answer. */
  async ask(
    request: InputRequest,
    signal: AbortSignal,
  ): Promise<InputAnswer | typeof ENDED | undefined> {
    if (this.#outcome !== undefined) return ENDED;
    const canAsk = this.#abilities !== undefined && canAnswer(this.#abilities, request);
    if (!canAsk || this.#questions.size >= MAX_QUESTIONS) return undefined;
    const key = `question_${++this.#asked}`;
    return new Promise((resolve) => {
      this.#questions.set(key, { request, shown: false, answer: resolve });
      const withdraw = (): void => {
        this.#questions.delete(key);
        resolve(undefined);
      };
      signal.addEventListener("abort", withdraw, { once: true });
      this.#settle();
    });
  }

  logToClient(level: ClientLogLevel, data: Json): void {
    this.#attempt?.services.logToClient(level, data);
  }

  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Nobody comes back for it any more. */
  giveUp(reason: string): void {
    this.cancel(new Error(reason));
    this.#drop(() => true, undefined);
  }

  #drop(which: (question: Question) => boolean, answer: typeof ENDED | undefined): void {
    for (const [key, question] of this.#questions) {
      if (!which(question)) continue;
      this.#questions.delete(key);
      question.answer(answer);
    }
  }

  #progress(note: ProgressNote): void {
    this.#attempt?.services.progress(note);
  }

  /** A question that comes back without an answer has been refused. */
  #deliver(inputs: Invocation["inputs"]): void {
    for (const [key, { shown, answer }] of this.#questions) {
      if (!shown) continue;
      this.#questions.delete(key);
      answer(Object.hasOwn(inputs, key) ? inputs[key] : undefined);
    }
  }

  #settle(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    if (this.#outcome === undefined && this.#questions.size === 0) return;
    // What comes from now on is for the next one.
    this.#attempt = undefined;
    attempt.resolve(this.#outcome ?? this.#ask());
  }

  #ask(): Outcome {
    for (const question of this.#questions.values()) question.shown = true;
    const requests = [...this.#questions].map(([key, { request }]) => [key, request] as const);
    const state: WaitingState = { waiting: this.handle };
    return { kind: "input_required", requests: Object.fromEntries(requests), state: { ...state } };
  }
}
