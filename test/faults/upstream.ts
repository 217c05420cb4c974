import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the upstream does with one request. */
export type Deed = (response: ServerResponse) => void;

export const GOOD: Deed = (response) => response.end("good");
export const RESET: Deed = (response) => response.socket?.destroy();
export const SILENT: Deed = () => undefined;
export const HALF: Deed = (response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write("half", () => response.socket?.destroy());
};

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Deed {
  return (response) => response.writeHead(code, headers).end();
}

/** An upstream on loopback that does what it is told, and counts. */
export class Upstream implements AsyncDisposable {
  readonly #server: Server;
  #deeds: Deed[] = [];
  hits = 0;

  static async open(): Promise<Upstream> {
    const upstream = new Upstream();
    await new Promise<void>((resolve) => upstream.#server.listen(0, "127.0.0.1", resolve));
    return upstream;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      this.hits += 1;
      const deed = this.#deeds.length > 1 ? this.#deeds.shift() : this.#deeds[0];
      (deed ?? GOOD)(response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** One request each; the last goes on for ever. Counts anew. */
  will(...deeds: readonly Deed[]): void {
    this.#deeds = [...deeds];
    this.hits = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
