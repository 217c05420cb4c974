import assert from "node:assert/strict";
import { messageOf } from "../../src/base/errors.ts";
import type { Era } from "../helpers/era.ts";
import { Canary } from "./canary.ts";
import type { Client } from "./clients/client.ts";
import { HttpClient } from "./clients/http-client.ts";
import { StdioClient } from "./clients/stdio-client.ts";
import type { Fault, Transport } from "./fault.ts";
import { isAlive } from "../helpers/is-alive.ts";
import { memory, openFiles } from "./proc.ts";
import { ServerProcess, type Exit } from "./server-process.ts";
import { until } from "./waiting.ts";

/** Pipes of a plugin's process that starts in the meantime, and what Node opens as it goes. */
const FILES_SLACK = 12;
/** Garbage that nobody has collected yet. */
const GROWTH_MIB = 160;

/** A real server with a fault about to happen in it, and a canary. */
export class Scene {
  readonly transport: Transport;
  readonly era: Era;
  readonly server: ServerProcess;
  readonly client: Client;
  readonly canary: Canary;

  constructor(
    transport: Transport,
    era: Era,
    parts: { server: ServerProcess; client: Client; canary: Canary },
  ) {
    this.transport = transport;
    this.era = era;
    this.server = parts.server;
    this.client = parts.client;
    this.canary = parts.canary;
  }

  get call(): Client["call"] {
    return this.client.call.bind(this.client);
  }

  get start(): Client["start"] {
    return this.client.start.bind(this.client);
  }

  get http(): HttpClient {
    assert(this.client instanceof HttpClient);
    return this.client;
  }

  get stdio(): StdioClient {
    assert(this.client instanceof StdioClient);
    return this.client;
  }

  /** One more client, over HTTP. */
  another(era = this.era): Promise<HttpClient> {
    return HttpClient.open(this.server.url, era);
  }

  /** Calls a tool until it answers well: its plugin is back. */
  async isBack(tool = "ping"): Promise<void> {
    let last = "";
    await until(
      async () => {
        const { code, text } = await this.call(tool);
        last = text;
        return code === undefined;
      },
      () => `the plugin is back: ${last}`,
    );
  }

  async exit(): Promise<Exit> {
    this.canary.leave();
    return this.server.exited;
  }
}

/** Runs a fault once. Returns what was not as it must be. */
export async function runOnce(
  fault: Fault,
  transport: Transport,
  era: Era,
): Promise<readonly string[]> {
  const plugins = ["canary", ...(fault.plugins ?? [])];
  const server = await ServerProcess.start({ ...fault, plugins, http: transport === "HTTP" });
  try {
    return await observe(fault, transport, era, server);
  } catch (error) {
    return [messageOf(error), ...server.stderr.latest.slice(-12)];
  } finally {
    await server.dispose();
  }
}

async function observe(
  fault: Fault,
  transport: Transport,
  era: Era,
  server: ServerProcess,
): Promise<readonly string[]> {
  const client =
    transport === "HTTP"
      ? await HttpClient.open(server.url, era)
      : await StdioClient.open(server, era);
  const canary = await Canary.release(client);
  const files = openFiles(server.pid);
  const { now: before } = memory(server.pid);
  const scene = new Scene(transport, era, { server, client, canary });
  const wrong: string[] = [];
  try {
    await (fault.ends ? fault.run(scene) : Promise.race([fault.run(scene), endOf(server)]));
  } catch (error) {
    wrong.push(messageOf(error));
  }
  if (!fault.ends) wrong.push(...(await lookAfter(scene, fault, { files, before })));
  canary.leave();
  const { answeredTwice, strays } = client;
  if (canary.failures.length > 0 && !fault.ends) {
    wrong.push(`${canary.failures.length} canary calls failed: ${canary.failures[0]}`);
  }
  if (answeredTwice.length > 0) wrong.push(`answered twice: ${answeredTwice.join(", ")}`);
  if (strays.length > 0) wrong.push(`answers to nothing: ${JSON.stringify(strays[0])}`);
  const foreign = client instanceof StdioClient ? client.foreign : server.stdout.latest;
  if (foreign.length > 0) wrong.push(`not the protocol's, on stdout: ${foreign[0]?.slice(0, 80)}`);
  if (wrong.length > 0) wrong.push(...server.stderr.latest.slice(-8).map((line) => `  ${line}`));
  return wrong;
}

async function endOf(server: ServerProcess): Promise<never> {
  const { code, signal } = await server.exited;
  throw new Error(`the host has ended with ${code ?? signal}`);
}

/** How the server is once the fault is over, and how it ends. */
async function lookAfter(
  { server, client, canary }: Scene,
  { growth = GROWTH_MIB }: Fault,
  { files, before }: { readonly files: number; readonly before: number },
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const sung = canary.answered;
  if (server.isRunning) {
    try {
      await until(
        () => canary.answered > sung + 2 || canary.failures.length > 0 || !server.isRunning,
        "the canary sings on",
      );
      await canary.rest();
      await client.close();
    } catch (error) {
      wrong.push(messageOf(error));
    }
  }
  if (!server.isRunning) return [...wrong, "the host has ended"];
  if (client instanceof HttpClient) {
    await until(
      () => openFiles(server.pid) <= files + FILES_SLACK,
      () => `${files} files`,
    );
  }
  const grown = memory(server.pid).peak - before;
  if (grown > growth) wrong.push(`the host grew by ${Math.round(grown)} MiB`);
  const started = server.children;
  const { code, signal } = await server.stop();
  if (code !== 0) wrong.push(`it ended with ${code ?? signal}`);
  await until(() => !started.some((pid) => isAlive(pid)), "all that it started has ended");
  return wrong;
}
