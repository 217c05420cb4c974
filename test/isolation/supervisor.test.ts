import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readPackageInfo } from "../../src/host/package-info.ts";
import { ChannelClosedError } from "../../src/isolation/channel.ts";
import { CrashRecord } from "../../src/isolation/crash-record.ts";
import type { PluginProcess } from "../../src/isolation/plugin-process.ts";
import { Supervisor, UnavailableError, type Member } from "../../src/isolation/supervisor.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const MIB = 1_048_576;
const LIMITS = { memoryBytes: 512 * MIB, idleMs: 60_000 };

interface Watched extends Member {
  readonly said: unknown[];
}

function member(plugin: string, more: Partial<Member> = {}): Watched {
  const said: unknown[] = [];
  return {
    plugin,
    said,
    onRequest: () => Promise.resolve("answered"),
    onNote: (method) => void said.push(method),
    prepare: () => Promise.resolve(true),
    release: () => Promise.resolve(),
    onQuarantine: (reason) => void said.push(reason),
    ...more,
  };
}

const open: [Supervisor, Member][] = [];

function supervise(
  members: readonly Member[],
  program?: string,
  env = {},
  crashes = new CrashRecord(),
): Supervisor {
  const supervisor = new Supervisor({
    name: "ours",
    program: program ?? readPackageInfo().pluginProgram,
    env,
    log: { debug: unheard, info: heard, warn: heard, error: unheard },
    onPrint: unheard,
    crashes,
  });
  for (const one of members) {
    supervisor.add(one, LIMITS);
    open.push([supervisor, one]);
  }
  return supervisor;
}

const lines: string[] = [];

function heard(message: string): void {
  lines.push(message);
}

function unheard(): void {
  // Nobody listens.
}

afterEach(async () => {
  for (const [supervisor, one] of open.splice(0)) await supervisor.remove(one);
  vi.restoreAllMocks();
});

const asItIs = (process: PluginProcess): Promise<PluginProcess> => Promise.resolve(process);

describe("a process that cannot be started", () => {
  test("makes its plugins unavailable, and after three times leaves them alone", async () => {
    const one = member("one");
    const supervisor = supervise([one]);
    const path = vi.spyOn(process, "execPath", "get").mockReturnValue("/nowhere/node");
    for (let count = 0; count < 3; count++) {
      await expect(supervisor.use(one, asItIs)).rejects.toThrow(/could not be started: .*ENOENT/u);
    }
    expect(one.said).toEqual([expect.stringContaining("crashed too often") as string]);
    const error = await supervisor.use(one, asItIs).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as UnavailableError).retryAfterMs).toBeGreaterThan(200_000);
    expect(supervisor.process).toBeUndefined();
    path.mockRestore();
  });
});

describe("a process that several need at the same time", () => {
  test("is started once", async () => {
    const [one, two] = [member("one"), member("two")];
    const supervisor = supervise([one, two]);
    const processes = await Promise.all([
      supervisor.use(one, asItIs),
      supervisor.use(two, asItIs),
      supervisor.use(one, asItIs),
    ]);
    expect(new Set(processes)).toHaveLength(1);
    expect(supervisor.process).toBe(processes[0]);
  });

  test("is waited for to its end before another takes its place", async () => {
    const one = member("one");
    const supervisor = supervise([one]);
    const first = await supervisor.use(one, asItIs);
    first.kill("was told to");
    expect(supervisor.process).toBeUndefined();
    const second = await supervisor.use(one, asItIs);
    expect(second).not.toBe(first);
    expect(await first.ended).toMatchObject({ how: "killed", reason: "was told to" });
  });

  test("is not started again for a member that has left, nor for one that was never ready", async () => {
    let prepared = 0;
    const gone = member("gone");
    const unready = member("unready", {
      prepare: () => {
        prepared += 1;
        return Promise.resolve(false);
      },
    });
    const supervisor = supervise([gone, unready]);
    const first = await supervisor.use(gone, asItIs);
    await supervisor.use(unready, asItIs);
    await supervisor.remove(gone);
    await supervisor.remove(gone);
    first.kill("was told to", "crashed");
    await first.ended;
    await new Promise((resolve) => setImmediate(resolve));
    expect(supervisor.process).toBeUndefined();
    expect(prepared).toBe(1);
  });
});

