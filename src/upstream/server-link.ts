import { sleep } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import type { ToolManifest, Unavailable } from "../base/manifest.ts";
import type { LogLevel } from "../base/port.ts";
import {
  Connection,
  type ConnectionEvents,
  type Opening,
  type ServerAddress,
} from "./connection.ts";
import { readDefinitions, type Definitions } from "./definitions.ts";
import { ConnectError } from "./errors.ts";
import { askForLogs } from "./perform.ts";
import { ResourceWatch } from "./resource-watch.ts";

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
/** A process that says nothing for so long to a question about its revision may be waiting for `initialize`. */
const ASK_MS = 5_000;
/** Over HTTP silence means nothing of the kind. */
const ASK_OVER_HTTP_MS = 30_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** A connection that held this long has nothing to do with the failures before it. */
const STABLE_MS = 30_000;
/** Most resources that a server is asked to tell about; one more takes the place of the oldest. */
const MAX_WATCHED = 500;
/** Between two readings of the lists, however often the server says that they have changed. */
const REREAD_MS = 250;

export interface Identity {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
}

const UNKNOWN: Identity = { name: "a server without a name", version: "0.0.0" };
const STARTING: Unavailable = { code: "starting", message: "has not answered yet" };

/** Keeps a connection to a server: makes it, makes it again when it ends, and knows what the server offers. */
export class ServerLink {
  readonly #options: LinkOptions;
  readonly #stopping = new AbortController();
  #connection: Connection | undefined;
  /** Resources that clients have subscribed to, the longest ago first. It outlives connections. */
  readonly #watched = new Set<string>();
  #watch: ResourceWatch | undefined;
  #definitions: Definitions | undefined;
  #tools: ReadonlyMap<string, ToolManifest> = new Map();
  #identity: Identity | undefined;
  #unavailable: Unavailable = STARTING;
  #isHopeless = false;
  #nextTryAt = 0;
  #opening: Opening;
  #failures = 0;
  #running: Promise<void> | undefined;
  #isReading = false;
  #isStale = false;
  readonly #waiting = new Set<() => void>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#opening = { askMs: options.address.kind === "url" ? ASK_OVER_HTTP_MS : ASK_MS };
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** As they were read last. */
  get definitions(): Definitions | undefined {
    return this.#definitions;
  }

  /** The definition of a tool. */
  tool(name: string): ToolManifest | undefined {
    return this.#tools.get(name);
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

  /** A client has subscribed to a resource. */
  watch(uri: string): void {
    if (this.#watched.has(uri)) return;
    const [oldest] = this.#watched;
    if (oldest !== undefined && this.#watched.size >= MAX_WATCHED) {
      this.#watched.delete(oldest);
      this.#watch?.remove(oldest);
    }
    this.#watched.add(uri);
    this.#watch?.add(uri);
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
    // Something may have changed while it was being read.
    if (this.#isStale) this.#reread();
    const { name, version } = this.#identity ?? UNKNOWN;
    const revision = connection.client.getNegotiatedProtocolVersion() ?? "";
    this.#options.log("info", `connected to ${name} ${version}, revision ${revision}`);
    const { reason, atOnce } = await connection.ended;
    this.#connection = undefined;
    this.#watch = undefined;
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
      this.#isStale = false;
      this.#watch = new ResourceWatch(connection, this.#watched, () => this.#reread());
      await this.#watch.start();
      await this.#readDefinitions(connection);
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
          listsChanged: () => this.#reread(),
          oddity: (message) => this.#options.log("debug", message.slice(0, 500)),
        },
      });
    } catch (error) {
      this.#opening = nextOpening(opening, error);
      throw error;
    }
  }

  /** Reads the lists again; changes that come meanwhile are one more reason afterwards. */
  #reread(): void {
    this.#isStale = true;
    if (!this.#isReading) void this.#readWhileStale();
  }

  async #readWhileStale(): Promise<void> {
    this.#isReading = true;
    while (this.#isStale && this.#connection !== undefined) {
      this.#isStale = false;
      try {
        await this.#readDefinitions(this.#connection);
        this.#options.onChange();
      } catch {
        // The connection has ended, and the next one begins with reading.
      }
      await sleep(REREAD_MS);
    }
    this.#isReading = false;
  }

  async #readDefinitions({ client }: Connection): Promise<void> {
    this.#definitions = await readDefinitions(client, this.#definitions);
    this.#tools = new Map(this.#definitions.tools.items.map((tool) => [tool.name, tool]));
  }

  /** Exponential, the later half of it left to chance. */
  #delayMs(): number {
    const delay = FIRST_DELAY_MS * 2 ** Math.max(0, this.#failures - 1);
    return Math.min(LONGEST_DELAY_MS, delay) * (0.5 + Math.random() / 2);
  }
}

/** A server that was not asked and did not answer either may have been another one than before. */
function nextOpening(opening: Opening, error: unknown): Opening {
  if (opening === "initialize") return { askMs: ASK_MS };
  const hint = error instanceof ConnectError ? error.hint : undefined;
  if (hint === "initialize") return "initialize";
  return hint === "ask_longer" ? { askMs: Math.min(ATTEMPT_MS, opening.askMs * 2) } : opening;
}

/** Its own words, bounded: they end up in lists and logs. */
function identityOf({ client }: Connection): Identity {
  const server = client.getServerVersion();
  const { name, version } = server ?? UNKNOWN;
  const about = server?.description ?? client.getInstructions() ?? server?.title;
  return {
    name: name.slice(0, 128),
    version: version.slice(0, 64),
    ...(about !== undefined && { description: about.slice(0, 2_000) }),
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}
