import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineReader, type Line } from "../../src/base/line-reader.ts";

const MAX = 24;
const line = fc.string({
  unit: fc.constantFrom("a", "é", "😀", "\r", " ", "{", '"'),
  maxLength: 30,
});
const input = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.boolean())
  .map(([lines, ended]) => Buffer.from(lines.join("\n") + (ended ? "\n" : "")));

type Text = { readonly text: string } | { readonly tooLong: true };

function asText(read: Line): Text {
  return "bytes" in read ? { text: read.bytes.toString("utf8") } : read;
}

function readAll(chunks: readonly Buffer[]): readonly Text[] {
  const reader = new LineReader(MAX);
  const lines = chunks.flatMap((chunk) => [...reader.read(chunk)]);
  const last = reader.end();
  return (last === undefined ? lines : [...lines, last]).map(asText);
}

/** Cut at any bytes, in the middle of characters and around newlines. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), 0, bytes.length].toSorted(
    (a, b) => a - b,
  );
  return ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
}

test("lines are the same however the input is cut", () => {
  fc.assert(
    fc.property(input, fc.array(fc.nat(200), { maxLength: 12 }), (bytes, places) => {
      expect(readAll(cut(bytes, places))).toEqual(readAll([bytes]));
    }),
  );
});

test("lines are the bytes between newlines, empty ones too; long ones are reported", () => {
  fc.assert(
    fc.property(input, (bytes) => {
      const texts = bytes.toString("utf8").split("\n");
      // Nothing after the last newline is no line.
      if (texts.at(-1) === "") texts.pop();
      const expected = texts.map((text): Text =>
        Buffer.byteLength(text) > MAX ? { tooLong: true } : { text },
      );
      expect(readAll([bytes])).toEqual(expected);
      expect(readAll(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(expected);
    }),
  );
});

test("a line after one that was too long is read as usual", () => {
  const reader = new LineReader(4);
  expect([...reader.read(Buffer.from("far too long"))]).toEqual([]);
  expect([...reader.read(Buffer.from(" still\nfour\nfive5\n"))].map(asText)).toEqual([
    { tooLong: true },
    { text: "four" },
    { tooLong: true },
  ]);
  expect(reader.end()).toBeUndefined();
});

test("what is left of a line that was too long when the input ends is reported", () => {
  const reader = new LineReader(4);
  expect([...reader.read(Buffer.from("far too long"))]).toEqual([]);
  expect(reader.end()).toEqual({ tooLong: true });
});
