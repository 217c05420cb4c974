// Good and bad calls, mixed, against the built server for minutes, looking for what grows: npm run soak [-- --seconds 30]
import { parseArgs } from "node:util";
import type { Client } from "../faults/clients/client.ts";
import { HttpClient } from "../faults/clients/http-client.ts";
import { StdioClient } from "../faults/clients/stdio-client.ts";
import type { Transport } from "../faults/fault.ts";
import { ServerProcess } from "../faults/server-process.ts";
import { until } from "../faults/waiting.ts";
import { LOOP, next } from "./mix.ts";
import { sample, slope, type Sample } from "./samples.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "600" } } });
const SECONDS = Number(values.seconds);
/** What is remembered on purpose (kept answers, seen calls, optimised code) fills up first. */
const WARM_UP = 0.3;
const SAMPLES = 10;
const AT_ONCE = 8;
/** How often a plugin's process is driven to its end, in seconds. */
const LOOP_EVERY_S = 5;

/** Bytes of heap for each call, above the noise of a short run. */
const MAX_SLOPE = 20;
const NOISE_BYTES = 4_194_304;
const MAX_RSS_GROWTH = 1.25;
/** A plugin's process that is there or not, and a connection or two. */
const SLACK = 12;

interface Result {
  readonly transport: Transport;
  readonly samples: readonly Sample[];
  readonly wrong: readonly string[];
}

async function open(transport: Transport): Promise<{ server: ServerProcess; client: Client }> {
  const server = await ServerProcess.start({
    http: transport === "HTTP",
    plugins: ["canary", "soak", "witness"],
    nodeArgs: ["--expose-gc"],
    settings: {
      witness: { isolation: "inline" },
      soak: { policy: { breaker: false } },
    },
    // Small enough to be full when the warm-up is over.
    server: {
      logLevel: "warn",
      // Nothing is left at work, or the end would not come.
      shutdownGrace: 600,
      results: { maxKeptChars: 2_000_000 },
      http: { sessions: { max: 20 } },
    },
  });
  const client =
    transport === "HTTP"
      ? await HttpClient.open(server.url, "2025-11-25")
      : await StdioClient.open(server, "2026-07-28");
  return { server, client };
}

async function soak(transport: Transport): Promise<Result> {
  const { server, client } = await open(transport);
  const wrong: string[] = [];
  const samples: Sample[] = [];
  let calls = 0;
  try {
    const beganAt = performance.now();
    const elapsed = (): number => (performance.now() - beganAt) / 1_000 / SECONDS;
    let loopedAt = 0;
    while (elapsed() < 1 && server.isRunning) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let turn = 0; turn < 25; turn++) {
            const fault = await next().run(client);
            calls += 1;
            if (fault !== undefined) wrong.push(fault);
          }
        }),
      );
      if (performance.now() - loopedAt > LOOP_EVERY_S * 1_000) {
        loopedAt = performance.now();
        const fault = await LOOP.run(client);
        if (fault !== undefined) wrong.push(fault);
        // One more client that comes and goes.
        if (client instanceof HttpClient) {
          const guest = await HttpClient.open(client.url, "2025-11-25");
          await guest.call("sing", { words: "hello" });
          await guest.close();
        }
      }
      const due = WARM_UP + ((1 - WARM_UP) * samples.length) / SAMPLES;
      if (elapsed() < due) continue;
      // The end of what was cancelled is waited for.
      await until(
        async () => (await client.call("ping")).code === undefined,
        "the plugin is there",
      );
      samples.push(await sample(client, server.pid, calls));
    }
    if (client.answeredTwice.length > 0) wrong.push("a call was answered twice");
    await client.close();
    const { code, signal } = await server.stop();
    if (code !== 0) wrong.push(`it ended with ${code ?? signal}`);
  } finally {
    await server.dispose();
  }
  return { transport, samples, wrong };
}

/** Prints how it went, and returns whether it went well. */
function report({ transport, samples, wrong }: Result): boolean {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 3) {
    console.log(`${transport}: too short to tell`);
    return false;
  }
  const perCall = slope(samples);
  const growth = last.rssMib / first.rssMib;
  const heapGrowth = last.heapBytes - first.heapBytes;
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["calls", String(last.calls), true],
    ["wrong answers", String(wrong.length), wrong.length === 0],
    ["heap per call, bytes", perCall.toFixed(1), perCall <= MAX_SLOPE || heapGrowth <= NOISE_BYTES],
    ["heap, MiB", `${mib(first)} → ${mib(last)}`, true],
    [
      "resident memory, MiB",
      `${first.rssMib.toFixed(0)} → ${last.rssMib.toFixed(0)}`,
      growth <= MAX_RSS_GROWTH,
    ],
    ["open files", `${first.files} → ${last.files}`, last.files <= first.files + SLACK],
    [
      "timers, sockets, …",
      `${first.resources} → ${last.resources}`,
      last.resources <= first.resources + SLACK,
    ],
  ];
  for (const [what, value, good] of rows) {
    console.log(`| ${transport.padEnd(5)} | ${what.padEnd(20)} | ${value}${good ? "" : " (!)"} |`);
  }
  for (const fault of [...new Set(wrong)].slice(0, 10)) console.log(`  ${fault}`);
  return rows.every(([, , good]) => good);
}

function mib({ heapBytes }: Sample): string {
  return (heapBytes / 1_048_576).toFixed(1);
}

console.log(`Good and bad calls for ${SECONDS} s on each transport, side by side`);
const results = await Promise.all([soak("stdio"), soak("HTTP")]);
const verdicts = results.map(report);
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
