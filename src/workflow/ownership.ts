import type { StorageBackend } from "../base/storage.ts";

const SERVERS = "workflow-servers";
const OWNERS = "workflow-owners";

/**
 * Which server carries out which workflow, where several use one storage. A server says every few seconds that it is alive;
 * what belongs to one that has been silent for too long may be taken by another, once.
 */
export class Ownership {
  readonly #storage: StorageBackend;
  readonly #server: string;
  readonly #silenceMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** `server` must be new with every start: what the one before left behind is not this one's. */
  constructor(storage: StorageBackend, server: string, silenceMs: number) {
    this.#storage = storage;
    this.#server = server;
    this.#silenceMs = silenceMs;
  }

  /** Says that this server is alive, and goes on saying so. `onSilent` is told when it could not be said for too long. */
  async begin(onSilent: () => void): Promise<void> {
    await this.#beat();
    let saidAt = performance.now();
    const every = this.#silenceMs / 3;
    const beat = async (): Promise<void> => {
      try {
        await this.#beat();
        saidAt = performance.now();
      } catch {
        // Another may take over by now: two of them must not do the same.
        if (performance.now() - saidAt > this.#silenceMs - every) onSilent();
      }
    };
    this.#timer = setInterval(() => void beat(), every);
    this.#timer.unref();
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#storage.delete(SERVERS, this.#server);
  }

  /** For a workflow that nobody has yet. */
  async own(workflow: string): Promise<void> {
    await this.#storage.put(OWNERS, workflow, this.#server);
  }

  /** Takes one whose server is silent, or this one; false if it is another that is alive, or another one was first. */
  async takeOver(workflow: string): Promise<boolean> {
    const owner = await this.#storage.get(OWNERS, workflow);
    if (owner?.value === this.#server) return true;
    if (typeof owner?.value === "string") {
      const isAlive = (await this.#storage.get(SERVERS, owner.value)) !== undefined;
      if (isAlive) return false;
    }
    const ifVersion = owner?.version ?? 0;
    return (await this.#storage.put(OWNERS, workflow, this.#server, { ifVersion })) !== undefined;
  }

  async release(workflow: string): Promise<void> {
    await this.#storage.delete(OWNERS, workflow);
  }

  async #beat(): Promise<void> {
    const now = new Date().toISOString();
    await this.#storage.put(SERVERS, this.#server, now, { ttlMs: this.#silenceMs });
  }
}
