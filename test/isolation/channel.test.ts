import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  Channel,
  ChannelClosedError,
  ChannelFullError,
  RemoteError,
  type ChannelHandlers,
} from "../../src/isolation/channel.ts";
import { encodeFrame, FrameError, FrameTooLongError } from "../../src/isolation/framing.ts";

const LONGEST = 16_777_216;

interface Side {
  readonly channel: Channel;
  readonly notes: unknown[];
  readonly closed: (FrameError | undefined)[];
}

function side(stream: Socket, more: Partial<ChannelHandlers> = {}): Side {
  const notes: unknown[] = [];
  const closed: (FrameError | undefined)[] = [];
  const channel = new Channel(stream, {
    onRequest: (method, params) => Promise.resolve({ method, params }),
    onNote: (method, params) => void notes.push([method, params]),
    onClose: (error) => void closed.push(error),
    describeError: (error) => ({ message: String(error), details: { why: "it" } }),
    ...more,
  });
  return { channel, notes, closed };
}

const server = createServer();
const sockets: Socket[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** Two ends of a real connection. */
async function pipe(): Promise<[Socket, Socket]> {
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const one = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [other] = await accepted;
  sockets.push(one, other);
  return [one, other];
}

async function pair(more: Partial<ChannelHandlers> = {}): Promise<[Side, Side]> {
  const [one, other] = await pipe();
  return [side(one), side(other, more)];
}

describe("a channel", () => {
  test("carries requests, answers and notes, both ways at once", async () => {
    const [host, child] = await pair();
    const answers = [
      host.channel.request("a", { n: 1 }),
      child.channel.request("b", null),
      host.channel.request("c", "text"),
    ];
    host.channel.note("n", [1]);
    expect(await Promise.all(answers)).toEqual([
      { method: "a", params: { n: 1 } },
      { method: "b", params: null },
      { method: "c", params: "text" },
    ]);
    await vi.waitFor(() => expect(child.notes).toEqual([["n", [1]]]));
    expect(host.channel.pending).toBe(0);
  });

  test("carries an error as words, and details that may cross", async () => {
    const [host] = await pair({ onRequest: () => Promise.reject(new Error("no luck")) });
    const error = await host.channel.request("a", {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ message: "Error: no luck", details: { why: "it" } });
  });

  test("says so where an answer is too long to cross, and goes on", async () => {
    const [host] = await pair({
      onRequest: (method) => Promise.resolve(method === "long" ? "x".repeat(LONGEST) : "short"),
    });
    await expect(host.channel.request("long", {})).rejects.toThrow(/FrameTooLongError/u);
    expect(await host.channel.request("again", {})).toBe("short");
  });

  test("refuses to send what is too long, and leaves nothing waiting", async () => {
    const [host] = await pair();
    const long = "x".repeat(LONGEST);
    await expect(host.channel.request("a", long)).rejects.toThrow(FrameTooLongError);
    expect(() => host.channel.note("a", long)).toThrow(FrameTooLongError);
    expect(host.channel.pending).toBe(0);
  });

  test("refuses to ask more of a side that does not read", async () => {
    const [host, child] = await pair({ onRequest: () => Promise.resolve("heard") });
    child.channel.pause();
    const text = "x".repeat(LONGEST - 100);
    const sent = [1, 2, 3].map(() => host.channel.request("a", text));
    await expect(host.channel.request("b", {})).rejects.toThrow(ChannelFullError);
    child.channel.resume();
    await Promise.all(sent);
    expect(await host.channel.request("b", {})).toBe("heard");
  });
});

describe("a channel that is closed", () => {
  test("rejects what waits and what comes, says so once, and drops its notes", async () => {
    const [host, child] = await pair({ onRequest: () => new Promise(() => undefined) });
    const waiting = host.channel.request("a", {});
    host.channel.close();
    host.channel.close();
    await expect(waiting).rejects.toThrow(ChannelClosedError);
    await expect(host.channel.request("b", {})).rejects.toThrow(ChannelClosedError);
    host.channel.note("n", {});
    host.channel.resume();
    expect(host.closed).toEqual([undefined]);
    expect(child.notes).toEqual([]);
  });

  test("does not send the answer that came too late", async () => {
    let answer: ((value: unknown) => void) | undefined;
    const [one, other] = await pipe();
    const written: unknown[] = [];
    const child = side(other, { onRequest: () => new Promise((resolve) => (answer = resolve)) });
    const ended = once(one, "close");
    one.on("data", (chunk) => written.push(chunk));
    one.write(encodeFrame({ id: 1, method: "a" }, LONGEST));
    await vi.waitFor(() => expect(answer).toBeDefined());
    child.channel.close();
    answer?.("late");
    await ended;
    expect(written).toEqual([]);
  });

  test("by a stream that ends or fails, says so", async () => {
    for (const error of [undefined, new Error("EPIPE")]) {
      const [stream] = await pipe();
      const { closed } = side(stream);
      stream.destroy(error);
      await vi.waitFor(() => expect(closed).toEqual([undefined]));
    }
  });

  test("in the middle of what came at once, hears nothing of the rest", async () => {
    const [one, other] = await pipe();
    const host = side(other, {
      onNote: (method) => {
        heard.push(method);
        host.channel.close();
      },
    });
    const heard: string[] = [];
    one.write(Buffer.concat(["a", "b"].map((method) => encodeFrame({ method }, LONGEST))));
    await vi.waitFor(() => expect(host.closed).toEqual([undefined]));
    expect(heard).toEqual(["a"]);
  });
});

describe("a side that breaks the rules", () => {
  test.each<[string, unknown]>([
    ["no object", 5],
    ["nothing", null],
    ["a list", []],
    ["neither question nor answer", {}],
    ["an id that is no number", { id: "1", method: "a" }],
    ["an id that is no whole number", { id: 1.5, method: "a" }],
    ["a method that is no text", { id: 1, method: 5 }],
    ["an error that is none", { id: 1, error: null }],
    ["an error without words", { id: 1, error: {} }],
    ["an answer to no question", { id: 7, result: 1 }],
  ])("is not heard any longer: %s", async (_what, message) => {
    const [one, other] = await pipe();
    const { closed } = side(other);
    one.write(encodeFrame(message, LONGEST));
    await vi.waitFor(() => expect(closed).toMatchObject([{ name: "FrameError" }]));
  });

  test("by a note that its reader refuses, is not heard any longer", async () => {
    const [one, other] = await pipe();
    const { closed } = side(other, {
      onNote: () => {
        throw new FrameError("an odd note");
      },
    });
    one.write(encodeFrame({ method: "n" }, LONGEST));
    await vi.waitFor(() => expect(closed).toMatchObject([{ message: "it sent an odd note" }]));
  });
});