describe("a member that is not ready", () => {
  test("keeps its own error, and the process", async () => {
    const one = member("one", { prepare: () => Promise.reject(new Error("no luck")) });
    const supervisor = supervise([one]);
    await expect(supervisor.use(one, asItIs)).rejects.toThrow("no luck");
    expect(supervisor.process).toBeDefined();
  });

  test("since its process has ended, hears how that was", async () => {
    const one = member("one", {
      prepare: (process) => {
        process.kill("was too loud");
        return Promise.reject(new ChannelClosedError());
      },
    });
    const supervisor = supervise([one]);
    const error = await supervisor.use(one, asItIs).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ message: "was too loud" });
  });
});

/** The beginning of a program that speaks with the host by itself. */
const SPEAKING = `
  const socket = new (require("node:net").Socket)({ fd: 3, readable: true, writable: true });
  const send = (value) => {
    const text = Buffer.from(JSON.stringify(value));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    socket.write(Buffer.concat([head, text]));
  };`;

describe("a process that is silent for a while", () => {
  test("is said to be, and to be back", async () => {
    const folder = tempFolder({
      "slow.cjs": `${SPEAKING}
        socket.once("data", () =>
          setTimeout(() => send({ method: "pong", params: { number: 1, rssBytes: 1 } }), 4_000));`,
    });
    const one = member("one", { prepare: () => Promise.resolve(false) });
    const supervisor = supervise([one], join(folder, "slow.cjs"));
    const process = await supervisor.use(one, asItIs);
    const leave = process.attend();
    await vi.waitFor(() => expect(lines).toContain("plugin does not respond"), 10_000);
    await vi.waitFor(() => expect(lines).toContain("plugin responds again"), 10_000);
    leave();
  });
});

describe("a process that speaks for somebody else", () => {
  test("gets no answer to what it asks, and is ended for what it says", async () => {
    const program = join(
      tempFolder({
        "impostor.cjs": `${SPEAKING}
          send({ id: 1, method: "storage", params: { plugin: "nobody" } });
          // Whatever comes is the answer.
          socket.on("data", () => send({ method: "log", params: { plugin: 7 } }));`,
      }),
      "impostor.cjs",
    );
    const one = member("one", { prepare: () => Promise.resolve(false) });
    const supervisor = supervise([one], program);
    const process = await supervisor.use(one, asItIs);
    expect(await process.ended).toMatchObject({
      how: "crashed",
      reason: "it sent a message for no plugin of its process",
    });
    expect(one.said).toEqual([]);
  });
});

describe("whoever waits for a process while it ends", () => {
  test("is turned away if that was one crash too many", async () => {
    const crashes = new CrashRecord();
    crashes.crashed();
    crashes.crashed();
    const one = member("one", { prepare: () => Promise.resolve(false) });
    const supervisor = supervise([one], undefined, {}, crashes);
    const process = await supervisor.use(one, asItIs);
    process.kill("was too loud", "crashed");
    await expect(supervisor.use(one, asItIs)).rejects.toThrow(/was too loud.*5 min/u);
    expect(one.said).toEqual([expect.stringContaining("crashed too often") as string]);
  });
});

describe("a supervisor whose last member has left", () => {
  test("starts nothing more, and leaves nothing behind", async () => {
    const one = member("one");
    const supervisor = supervise([one]);
    const process = await supervisor.use(one, asItIs);
    await supervisor.remove(one);
    expect(await process.ended).toMatchObject({ how: "stopped" });
    expect(supervisor.isStopped).toBe(true);
    await expect(supervisor.use(one, asItIs)).rejects.toThrow(UnavailableError);
  });

  test("also where its process was just being started", async () => {
    const one = member("one");
    const supervisor = supervise([one]);
    const using = supervisor.use(one, asItIs).catch((error: unknown) => error);
    await supervisor.remove(one);
    await using;
    expect(supervisor.process).toBeUndefined();
  });

  test("does not mind that nothing ever ran", async () => {
    const [one, two] = [member("one"), member("two")];
    const supervisor = supervise([one, two]);
    await supervisor.remove(two);
    await supervisor.remove(one);
    await supervisor.remove(member("one"));
    expect(supervisor.has("one")).toBe(false);
  });
});

test("the largest limits of a group hold", async () => {
  const one = member("one");
  const supervisor = supervise([one]);
  const two = member("two");
  supervisor.add(two, { memoryBytes: 64 * MIB, idleMs: 1 });
  open.push([supervisor, two]);
  const release = supervisor.hold();
  const process = await supervisor.use(one, asItIs);
  release();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(supervisor.process).toBe(process);
});
