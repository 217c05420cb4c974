import { sleep } from "../base/abort.ts";
import type { ToolManifest } from "../base/manifest.ts";
import type { Connection } from "./connection.ts";
import { readDefinitions, type Definitions } from "./definitions.ts";

/** Between two readings of the lists, however often the server says that they have changed. */
const REREAD_MS = 250;

export interface KnownOptions {
  /** Told after each reading that the server gave reason for. */
  readonly onChange: () => void;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

/** What a server offers, as it was read last. It outlives connections. */
export class KnownDefinitions {
  readonly #options: KnownOptions;
  #connection: Connection | undefined;
  #all: Definitions | undefined;
  #tools: ReadonlyMap<string, ToolManifest> = new Map();
  #isReading = false;
  #isStale = false;

  constructor(options: KnownOptions) {
    this.#options = options;
  }

  get all(): Definitions | undefined {
    return this.#all;
  }

  tool(name: string): ToolManifest | undefined {
    return this.#tools.get(name);
  }

  /** Reads everything over a new connection, over which it is read again from then on. */
  async readFrom(connection: Connection): Promise<void> {
    this.#isStale = false;
    await this.#read(connection);
    this.#connection = connection;
    // Something may have changed while it was being read.
    if (this.#isStale) this.reread();
  }

  /** Reads the lists again; changes that come meanwhile are one more reason afterwards. */
  reread(): void {
    this.#isStale = true;
    if (!this.#isReading) void this.#readWhileStale();
  }

  async #readWhileStale(): Promise<void> {
    const { onChange, signal } = this.#options;
    this.#isReading = true;
    while (this.#isStale && this.#connection?.isOpen === true) {
      this.#isStale = false;
      try {
        await this.#read(this.#connection);
        onChange();
      } catch {
        // The connection has ended, and the next one begins with reading.
      }
      await sleep(REREAD_MS, signal).catch(() => undefined);
    }
    this.#isReading = false;
  }

  async #read({ client }: Connection): Promise<void> {
    this.#all = await readDefinitions(client, this.#all);
    this.#tools = new Map(this.#all.tools.items.map((tool) => [tool.name, tool]));
  }
}
