import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeFrame,
  FrameError,
  FrameReader,
  FrameTooLongError,
} from "../../src/isolation/framing.ts";

const LIMIT = 1_000;

function readAll(chunks: readonly Buffer[], limit = LIMIT): unknown[] {
  const reader = new FrameReader(limit);
  return chunks.flatMap((chunk) => [...reader.read(chunk)]);
}

function head(bytes: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(bytes);
  return buffer;
}

/** The same bytes, cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const ends = at.toSorted((a, b) => a - b);
  return ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
}

describe("frames", () => {
  test("come out as they went in, wherever the pipe cuts them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.array(fc.nat()),
        (values, places) => {
          const bytes = Buffer.concat(values.map((value) => encodeFrame(value, 1_000_000)));
          const plain = JSON.parse(JSON.stringify(values)) as unknown;
          expect(readAll(cut(bytes, places), 1_000_000)).toEqual(plain);
        },
      ),
    );
  });

  test("may be exactly as long as the limit, and no longer", () => {
    const longest = "x".repeat(LIMIT - 2);
    expect(readAll([encodeFrame(longest, LIMIT)])).toEqual([longest]);
    expect(() => encodeFrame(`${longest}x`, LIMIT)).toThrow(FrameTooLongError);
    expect(() => readAll([head(LIMIT + 1)])).toThrow(FrameError);
  });

  test.each([
    ["no JSON", Buffer.concat([head(3), Buffer.from("{,}")])],
    ["an empty frame", head(0)],
    ["no UTF-8", Buffer.concat([head(3), Buffer.from([0x22, 0xff, 0x22])])],
    ["text without a length", Buffer.from("hello, host\n")],
  ])("%s ends the conversation", (_what, bytes) => {
    expect(() => readAll([bytes])).toThrow(FrameError);
  });

  test("that came whole before bad bytes are read", () => {
    const reader = new FrameReader(LIMIT);
    const frames = reader.read(
      Buffer.concat([encodeFrame("good", LIMIT), Buffer.from("bad bytes")]),
    );
    expect(frames.next().value).toBe("good");
    expect(() => frames.next()).toThrow(FrameError);
  });

  test("take time in proportion to their bytes, even one byte at a time", () => {
    const text = "x".repeat(200_000);
    const bytes = encodeFrame(text, 1_000_000);
    const reader = new FrameReader(1_000_000);
    const values: unknown[] = [];
    // With a copy for each chunk, this would move 20 GB.
    for (let at = 0; at < bytes.length; at++)
      values.push(...reader.read(bytes.subarray(at, at + 1)));
    expect(values).toEqual([text]);
  });
});
