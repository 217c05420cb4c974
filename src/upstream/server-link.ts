import { sleep } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import type { ToolManifest, Unavailable } from "../base/manifest.ts";
import type { LogLevel } from "../base/port.ts";
import { Connection, type ConnectionEvents, type ServerAddress } from "./connection.ts";
import type { Definitions } from "./definitions.ts";
import { ConnectError } from "./errors.ts";
import { identityOf, UNKNOWN, type Identity } from "./identity.ts";
import { KnownDefinitions } from "./known-definitions.ts";
import { firstOpening, nextOpening, type Opening } from "./opening.ts";
import { askForLogs } from "./perform.ts";
import { WatchedResources } from "./watched-resources.ts";

export interface LinkOptions {
  readonly address: ServerAddress;
  readonly hostVersion: string;
  /** Told after every change of what is offered, and of whether it is. */
  readonly onChange: () => void;
  readonly events: Omit<ConnectionEvents, "listsChanged" | "oddity">;
  log(level: LogLevel, message: string): void;
}

/** One try to connect may take this long: a first start may have a download to wait for. */
const ATTEMPT_MS = 120_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** A connection that held this long has nothing to do with the failures before it. */
const STABLE_MS = 30_000;

const STARTING: Unavailable = { code: "starting", message: "has not answered yet" };

/** Keeps a connection to a server: makes it, and makes it again when it ends. */
export class ServerLink {
  readonly #options: LinkOptions;
  readonly #stopping = new AbortController();
  readonly #known: KnownDefinitions;
  readonly #watched: WatchedResources;
  #connection: Connection | undefined;
  #identity: Identity | undefined;
  #unavailable: Unavailable = STARTING;
  #isHopeless = false;
  #nextTryAt = 0;
  #opening: Opening;
  #failures = 0;
  #running: Promise<void> | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#known = new KnownDefinitions({
      onChange: options.onChange,
      signal: this.#stopping.signal,
    });
    this.#watched = new WatchedResources((most) =>
      options.log("warn", `clients watch ${most} of its resources; it is asked about no more`),
    );
    this.#opening = firstOpening(options.address);
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** As they were read last. */
  get definitions(): Definitions | undefined {
    return this.#known.all;
  }

  /** The definition of a tool. */
  tool(name: string): ToolManifest | undefined {
    return this.#known.tool(name);
  }

  /** Who the server said it is, when it was reached last. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Why there is no connection; undefined while there is one. */
  get unavailable(): Unavailable | undefined {
    return this.#connection === undefined ? this.#unavailable : undefined;
  }

  /** When it may be worth asking again, from now on. */
  get retryAfterMs(): number {
    return Math.max(FIRST_DELAY_MS, Math.ceil(this.#nextTryAt - performance.now()));
  }

  /** Goes on until `close`. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves at the first connection, when there is no hope for one without somebody's help, or when the time is up. */
  async settled(limitMs: number): Promise<void> {
    const timer = new AbortController();
    const limit = sleep(limitMs, timer.signal).then(
      () => true,
      () => true,
    );
    let isOver = false;
    while (!isOver && this.#connection === undefined && !this.#isHopeless) {
      isOver = await Promise.race([limit, this.#turn().then(() => false)]);
    }
    timer.abort();
    if (isOver && this.#unavailable.code === STARTING.code) {
      const message = `${STARTING.message} after ${limitMs / 1_000} s`;
      this.#unavailable = { ...STARTING, message };
    }
  }

  /** The connection that takes the place of one that ends, if the next try brings one. */
  async nextAfter(before: Connection): Promise<Connection | undefined> {
    await before.ended;
    if (this.#connection === undefined) await this.#turn();
    return this.#connection;
  }

  /** Resolves when the try under way has succeeded or failed, or when there is a pause instead. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #turned(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Clients want to hear of changes of a resource. */
  watch(uri: string): void {
    this.#watched.add(uri);
  }

  /** Nobody wants to hear of it any more. */
  unwatch(uri: string): void {
    this.#watched.remove(uri);
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error("the host is stopping"));
    await this.#running;
    this.#turned();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const atOnce = await this.#serveOnce();
      if (signal.aborted) return;
      const delayMs = atOnce ? 0 : this.#delayMs();
      this.#nextTryAt = performance.now() + delayMs;
      if (delayMs > 0) this.#turned();
      const { message } = this.#unavailable;
      this.#options.log("warn", `its server ${message}; next try in ${seconds(delayMs)} s`);
      await sleep(delayMs, signal).catch(() => undefined);
    }
  }

  /** From one connection's opening to its end. True if the next one can be made at once. */
  async #serveOnce(): Promise<boolean> {
    let connection: Connection;
    try {
      connection = await this.#connect();
    } catch (error) {
      this.#failures++;
      const { code, isHopeless } =
        error instanceof ConnectError ? error : { code: "protocol_error", isHopeless: false };
      this.#unavailable = { code, message: messageOf(error) };
      this.#isHopeless = isHopeless;
      this.#turned();
      this.#options.onChange();
      return false;
    }
    const since = performance.now();
    this.#connection = connection;
    this.#turned();
    this.#options.onChange();
    const { name, version } = this.#identity ?? UNKNOWN;
    const revision = connection.client.getNegotiatedProtocolVersion() ?? "";
    this.#options.log("info", `connected to ${name} ${version}, revision ${revision}`);
    const { reason, atOnce } = await connection.ended;
    this.#connection = undefined;
    this.#unavailable = { code: "connection_lost", message: reason };
    this.#options.onChange();
    // Nothing of it may be left when the next one begins.
    await connection.close();
    this.#failures = performance.now() - since >= STABLE_MS ? 0 : this.#failures + 1;
    return atOnce && this.#failures <= 1;
  }

  async #connect(): Promise<Connection> {
    const connection = await this.#open();
    try {
      await this.#watched.followOver(connection, () => this.#known.reread());
      await this.#known.readFrom(connection);
    } catch (cause) {
      const wasLost = !connection.isOpen;
      await connection.close();
      const { reason } = await connection.ended;
      throw wasLost
        ? new ConnectError("connection_lost", `${reason} while it was asked what it offers`, {
            cause,
          })
        : cause;
    }
    this.#identity = identityOf(connection);
    void askForLogs(connection).catch(() => undefined);
    return connection;
  }

  async #open(): Promise<Connection> {
    const opening = this.#opening;
    try {
      return await Connection.open({
        ...this.#options,
        opening,
        limitMs: ATTEMPT_MS,
        signal: this.#stopping.signal,
        events: {
          ...this.#options.events,
          listsChanged: () => this.#known.reread(),
          oddity: (message) => this.#options.log("debug", message.slice(0, 500)),
        },
      });
    } catch (error) {
      this.#opening = nextOpening(opening, error, ATTEMPT_MS);
      throw error;
    }
  }

  /** Exponential, the later half of it left to chance. */
  #delayMs(): number {
    const delay = FIRST_DELAY_MS * 2 ** Math.max(0, this.#failures - 1);
    return Math.min(LONGEST_DELAY_MS, delay) * (0.5 + Math.random() / 2);
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}
