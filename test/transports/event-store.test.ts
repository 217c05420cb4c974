import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { BoundedEventStore } from "../../src/transports/event-store.ts";

const note = (text: string): JSONRPCMessage => ({ jsonrpc: "2.0", method: "n", params: { text } });
const answer = (id: number): JSONRPCMessage => ({ jsonrpc: "2.0", id, result: {} });

function open(limits: { maxEvents?: number; maxBytes?: number } = {}): BoundedEventStore {
  return new BoundedEventStore({
    maxEvents: 100,
    maxBytes: 10_000,
    isLast: (message) => "result" in message,
    isKept: (message) => "jsonrpc" in message,
    ...limits,
  });
}

async function replay(store: BoundedEventStore, after: string): Promise<readonly JSONRPCMessage[]> {
  const sent: JSONRPCMessage[] = [];
  await store.replayEventsAfter(after, {
    send: async (_id, message) => void sent.push(message),
  });
  return sent;
}

test("a client that comes back gets what followed on its own stream, in order", async () => {
  const store = open();
  const first = await store.storeEvent("a", note("1"));
  await store.storeEvent("b", note("other"));
  await store.storeEvent("a", note("2"));
  await store.storeEvent("a", answer(1));
  expect(await replay(store, first)).toEqual([note("2"), answer(1)]);
});

test("the number of events and their bytes stay within bounds, the newest are kept", async () => {
  const few = open({ maxEvents: 3 });
  const start = await few.storeEvent("a", note("0"));
  for (let n = 1; n <= 1_000; n++) await few.storeEvent("a", note(String(n)));
  expect(few.size.events).toBe(3);
  expect(await replay(few, start)).toEqual([note("998"), note("999"), note("1000")]);

  const small = open({ maxEvents: 1_000 });
  for (let n = 1; n <= 100; n++) await small.storeEvent("a", note("x".repeat(1_000)));
  expect(small.size.bytes).toBeLessThanOrEqual(10_000);
  expect(small.size.events).toBeGreaterThan(5);
  await small.storeEvent("a", note("x".repeat(20_000)));
  expect(small.size.bytes).toBeLessThanOrEqual(10_000);
});

test("a stream that was answered and read to its end has nothing more", async () => {
  const store = open();
  const begun = await store.storeEvent("a", {} as JSONRPCMessage);
  expect(store.after(begun)).toBe("events");
  const last = await store.storeEvent("a", answer(1));
  expect(store.after(begun)).toBe("events");
  expect(store.after(last)).toBe("nothing");
  expect(store.size.streams).toBe(1);
});

test.each(["", "x", "1", "1_", "_a", "99999_a", "-1_a", "1e3_a"])(
  "an event id that was never given stands for nothing: '%s'",
  async (id) => {
    const store = open();
    await store.storeEvent("a", note("1"));
    expect(store.after(id)).toBe("unknown");
    expect(await store.getStreamIdForEventId(id)).toBeUndefined();
  },
);
