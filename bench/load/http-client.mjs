import { once } from "node:events";
import { connect } from "node:net";
import { protocolVersion } from "./messages.mjs";
import { ResponseReader } from "./response-reader.mjs";

/**
 * Sends messages over keep-alive sockets, one at a time on each. It speaks just enough HTTP for this, because a whole
 * client would take CPU from the server it measures.
 */
export class HttpClient {
  #url;
  #connections;
  /** @type {import("node:net").Socket[]} */
  #sockets = [];
  /** @type {import("node:net").Socket[]} */
  #idle = [];

  /**
   * @param {string} url
   * @param {number} connections
   */
  constructor(url, connections) {
    this.#url = new URL(url);
    this.#connections = connections;
  }

  /** Connects anew: servers close sockets on which nothing has come for a while. */
  async connect() {
    this.close();
    this.#sockets = Array.from({ length: this.#connections }, () =>
      // What goes wrong later is told to the waiting request by `close`.
      connect(Number(this.#url.port), this.#url.hostname)
        .setNoDelay()
        .on("error", () => undefined),
    );
    await Promise.all(this.#sockets.map((socket) => once(socket, "connect")));
    this.#idle = [...this.#sockets];
  }

  /**
   * @param {import("./messages.mjs").Message} sent
   * @returns {Promise<string>} the answer's body
   */
  send(sent) {
    const socket = this.#idle.pop();
    if (socket === undefined) throw new Error("more requests at once than connections");
    return new Promise((resolve, reject) => {
      const reader = new ResponseReader();
      const onData = (/** @type {Buffer} */ chunk) => {
        const response = reader.read(chunk);
        if (response === undefined) return;
        socket.off("data", onData).off("close", onClose);
        this.#idle.push(socket);
        if (response.status === 200) resolve(response.body);
        else reject(new Error(`HTTP ${response.status}: ${response.body}`));
      };
      const onClose = () => reject(new Error("the server closed the connection"));
      socket.on("data", onData).on("close", onClose);
      socket.write(this.#request(sent));
    });
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** @param {import("./messages.mjs").Message} sent */
  #request({ method, name, json }) {
    const { host, pathname } = this.#url;
    return [
      `POST ${pathname} HTTP/1.1`,
      `Host: ${host}`,
      "Content-Type: application/json",
      "Accept: application/json, text/event-stream",
      `MCP-Protocol-Version: ${protocolVersion}`,
      `Mcp-Method: ${method}`,
      ...(name === undefined ? [] : [`Mcp-Name: ${name}`]),
      `Content-Length: ${Buffer.byteLength(json)}`,
      "",
      json,
    ].join("\r\n");
  }
}
