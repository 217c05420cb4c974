import { CliProcess, FIXTURE_CONFIG, type CliOptions } from "./cli.ts";
import { ENVELOPE, ERAS, type Era, type Message } from "./era.ts";

export { ENVELOPE, ERAS, type Era, type Message };

export interface RawStdioOptions extends CliOptions {
  /** What is asked for in the opening, if it is not the era's own. */
  readonly revision?: string;
}

/** The CLI on stdio, spoken to line by line: what no well-behaved client would send can be sent. */
export class RawStdio extends CliProcess {
  readonly #era: Era;

  private constructor(era: Era, config: string, options?: CliOptions) {
    super(["serve", "--config", config], options);
    this.#era = era;
  }

  /** Started, and not yet spoken to. */
  static start(era: Era = "2025-11-25"): RawStdio {
    return new RawStdio(era, FIXTURE_CONFIG);
  }

  /** Started, and past the opening of its revision. */
  static async open(
    era: Era,
    config = FIXTURE_CONFIG,
    { revision = era, ...options }: RawStdioOptions = {},
  ): Promise<RawStdio> {
    const server = new RawStdio(era, config, options);
    try {
      await server.opened(revision);
      return server;
    } catch (cause) {
      await server.dispose();
      throw cause;
    }
  }

  /** Resolves when it is past the opening of its revision. */
  async opened(revision: string = this.#era): Promise<void> {
    if (this.#era === "2026-07-28") {
      this.request("opening", "server/discover");
    } else {
      const clientInfo = { name: "raw", version: "1.0.0" };
      const params = { protocolVersion: revision, capabilities: {}, clientInfo };
      this.request("opening", "initialize", params);
    }
    const { error } = await this.reply("opening");
    if (error !== undefined) throw new Error(error.message);
    if (this.#era === "2025-11-25") this.send({ method: "notifications/initialized" });
  }

  /** Any text, as one line. */
  sendLine(text: string): void {
    this.child.stdin.write(`${text}\n`);
  }

  send(message: object): void {
    this.sendLine(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  request(id: number | string, method: string, params: object = {}): void {
    const _meta = this.#era === "2026-07-28" ? ENVELOPE : undefined;
    this.send({ id, method, params: { ...params, ...(_meta && { _meta }) } });
  }

  callTool(id: number | string, name: string, args: object = {}): void {
    this.request(id, "tools/call", { name, arguments: args });
  }

  /** The answer to a request, as soon as it is there. */
  async reply(id: number | string | null): Promise<Message> {
    const found = await this.stdout.entry({ id });
    return found;
  }

  /** The text of a tool's answer. */
  async answer(id: number | string): Promise<string> {
    const { result, error } = await this.reply(id);
    const content = result?.["content"] as readonly { readonly text: string }[] | undefined;
    return content?.[0]?.text ?? JSON.stringify(error);
  }

  /** Everything on stdout, parsed. Throws where a line is not JSON-RPC. */
  messages(): readonly Message[] {
    if (!/^$|\n$/u.test(this.stdout.text)) throw new Error("stdout ends within a line");
    return this.stdout.lines.map((line) => {
      const message = JSON.parse(line) as Message & { readonly jsonrpc?: unknown };
      if (message.jsonrpc !== "2.0") throw new Error(`Not JSON-RPC: ${line}`);
      return message;
    });
  }
}
