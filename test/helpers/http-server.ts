import { CliProcess, FIXTURE_CONFIG, type CliOptions } from "./cli.ts";

export interface HttpServerOptions extends CliOptions {
  readonly config?: string;
  /** `[host:]port`. Default: a free port of the default host. */
  readonly address?: string;
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
}

/** The CLI serving over HTTP, once it says where. */
export interface HttpServer extends AsyncDisposable {
  readonly cli: CliProcess;
  readonly url: URL;
}

export async function startHttpServer(options: HttpServerOptions = {}): Promise<HttpServer> {
  const { config = FIXTURE_CONFIG, address = "0", args = [] } = options;
  const cli = new CliProcess(["serve", "--config", config, "--http", address, ...args], options);
  try {
    const [, url = ""] = await cli.stderr.line(/^Serving MCP at (\S+)$/u);
    return { cli, url: new URL(url), [Symbol.asyncDispose]: () => cli.dispose() };
  } catch (error) {
    await cli.dispose();
    throw error;
  }
}
