import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { ERAS, RawStdio } from "../helpers/raw-stdio.ts";
import { tempFile, writeConfig } from "./files.ts";
import { bare, call, eventually, readJournal, startHost, textOf, untilListed } from "./host.ts";

const CAPABILITIES = { tools: {}, resources: { subscribe: true } };

const subscribed = (journal: string): readonly unknown[] =>
  readJournal(journal).flatMap(
    (entry) => (Object(entry) as { readonly subscribe?: string }).subscribe ?? [],
  );

const unsubscribed = (journal: string): readonly unknown[] =>
  readJournal(journal).flatMap(
    (entry) => (Object(entry) as { readonly unsubscribe?: string }).unsubscribe ?? [],
  );

describe("a subscription to a server's resource", () => {
  test("is passed on for what clients subscribe to, and for nothing else", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ capabilities: CAPABILITIES, journal }) });
    const client = await host.connect("2025-11-25");
    const updated: string[] = [];
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      updated.push(params.uri);
    });
    await client.readResource({ uri: "bare://one" });
    expect(subscribed(journal)).toEqual([]);
    // One of the listed ones, and one that only a template stands for.
    await client.subscribeResource({ uri: "bare://one" });
    await client.subscribeResource({ uri: "bare://seven" });
    await eventually(() => expect(subscribed(journal)).toEqual(["bare://one", "bare://seven"]));
    await call(client, "update", { uri: "bare://seven" });
    await call(client, "update", { uri: "bare://eight" });
    await eventually(() => expect(updated).toEqual(["bare://seven"]));
  });

  test("outlives a crash of the server", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ capabilities: CAPABILITIES, journal }) });
    const client = await host.connect("2025-11-25");
    await client.subscribeResource({ uri: "bare://one" });
    await eventually(() => expect(subscribed(journal)).toHaveLength(1));
    await call(client, "exit");
    await eventually(() => expect(subscribed(journal)).toEqual(["bare://one", "bare://one"]));
  });

  test("is not asked of a server that has none to give", async () => {
    const journal = tempFile();
    const capabilities = { tools: {}, resources: {} };
    const host = await startHost({ bare: bare({ capabilities, journal }) });
    const client = await host.connect("2025-11-25");
    await client.subscribeResource({ uri: "bare://one" });
    await call(client, "echo", { say: "after it" });
    expect(subscribed(journal)).toEqual([]);
  });

  test.each(ERAS)("comes over stdio as well, from a client of %s", async (era) => {
    const journal = tempFile();
    const config = writeConfig({ bare: bare({ capabilities: CAPABILITIES, journal }) });
    await using host = await RawStdio.open(era, config);
    await untilListed(host, "resources/list", "bare://one");
    if (era === "2025-11-25") host.request("watch", "resources/subscribe", { uri: "bare://one" });
    else {
      const notifications = { resourceSubscriptions: ["bare://one"] };
      host.request("watch", "subscriptions/listen", { notifications });
    }
    await eventually(() => expect(subscribed(journal)).toEqual(["bare://one"]));
    host.callTool("update", "update", { uri: "bare://one" });
    await host.stdout.entry({ method: "notifications/resources/updated" });
  });
});

describe("a subscription to a server's resource ends", () => {
  test("with the last of those who wanted it: who unsubscribes, and whose session is over", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ capabilities: CAPABILITIES, journal }) });
    const one = await host.connect("2025-11-25");
    const other = await host.connect("2025-11-25");
    for (const client of [one, other]) {
      await client.subscribeResource({ uri: "bare://one" });
      await client.subscribeResource({ uri: `bare://${client === one ? "mine" : "theirs"}` });
    }
    await eventually(() => expect(subscribed(journal)).toHaveLength(3));
    await one.unsubscribeResource({ uri: "bare://one" });
    await one.unsubscribeResource({ uri: "bare://mine" });
    await eventually(() => expect(unsubscribed(journal)).toEqual(["bare://mine"]));
    await (other.transport as StreamableHTTPClientTransport).terminateSession();
    await eventually(() =>
      expect(new Set(unsubscribed(journal))).toEqual(
        new Set(["bare://mine", "bare://one", "bare://theirs"]),
      ),
    );
  });

  test("with the stream of a client of 2026-07-28", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ capabilities: CAPABILITIES, journal }) });
    const client = await host.connect();
    const stream = await client.listen({ resourceSubscriptions: ["bare://one"] });
    await eventually(() => expect(subscribed(journal)).toEqual(["bare://one"]));
    await stream.close();
    await eventually(() => expect(unsubscribed(journal)).toEqual(["bare://one"]));
  });

  test("not because another client subscribes to more than there is room for", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ capabilities: CAPABILITIES, journal }) });
    const client = await host.connect();
    await client.listen({ resourceSubscriptions: ["bare://one"] });
    const greedy = await host.connect();
    const uris = Array.from({ length: 600 }, (_, n) => `bare://${n}`);
    await greedy.listen({ resourceSubscriptions: uris });
    const third = await host.connect();
    await third.listen({ resourceSubscriptions: ["bare://last"] });
    await eventually(() => expect(subscribed(journal)).toContain("bare://last"));
    // Of one client's 600 no more than 500.
    expect(subscribed(journal)).toHaveLength(502);
    expect(unsubscribed(journal)).toEqual([]);
  });
});

/** A server of 2026-07-28 that opens no stream while the file is there. */
const slowListen = (hold: string): object => ({
  type: "mcp_server",
  command: process.execPath,
  args: [
    fileURLToPath(new URL("../fixtures/upstream/slow-listen-server.mjs", import.meta.url)),
    hold,
  ],
});

test("a subscription that comes while a stream is being opened leaves no second stream behind", async () => {
  const hold = tempFile();
  const host = await startHost({ slow: slowListen(hold) });
  const client = await host.connect("2025-11-25");
  const streams = async (): Promise<unknown> => JSON.parse(textOf(await call(client, "streams")));
  await client.subscribeResource({ uri: "slow://a" });
  await eventually(async () => expect(await streams()).toEqual([["slow://a"]]));
  writeFileSync(hold, "");
  await call(client, "exit");
  await eventually(() => expect(host.plugin("slow").state).toBe("unavailable"));
  await eventually(() => expect(host.plugin("slow").state).toBe("serving"));
  await client.subscribeResource({ uri: "slow://b" });
  // As long as it takes to ask for another stream.
  await new Promise((resolve) => setTimeout(resolve, 600));
  rmSync(hold);
  await eventually(async () => expect(await streams()).toEqual([["slow://a", "slow://b"]]));
});

test("completions of a server's template are asked of it, with how many there are", async () => {
  const capabilities = { tools: {}, resources: {}, completions: {} };
  const host = await startHost({ bare: bare({ capabilities }) });
  const client = await host.connect();
  const { completion } = await client.complete({
    ref: { type: "ref/resource", uri: "bare://{id}" },
    argument: { name: "id", value: "a" },
  });
  expect(completion).toEqual({ values: ["a1", "a2"], total: 700, hasMore: true });
});
