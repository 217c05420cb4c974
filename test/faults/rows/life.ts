import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { messageOf } from "../../../src/base/errors.ts";
import { ERAS } from "../../helpers/era.ts";
import type { HttpClient } from "../clients/http-client.ts";
import type { Fault } from "../fault.ts";
import { isAlive } from "../../helpers/is-alive.ts";
import { openFiles } from "../proc.ts";
import type { Scene } from "../scene.ts";
import { sleep, until } from "../waiting.ts";

const WIDE = { slots: 2_000, queue: 2_000, perPrincipal: 2_000, perPlugin: { slots: 2_000 } };
const DAYS_MS = 2 * 86_400_000;

/** Moves what JavaScript takes for the time of day, back and forth, at SIGUSR2; timers keep their own clock. */
const LEAPING_CLOCK = `
  const now = Date.now;
  let leap = 0;
  Date.now = () => now() + leap;
  globalThis.Date = class extends Date {
    constructor(...given) {
      super(...(given.length === 0 ? [Date.now()] : given));
    }
  };
  process.on("SIGUSR2", () => {
    leap = leap > 0 ? -${DAYS_MS} : ${DAYS_MS};
    console.error("the clock has leapt");
  });`;

/** The tests of reloads make a hundred. */
const RELOADS = 5;
const GOOD_END = "waited g";

/** Fills the server with calls that take a while, and waits until they are at work. */
async function fill(scene: Scene, count: number): Promise<readonly Promise<string>[]> {
  let waiting = 0;
  scene.server.stderr.onLine((line) => {
    if (line.includes('"msg":"waiting"')) waiting += 1;
  });
  // The host passes on a thousand lines of a plugin's log at once: there is none to spare for the ends of the first calls.
  const wait = { ms: 4_000, tag: "g", saysEnd: false };
  const calls = Array.from({ length: count }, () => scene.start("wait", wait));
  const texts = calls.map(({ answer }) => answer.then(({ text }) => text, messageOf));
  const ended: string[] = [];
  for (const text of texts) void text.then((one) => ended.push(one));
  await until(
    () => waiting >= count || ended.some((one) => one !== GOOD_END),
    () => `${count} calls at work, only ${waiting}`,
  );
  assert.equal(
    ended.find((one) => one !== GOOD_END),
    undefined,
  );
  return texts;
}

/** Lets the server have so many more open files than now; undefined: as many as it may. */
function limitFiles({ pid }: Scene["server"], more: number | undefined): void {
  const soft = more === undefined ? "1024" : `${openFiles(pid) + more}`;
  execFileSync("prlimit", ["--pid", `${pid}`, `--nofile=${soft}:`]);
}

/** Waits until a signal has arrived: a new call is refused, or over HTTP its connection, or it stays unanswered. */
async function takesNoMore(scene: Scene): Promise<void> {
  await until(async () => {
    const late = scene.start("sing", { words: "still here" }).answer.catch(() => undefined);
    const answer = await Promise.race([late, sleep(2_000)]);
    if (answer === undefined) return true;
    if (answer.code === undefined) return false;
    assert.match(String(answer.code), /^shutting_down$|^503$|^-32000$/u);
    return true;
  }, "it takes no more calls");
}

async function processOf(scene: Scene): Promise<number> {
  return Number(/\d+$/u.exec((await scene.call("ping")).text)?.[0]);
}

