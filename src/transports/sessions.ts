import type { AuthInfo, McpServer } from "@modelcontextprotocol/server";
import { Session } from "./session.ts";

export interface SessionLimits {
  /** How long a session may lie unused. */
  readonly idleMs: number;
  /** Most sessions at a time. */
  readonly max: number;
}

export interface SessionsOptions extends SessionLimits {
  readonly createServer: () => McpServer;
  /** Told the id of a session that has ended. */
  readonly onEnd: (id: string) => void;
}

/** What one session keeps for a client that comes back. */
const KEPT_EVENTS = 256;
const KEPT_BYTES = 1_048_576;

const LONGEST_SWEEP_MS = 30_000;

/** The clients of revisions before 2026-07-28, each in a session of its own. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    const everyMs = Math.min(Math.max(options.idleMs / 4, 10), LONGEST_SWEEP_MS);
    this.#sweeper = setInterval(() => this.#sweep(), everyMs);
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** A new session for whoever is asking, or undefined when all places are taken by sessions at work. */
  async open(authInfo: AuthInfo | undefined): Promise<Session | undefined> {
    if (this.#sessions.size >= this.#options.max) {
      const victim = this.#longestUnused();
      if (victim === undefined) return undefined;
      this.#sessions.delete(victim.id);
      void victim.close();
    }
    const session = new Session({
      principal: principalOf(authInfo),
      server: this.#options.createServer(),
      maxEvents: KEPT_EVENTS,
      maxEventBytes: KEPT_BYTES,
      onclose: () => {
        this.#sessions.delete(session.id);
        this.#options.onEnd(session.id);
      },
    });
    // Before anything is awaited: requests that come together must not pass the limit together.
    this.#sessions.set(session.id, session);
    try {
      await session.connect();
    } catch (error) {
      this.#sessions.delete(session.id);
      throw error;
    }
    return session;
  }

  /** The session with this id, for the principal that opened it alone. */
  find(id: string, authInfo: AuthInfo | undefined): Session | undefined {
    const session = this.#sessions.get(id);
    return session?.principal === principalOf(authInfo) ? session : undefined;
  }

  /** Answers what is in flight, for so long, and ends all sessions. */
  async stop(limitMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    const sessions = [...this.#sessions.values()];
    let timer: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
    await Promise.race([Promise.all(sessions.map((session) => session.drained())), timeIsUp]);
    clearTimeout(timer);
    await Promise.all(sessions.map((session) => session.close()));
  }

  #sweep(): void {
    const now = performance.now();
    for (const session of this.#sessions.values()) {
      const unused = session.callsInFlight === 0 && !session.listening;
      if (unused && now - session.usedAt >= this.#options.idleMs) void session.close();
    }
  }

  /** The session least missed: without calls in flight, and listening for changes only if all others are, too. */
  #longestUnused(): Session | undefined {
    let victim: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (session.callsInFlight > 0) continue;
      if (
        victim === undefined ||
        (victim.listening && !session.listening) ||
        (victim.listening === session.listening && session.usedAt < victim.usedAt)
      ) {
        victim = session;
      }
    }
    return victim;
  }
}

function principalOf(authInfo: AuthInfo | undefined): string {
  return authInfo?.clientId ?? "local";
}
