import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { GetAnomalyMonitorsCommand } from "@aws-sdk/client-cost-explorer";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { clientsFor, failureOf, rawRequest, type Clients } from "./helpers.ts";

const MAIN = fileURLToPath(
  new URL("../../../../plugins/aws-operations/demo-account/main.ts", import.meta.url),
);
// The Node versions served here cannot all run TypeScript by themselves.
const JITI = fileURLToPath(new URL("./lib/jiti-cli.mjs", import.meta.resolve("jiti/package.json")));

interface Announced {
  readonly config: {
    readonly awsAccessKey: string;
    readonly awsSecretKey: string;
    readonly awsRegion: string;
    readonly endpoint: string;
    readonly now?: string;
  };
  readonly notice: string;
}

interface Running {
  readonly child: ChildProcess & { readonly stdin: Writable };
  readonly announced: Announced;
  readonly clients: Clients;
  /** Everything printed after the announcement. */
  readonly rest: string[];
}

function run(env: Record<string, string>): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn(process.execPath, [JITI, MAIN], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function start(env: Record<string, string> = {}): Promise<Running> {
  const child = run(env);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  const rest: string[] = [];
  lines.on("line", (text: string) => rest.push(text));
  const announced = JSON.parse(line) as Announced;
  const { endpoint, awsAccessKey, awsSecretKey } = announced.config;
  const clients = clientsFor({
    endpoint,
    accessKeyId: awsAccessKey,
    secretAccessKey: awsSecretKey,
  });
  onTestFinished(() => clients.destroy());
  return { child, announced, clients, rest };
}

const exitOf = async (child: ChildProcess): Promise<unknown[]> =>
  child.exitCode === null && child.signalCode === null
    ? once(child, "exit")
    : [child.exitCode, child.signalCode];

describe("the demo process", () => {
  test("prints one line: the configuration to merge and the notice", async () => {
    const { announced, clients, rest } = await start();
    expect(announced).toEqual({
      config: {
        awsAccessKey: "DEMOACCESSKEYNOTREAL",
        awsSecretKey: expect.stringContaining("DEMO") as string,
        awsRegion: "us-east-1",
        endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      },
      notice: "DEMO DATA",
    });
    await clients.sts.send(new GetCallerIdentityCommand({}));
    expect(rest).toEqual([]);
  });

  test("goes when its parent closes stdin, with a request hanging in it", async () => {
    const { child, clients, announced } = await start({
      AWS_DEMO_FAULTS: '[{"kind":"hang"}]',
      AWS_DEMO_CONTROL: "1",
    });
    const call = failureOf(clients.sts.send(new GetCallerIdentityCommand({})));
    await vi.waitFor(async () => {
      const { body } = await rawRequest(announced.config.endpoint, {
        method: "GET",
        path: "/__log",
      });
      expect(JSON.parse(body)).toHaveLength(1);
    });
    child.stdin.end();
    expect(await exitOf(child)).toEqual([0, null]);
    await call;
  });

  test.each(["SIGTERM"] as const)("ends well on %s", async (signal) => {
    const { child } = await start();
    child.kill(signal);
    expect(await exitOf(child)).toEqual([0, null]);
  });

  test("takes its clock, its variant and its faults from the environment", async () => {
    const { announced, clients } = await start({
      AWS_DEMO_NOW: "2026-11-20T10:00:00Z",
      AWS_DEMO_VARIANT: "empty",
      AWS_DEMO_FAULTS: '{"operation":"GetCallerIdentity","kind":"expired-token"}',
    });
    expect(announced.config.now).toBe("2026-11-20T10:00:00.000Z");
    const expired = await failureOf(clients.sts.send(new GetCallerIdentityCommand({})));
    expect(expired.message).toContain("expired");
    const denied = await failureOf(clients.ce.send(new GetAnomalyMonitorsCommand({})));
    expect(denied.message).toBe("User not enabled for cost explorer access");
  });

  test.each([
    ["AWS_DEMO_NOW", "yesterday", "AWS_DEMO_NOW: not an ISO time"],
    ["AWS_DEMO_VARIANT", "huge", "AWS_DEMO_VARIANT: not one of default, cny, new, empty"],
    [
      "AWS_DEMO_FAULTS",
      '{"kind":"explode"}',
      'AWS_DEMO_FAULTS: fault 1: "kind" may not be "explode"',
    ],
    ["AWS_DEMO_FAULTS", "{", "AWS_DEMO_FAULTS: "],
    ["AWS_DEMO_PAGE_SIZE", "0", "AWS_DEMO_PAGE_SIZE: not a positive integer"],
    ["AWS_DEMO_LOOKUPS_PER_SECOND", "x", "AWS_DEMO_LOOKUPS_PER_SECOND: not a positive integer"],
  ])("refuses to start with %s=%s, and says why on stderr", async (name, value, message) => {
    const child = run({ [name]: value });
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(2);
    expect(printed.stderr).toContain(`demo account: ${message}`);
    expect(printed.stdout).toBe("");
  });
});
