import { parseJSONRPCMessage } from "@modelcontextprotocol/server";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  errorText,
  faultOf,
  faultOfBatch,
  parseBytes,
} from "../../src/transports/json-rpc-guard.ts";

const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "a", arguments: {} } };

function ping(id: number): object {
  return { jsonrpc: "2.0", id, method: "ping" };
}

function codeOf(text: string): number | undefined {
  const parsed = parseBytes(Buffer.from(text));
  return "fault" in parsed ? parsed.fault.code : faultOf(parsed.value)?.code;
}

test.each([
  ["a request", call],
  ["a request with a text id", { ...call, id: "a" }],
  ["a request without params", { jsonrpc: "2.0", id: 1, method: "ping" }],
  ["a note", { jsonrpc: "2.0", method: "notifications/initialized" }],
  ["a result", { jsonrpc: "2.0", id: 7, result: {} }],
  ["an error", { jsonrpc: "2.0", id: 7, error: { code: 1, message: "no" } }],
])("%s passes", (_what, message) => {
  expect(faultOf(message)).toBeUndefined();
});

test.each([
  ["a number", 42],
  ["null", null],
  ["another version", { ...call, jsonrpc: "1.0" }],
  ["no version", { id: 1, method: "ping" }],
  ["no method", { jsonrpc: "2.0", id: 1 }],
  ["a method that is no text", { ...call, method: 5 }],
  ["id null", { ...call, id: null }],
  ["a fraction as id", { ...call, id: 1.5 }],
  ["an object as id", { ...call, id: {} }],
  ["a list as id", { ...call, id: [] }],
  ["an id that is no exact number", { ...call, id: 2 ** 60 }],
  ["params in a list", { ...call, params: [] }],
  ["a key too many", { ...call, extra: 1 }],
  ["a request that is a result, too", { ...call, result: {} }],
  ["a result that is an error, too", { jsonrpc: "2.0", id: 1, result: {}, error: {} }],
])("%s is an invalid request", (_what, message) => {
  expect(faultOf(message)?.code).toBe(-32_600);
});

test("__proto__ is refused at the top of a message, of params and of arguments", () => {
  expect(codeOf('{"jsonrpc":"2.0","id":1,"method":"a","__proto__":{}}')).toBe(-32_600);
  expect(codeOf('{"jsonrpc":"2.0","id":1,"method":"a","params":{"__proto__":{}}}')).toBe(-32_602);
  const inArguments =
    '{"jsonrpc":"2.0","id":1,"method":"a","params":{"arguments":{"\\u005f_proto__":1}}}';
  expect(codeOf(inArguments)).toBe(-32_602);
});

test("a byte order mark is skipped; other encodings and broken characters are parse errors", () => {
  const json = JSON.stringify(call);
  expect(codeOf(`\uFEFF${json}`)).toBeUndefined();
  expect(parseBytes(Buffer.from(json, "utf16le"))).toMatchObject({ fault: { code: -32_700 } });
  expect(parseBytes(Buffer.from(`\uFEFF${json}`, "utf16le"))).toMatchObject({
    fault: { code: -32_700 },
  });
  const broken = Buffer.from(json.replace('"a"', '"\u00e9"'), "latin1");
  expect(parseBytes(broken)).toMatchObject({ fault: { code: -32_700 } });
});

describe("a batch", () => {
  test("passes in revisions that have it, and in no other", () => {
    expect(faultOfBatch([ping(1), ping(2)], "2025-03-26")).toBeUndefined();
    expect(faultOfBatch([ping(1)], "2024-11-05")).toBeUndefined();
    for (const revision of ["2025-06-18", "2025-11-25", "2026-07-28", undefined]) {
      expect(faultOfBatch([ping(1), ping(2)], revision)?.code).toBe(-32_600);
    }
  });

  test.each([
    ["that is empty", []],
    ["of very many", Array.from({ length: 100_000 }, (_, id) => ping(id))],
    ["with one item that is no message", [ping(1), 5]],
    ["with an id twice", [ping(1), ping(1)]],
    ["with initialize", [{ jsonrpc: "2.0", id: 1, method: "initialize" }]],
  ])("%s is an invalid request", (_what, items) => {
    expect(faultOfBatch(items, "2025-03-26")?.code).toBe(-32_600);
  });
});

test("an error to nobody's request has no id from 2025-11-25 on, and null before", () => {
  const fault = { code: -32_700, message: "no" };
  expect(JSON.parse(errorText(fault, "2025-11-25"))).not.toHaveProperty("id");
  expect(JSON.parse(errorText(fault, "2026-07-28"))).not.toHaveProperty("id");
  expect(JSON.parse(errorText(fault, "2025-06-18"))).toMatchObject({ id: null });
  expect(JSON.parse(errorText(fault, undefined))).toMatchObject({ id: null });
  expect(JSON.parse(errorText({ ...fault, id: 0 }, undefined))).toMatchObject({ id: 0 });
});

test("the guard and the SDK agree on what a message is", () => {
  const id = fc.oneof(fc.integer(), fc.string(), fc.double(), fc.constant(null), fc.object());
  const meta = fc.record(
    {
      progressToken: id,
      "io.modelcontextprotocol/related-task": fc.oneof(fc.record({ taskId: fc.string() }), id),
    },
    { requiredKeys: [] },
  );
  const params = fc.oneof(fc.jsonValue(), fc.record({ _meta: fc.oneof(meta, fc.jsonValue()) }));
  const message = fc.record(
    {
      jsonrpc: fc.constantFrom("2.0", "2.0", "2.0", "1.0"),
      id,
      method: fc.oneof(fc.string(), fc.string(), fc.integer()),
      params,
      result: fc.oneof(fc.record({ _meta: fc.jsonValue() }), fc.jsonValue()),
      error: fc.oneof(fc.record({ code: fc.integer(), message: fc.string() }), fc.jsonValue()),
      other: fc.jsonValue(),
    },
    { requiredKeys: ["jsonrpc"] },
  );
  fc.assert(
    fc.property(fc.oneof(message, fc.jsonValue()), (value) => {
      const read: unknown = JSON.parse(JSON.stringify(value) ?? "null");
      let taken = true;
      try {
        parseJSONRPCMessage(read);
      } catch {
        taken = false;
      }
      expect(faultOf(read)?.code === -32_600).toBe(!taken);
    }),
    { numRuns: 5_000 },
  );
});
