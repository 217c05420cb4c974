import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Stands between a client and a server on loopback, and can fail as a network does. */
export class TcpRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isSilent = false;

  static async start(target: number): Promise<TcpRelay> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return new TcpRelay(server, target);
  }

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => {
      const upstream = connect(target, "127.0.0.1");
      this.#relay(client, upstream);
      this.#relay(upstream, client);
    });
  }

  /** Takes everything from now on and passes nothing on: who waits for an answer hears nothing at all. */
  goSilent(): void {
    this.#isSilent = true;
  }

  /** Ends every connection, and works again for new ones. */
  recover(): void {
    this.#isSilent = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.recover();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes) => {
      if (!this.#isSilent) to.write(bytes);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
