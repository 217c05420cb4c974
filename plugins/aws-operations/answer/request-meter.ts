import type { RequestInfo } from "../aws/errors.ts";
import type { AnswerRecord } from "../aws/requests.ts";
import { services } from "../aws/services.ts";
import { toUsd } from "../aws/session-costs.ts";

/** Writes down what an answer rests on and what it cost. */
export class RequestMeter {
  #paid = 0;
  #cents = 0;
  readonly #answers = new Map<string, AnswerRecord>();

  readonly onSend = ({ priceInCents: price = 0 }: RequestInfo): void => {
    if (price === 0) return;
    this.#paid += 1;
    this.#cents += price;
  };

  readonly onAnswer = (record: AnswerRecord): void => {
    const { service, operation, region, interval } = record;
    this.#answers.set(JSON.stringify([service, operation, region, interval]), record);
  };

  /** Paid requests that were sent for this answer: pages and retries count. */
  get paidRequests(): number {
    return this.#paid;
  }

  /** In US dollars. */
  get price(): number {
    return toUsd(this.#cents);
  }

  /** What the answer rests on; who the caller is, is not part of that. */
  get answers(): readonly AnswerRecord[] {
    return [...this.#answers.values()].filter(({ service }) => service !== services.sts.title);
  }

  /** Age of the oldest of it, in milliseconds. */
  get ageMs(): number {
    return Math.max(0, ...this.answers.map(({ ageMs }) => ageMs));
  }
}
