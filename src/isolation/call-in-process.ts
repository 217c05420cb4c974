import type { Aborting } from "../base/call-signal.ts";
import { AttemptTimedOutError } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import { hostFailure } from "../base/failure.ts";
import { failed, type CallServices, type Invocation, type Outcome } from "../base/port.ts";
import { ChannelClosedError } from "./channel.ts";
import { checkOutcome } from "./check-message.ts";
import { FrameError } from "./framing.ts";
import { lost } from "./lost-call.ts";
import { isAnswerTooLong } from "./remote-errors.ts";
import type { PluginProcess } from "./plugin-process.ts";
import { whenLate } from "./when-late.ts";

/** A handler gets so long to clean up after its signal has fired. */
const GRACE_MS = 250;
/** With so many that go on though nobody waits for them, the next one is not waited for either. */
const MAX_LINGERING = 8;

/** One attempt in a plugin's process, which is ended if the attempt does not end when it is told to. */
export class CallInProcess {
  readonly plugin: string;
  /** Names it in messages about it. */
  readonly number: number;
  readonly #process: PluginProcess;
  readonly #services: CallServices;
  #isGivenUp = false;
  #wasAnswered = false;

  constructor(plugin: string, number: number, process: PluginProcess, services: CallServices) {
    this.plugin = plugin;
    this.number = number;
    this.#process = process;
    this.#services = services;
  }

  /** What the host does for it; nothing any more once nobody waits for it. */
  get services(): CallServices | undefined {
    return this.#isGivenUp ? undefined : this.#services;
  }

  get wasAnswered(): boolean {
    return this.#wasAnswered;
  }

  /** Rejects if nothing of it has reached the plugin. */
  async run(invocation: Invocation, signal: Aborting): Promise<Outcome> {
    const cancelled = hostFailure("cancelled", "The call was cancelled.", { notStarted: true });
    if (signal.aborted) return failed(cancelled);
    const process = this.#process;
    const services = this.#services;
    const what = `the ${invocation.request.kind} '${invocation.request.name}'`;
    let inGrace: (() => void) | undefined;
    let stay: (() => void) | undefined;
    let answer: Promise<unknown> | undefined;
    const giveUp = (): void => {
      this.#isGivenUp = true;
      process.tell("cancel", { call: this.number, reason: messageOf(signal.reason) });
      // Whoever cancels must not thereby end the calls of others, as long as the work has its time.
      const mayStay =
        !(signal.reason instanceof AttemptTimedOutError) && process.lingering < MAX_LINGERING;
      const leftMs = mayStay ? services.remainingMs() : 0;
      if (leftMs === 0 && answer !== undefined) process.doubt(answer);
      stay = process.linger();
      inGrace = whenLate(leftMs + GRACE_MS, () =>
        process.kill(`was ended since ${what} went on after its time`),
      );
    };
    const leave = process.attend();
    signal.addEventListener("abort", giveUp, { once: true });
    const undo = services.onMoreTime((remainingMs) =>
      process.tell("time", { call: this.number, remainingMs }),
    );
    try {
      services.onBegin();
      answer = process.request("invoke", {
        plugin: this.plugin,
        call: this.number,
        invocation,
        remainingMs: services.remainingMs(),
      });
      const outcome = checkOutcome(await answer);
      this.#wasAnswered = true;
      return outcome;
    } catch (error) {
      return await this.#failed(error);
    } finally {
      inGrace?.();
      stay?.();
      undo();
      signal.removeEventListener("abort", giveUp);
      leave();
    }
  }

  async #failed(error: unknown): Promise<Outcome> {
    if (isAnswerTooLong(error)) {
      this.#wasAnswered = true;
      const text = "The answer is too long to be delivered. Ask for less at once.";
      return failed(hostFailure("result_too_large", text));
    }
    if (error instanceof FrameError) this.#process.kill(error.message, "crashed");
    else if (!(error instanceof ChannelClosedError)) throw error;
    return failed(lost(await this.#process.ended));
  }
}
