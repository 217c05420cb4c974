import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CliProcess, runCli } from "../helpers/cli.ts";
import { startHttpServer } from "../helpers/http-server.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { writeConfig } from "./files.ts";
import { bare, call, eventually, expectGone, pidsIn, startHost } from "./host.ts";
import { isAlive } from "../helpers/is-alive.ts";

interface Servers {
  readonly config: string;
  /** Of all processes that the servers are made of. */
  readonly pids: () => readonly number[];
}

/** A server that ends when it is asked to, one that does not, and one with a child of its own. */
function threeServers(): Servers {
  const folder = tempFolder();
  const journals = ["polite", "stubborn", "launcher"].map((name) => join(folder, name));
  const [polite = "", stubborn = "", launcher = ""] = journals;
  const servers = {
    polite: bare({ journal: polite }),
    stubborn: bare(
      { journal: stubborn, ignoresStdinEnd: true, ignoresSigterm: true },
      { prefix: "s" },
    ),
    launcher: bare({ journal: launcher, startsChild: true }, { prefix: "l" }),
  };
  return {
    config: writeConfig(servers),
    pids: () => journals.flatMap(pidsIn),
  };
}

async function allAlive({ pids }: Servers): Promise<readonly number[]> {
  await eventually(() => expect(pids().filter(isAlive)).toHaveLength(4));
  return pids();
}

describe("no process of a server is left", () => {
  test("when a command has ended", async () => {
    const servers = threeServers();
    const { code, stdout } = await runCli(["list", "--config", servers.config]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/launcher +1\.2\.3 +serving/u);
    const pids = servers.pids();
    expect(pids).toHaveLength(4);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test("when the client has gone", async () => {
    const servers = threeServers();
    await using cli = new CliProcess(["serve", "--config", servers.config]);
    const pids = await allAlive(servers);
    cli.child.stdin.end();
    expect(await cli.exited).toMatchObject({ code: 0 });
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test("when the host is told to stop", async () => {
    const servers = threeServers();
    await using server = await startHttpServer({ config: servers.config });
    const pids = await allAlive(servers);
    server.cli.kill("SIGTERM");
    expect(await server.cli.exited).toMatchObject({ code: 0 });
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test("when the host is told twice, and does not wait", async () => {
    const servers = threeServers();
    await using server = await startHttpServer({ config: servers.config });
    const pids = await allAlive(servers);
    server.cli.kill("SIGTERM");
    await eventually(() => expect(pids.filter(isAlive).length).toBeLessThan(4));
    server.cli.kill("SIGTERM");
    expect(await server.cli.exited).toMatchObject({ code: 1 });
    await expectGone(pids);
  });

  test.each(["SIGKILL", "SIGABRT"] as const)(
    "when the host has no time left: %s",
    async (signal) => {
      const servers = threeServers();
      await using server = await startHttpServer({ config: servers.config });
      const pids = await allAlive(servers);
      server.cli.kill(signal);
      await server.cli.exited;
      await expectGone(pids);
    },
  );

  test("of the one before when a server has crashed and is back", async () => {
    const journal = join(tempFolder(), "journal");
    const host = await startHost({ bare: bare({ journal, startsChild: true }) });
    const client = await host.connect();
    const before = pidsIn(journal);
    expect(before).toHaveLength(2);
    await call(client, "exit");
    // It tells of itself first and of its child a little later.
    await eventually(() => expect(pidsIn(journal)).toHaveLength(4));
    await expectGone(before);
    const now = pidsIn(journal).slice(2);
    expect(now.filter(isAlive)).toHaveLength(2);
    await host.stop();
    expect(now.filter(isAlive)).toEqual([]);
  });

  test("when the host stops while a server is still starting", async () => {
    const journal = join(tempFolder(), "journal");
    const server = bare({ journal, delayMs: 60_000, ignoresStdinEnd: true });
    const host = await startHost({ bare: server }, { settle: false });
    await eventually(() => expect(pidsIn(journal).filter(isAlive)).toHaveLength(1));
    await host.stop();
    expect(pidsIn(journal).filter(isAlive)).toEqual([]);
  });
});