/** The server's own life, and its sizes. */
export const LIFE: readonly Fault[] = [
  {
    id: "G1",
    what: "SIGTERM, with 1,000 calls in flight",
    plugins: ["races"],
    eras: ERAS,
    server: { shutdownGrace: 60, concurrency: WIDE },
    ends: true,
    run: async (scene) => {
      const calls = await fill(scene, 1_000);
      await scene.canary.rest();
      scene.server.child.kill("SIGTERM");
      await takesNoMore(scene);
      const texts = await Promise.all(calls);
      const lost = texts.filter((text) => text !== GOOD_END);
      assert.equal(lost.length, 0, `${lost.length} calls lost: ${lost[0]}`);
      await scene.client.close();
      assert.deepEqual(await scene.exit(), { code: 0, signal: null });
    },
  },
  {
    id: "G1",
    what: "SIGTERM a second time",
    plugins: ["races"],
    server: { shutdownGrace: 600 },
    ends: true,
    run: async (scene) => {
      scene.start("wait", { ms: 600_000, tag: "for long" }).answer.catch(() => undefined);
      await scene.server.stderr.line(/"tag":"for long".*"msg":"waiting"/u);
      scene.canary.leave();
      const started = scene.server.children;
      scene.server.child.kill("SIGTERM");
      await takesNoMore(scene);
      scene.server.child.kill("SIGTERM");
      const { code, signal } = await scene.exit();
      assert(code === 1 || signal === "SIGTERM", `it ended with ${code ?? signal}`);
      await until(() => !started.some((pid) => isAlive(pid)), "its plugins have ended");
    },
  },
  {
    id: "G6",
    what: "the clock leaps two days forth and back",
    plugins: ["blocks"],
    nodeArgs: ["--import", `data:text/javascript,${encodeURIComponent(LEAPING_CLOCK)}`],
    run: async (scene) => {
      const long = scene.call("wait", { ms: 3_000, tag: "long" });
      const short = scene.call("ignore_signal");
      for (let leap = 0; leap < 2; leap++) {
        const told = scene.server.stderr.next(/the clock has leapt/u);
        scene.server.child.kill("SIGUSR2");
        await told;
        assert.equal((await scene.call("sing", { words: "on time" })).text, "on time");
      }
      assert.equal((await short).code, "timeout");
      // It shares its process with the other, and is repeated when that is ended.
      assert.equal((await long).text, "waited long");
    },
  },
  {
    id: "G7",
    what: "10,000 calls at once, 500 over HTTP",
    plugins: ["races"],
    growth: 400,
    run: async (scene) => {
      const count = scene.transport === "stdio" ? 10_000 : 500;
      const calls = Array.from({ length: count }, () => scene.start("nap", { ms: 5 }));
      const answers = await Promise.all(calls.map(({ answer }) => answer));
      const odd = answers.find(({ code }) => code !== undefined && code !== "overloaded");
      assert.equal(odd, undefined, odd?.text);
      for (const { id } of calls) assert.equal(scene.client.replies(id), 1);
    },
  },
  {
    id: "G8",
    what: "1,100 sessions, where there may be 1,000",
    on: "HTTP",
    eras: ["2025-11-25"],
    run: async (scene) => {
      const clients: HttpClient[] = [];
      for (let count = 0; count < 1_100; count += 50) {
        const opened = await Promise.all(Array.from({ length: 50 }, () => scene.another()));
        clients.push(...opened);
        await Promise.all(opened.map((client) => client.close()));
      }
      const [first] = clients;
      const last = clients.at(-1);
      assert.equal((await last?.call("sing", { words: "new" }))?.text, "new");
      assert.notEqual((await first?.call("sing", { words: "old" }))?.code, undefined);
      await Promise.all(clients.map((client) => client.close()));
    },
  },
  {
    id: "G8",
    what: "300 clients that only listen",
    on: "HTTP",
    run: async (scene) => {
      const clients = await Promise.all(Array.from({ length: 300 }, () => scene.another()));
      const notifications = { toolsListChanged: true };
      const listening = clients.map((client) => {
        const sent = client.request("subscriptions/listen", { notifications });
        sent.answer.catch(() => undefined);
        return sent;
      });
      const before = scene.canary.answered;
      await until(() => scene.canary.answered > before + 20, "the canary sings");
      await until(() => openFiles(scene.server.pid) > 300, "all of them listen");
      for (const sent of listening) sent.hangUp();
      await Promise.all(clients.map((client) => client.close()));
    },
  },
  {
    id: "G9",
    what: "no more open files for a plugin's process",
    plugins: ["races"],
    run: async (scene) => {
      limitFiles(scene.server, 2);
      const { code, text } = await scene.call("ping");
      assert.equal(code, "plugin_unavailable", text);
      limitFiles(scene.server, undefined);
      await scene.isBack();
    },
  },
  {
    id: "G9",
    what: "no more open files for connections",
    on: "HTTP",
    plugins: ["races"],
    run: async (scene) => {
      await scene.isBack();
      const sent = scene.call("wait", { ms: 2_000, tag: "held" });
      await scene.server.stderr.line(/"tag":"held".*"msg":"waiting"/u);
      // New connections are what cannot be had now.
      await scene.canary.rest();
      limitFiles(scene.server, 8);
      const { hostname, port } = scene.server.url;
      const sockets = Array.from({ length: 60 }, () => connect(Number(port), hostname));
      for (const socket of sockets) socket.on("error", () => undefined).resume();
      assert.equal((await sent).text, "waited held");
      for (const socket of sockets) socket.destroy();
      limitFiles(scene.server, undefined);
      scene.canary.sing();
      await scene.isBack();
    },
  },
  {
    id: "G10",
    what: "hot reload under load, again and again",
    plugins: ["races"],
    run: async (scene) => {
      await scene.isBack();
      const first = await processOf(scene);
      const over = new AbortController();
      const texts: string[] = [];
      const callers = Promise.all(
        Array.from({ length: 4 }, async () => {
          while (!over.signal.aborted)
            texts.push((await scene.call("wait", { ms: 20, tag: "r" })).text);
        }),
      );
      const reloads = scene.server.stderr;
      for (let swap = 0; swap < RELOADS; swap++) {
        const reloaded = reloads.next(/"plugin":"races".*"msg":"plugin reloaded"/u);
        process.kill(scene.server.pid, "SIGHUP");
        await reloaded;
      }
      over.abort();
      await callers;
      assert.deepEqual([...new Set(texts)], ["waited r"]);
      assert.notEqual(await processOf(scene), first);
    },
  },
  {
    id: "G12",
    what: "a plugin's process is stopped by a signal",
    plugins: ["races"],
    run: async (scene) => {
      const pid = await processOf(scene);
      const sibling = scene.call("wait", { ms: 1_000, tag: "sibling" });
      await scene.server.stderr.line(/"tag":"sibling".*"msg":"waiting"/u);
      process.kill(pid, "SIGSTOP");
      assert.equal((await scene.call("short_nap", { ms: 1 })).code, "timeout");
      assert.equal((await sibling).text, "waited sibling");
      await scene.isBack();
      assert.notEqual(await processOf(scene), pid);
      assert(!isAlive(pid));
    },
  },
];
