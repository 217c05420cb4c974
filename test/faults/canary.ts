import { messageOf } from "../../src/base/errors.ts";
import type { Client } from "./clients/client.ts";
import { until } from "./waiting.ts";

const EVERY_MS = 50;
/** Whoever has so many calls open waits for an answer before the next: on a slow machine, too, it is no flood. */
const MOST_OPEN = 8;

/** Calls a plugin that has nothing to do with the fault, twenty times a second, and takes note of every answer. */
export class Canary {
  readonly failures: string[] = [];
  readonly #client: Client;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #answered = 0;

  static async release(client: Client): Promise<Canary> {
    const canary = new Canary(client);
    await until(() => canary.#answered > 0 || canary.failures.length > 0, "the canary sings");
    return canary;
  }

  private constructor(client: Client) {
    this.#client = client;
    this.sing();
  }

  sing(): void {
    this.#timer = setInterval(() => void this.#call(), EVERY_MS);
    void this.#call();
  }

  get answered(): number {
    return this.#answered;
  }

  /** Resolves when every call has its answer. */
  async rest(): Promise<void> {
    clearInterval(this.#timer);
    await until(
      () => this.#answered + this.failures.length >= this.#sent,
      () => `${this.#sent} canary calls answered, only ${this.#answered}`,
    );
  }

  /** Asks no more; what is on its way may stay without an answer. */
  leave(): void {
    clearInterval(this.#timer);
  }

  async #call(): Promise<void> {
    if (this.#sent - this.#answered - this.failures.length >= MOST_OPEN) return;
    this.#sent += 1;
    const words = `tweet ${this.#sent}`;
    try {
      const { text, code } = await this.#client.start("sing", { words }).answer;
      if (text === words && code === undefined) this.#answered += 1;
      else this.failures.push(`${words}: ${code} ${text}`);
    } catch (error) {
      this.failures.push(`${words}: ${messageOf(error)}`);
    }
  }
}
