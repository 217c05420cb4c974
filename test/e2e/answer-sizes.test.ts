import { describe, expect, test } from "vitest";
import { BUDGET, call, hostWith, linkIn, linksIn, readAll } from "../helpers/answers.ts";
import { ToolError } from "../../src/plugin-api/index.ts";

/** What an answer may take on the wire, beside pictures and the like. */
const MOST = 4 * BUDGET;
/** The last thing of what is too long. */
const END = "the very end";
const LONG = "x".repeat(20 * BUDGET) + END;
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const fields = Object.fromEntries(many(1_000, (index) => [`key${index}`, "x".repeat(500)]));
const image = { type: "image", data: "AAAA", mimeType: "image/png" };
const outputSchema = { type: "object", properties: { n: { type: "integer" } } };
const data = { n: 1 };

describe("what is sent of one answer stays within a few times its budget, and the rest is linked to", () => {
  test.each<[string, object, () => unknown]>([
    ["_meta", {}, () => ({ content: "short", _meta: { "a/b": LONG } })],
    ["_meta beside promised data", { outputSchema }, () => ({ data, _meta: { "a/b": LONG } })],
    ["fields beside promised data", { outputSchema }, () => ({ data, more: LONG })],
    ["1,000 fields", {}, () => ({ content: "short", ...fields, last: END })],
    ["1,000 fields beside data", { outputSchema }, () => ({ data, ...fields, last: END })],
    ["an error's text", {}, () => ({ error: { code: "e", message: LONG } })],
    [
      "an error's text beside a short one",
      {},
      () => ({ content: "short", error: { code: "e", message: LONG } }),
    ],
    [
      "an error's text where data are promised",
      { outputSchema },
      () => ({ content: "short", error: { code: "e", message: LONG } }),
    ],
    ["an error's code", {}, () => ({ error: { code: LONG, message: "short" } })],
    ["suggested actions", {}, () => ({ content: "short", suggestedActions: [LONG] })],
    [
      "suggested actions where data are promised",
      { outputSchema },
      () => ({ data, suggestedActions: [LONG] }),
    ],
    [
      "20,000 empty texts",
      {},
      () => [...many(20_000, () => ({ type: "text", text: "" })), { type: "text", text: END }],
    ],
    ["the _meta of a text", {}, () => [{ type: "text", text: END, _meta: { "a/b": LONG } }]],
    [
      "a text that is embedded",
      {},
      () => [{ type: "resource", resource: { uri: "a:b", text: LONG } }],
    ],
    ["the _meta of a picture", {}, () => [{ ...image, _meta: { "a/b": LONG } }]],
    [
      "a link's description",
      {},
      () => [{ type: "resource_link", uri: "a:b", name: "b", description: LONG }],
    ],
  ])("%s", async (_what, tool, answer) => {
    const host = await hostWith({ ...tool, answer });
    const result = await call(host);
    expect(JSON.stringify(result).length).toBeLessThan(MOST);
    const read = await Promise.all(linksIn(result).map((uri) => readAll(host, uri)));
    expect(read.map((pages) => pages.join("")).join("")).toContain(END);
    for (const page of read.flat()) expect(page.length).toBeLessThanOrEqual(BUDGET);
  });

  test("but for an error that is thrown, which is refused, code and all", async () => {
    const host = await hostWith({
      answer: () => {
        throw new ToolError("short", { code: LONG });
      },
    });
    const result = await call(host);
    expect(result._meta).toMatchObject({ "agentflow/error": { code: "result_too_large" } });
    expect(JSON.stringify(result).length).toBeLessThan(MOST);
  });
});

test("an error that is too long stays one, with its code and the beginning of its text", async () => {
  const host = await hostWith({ answer: () => ({ error: { code: "broke", message: LONG } }) });
  expect(await call(host)).toMatchObject({
    isError: true,
    structuredContent: {
      error: { code: "broke", message: expect.stringMatching(/^x{1000,5000}…$/u) as string },
    },
    _meta: { "agentflow/error": { code: "broke" } },
  });
});

test("what of an answer is short stays as it was, in its order, whatever else is long", async () => {
  const content = [
    image,
    { type: "text", text: "a caption", annotations: { audience: ["user"] } },
    { ...image, mimeType: "image/gif" },
    { type: "text", text: "another", annotations: { priority: 1 } },
  ];
  const host = await hostWith({ answer: () => ({ content, data: LONG, confidence: 0.5 }) });
  const result = await call(host);
  expect(result.content.slice(0, 4)).toEqual(content);
  expect(result.structuredContent).toEqual({ confidence: 0.5 });
  expect(linksIn(result)).toHaveLength(1);
});

test("the beginning of a long text keeps its place and its annotations", async () => {
  const annotations = { audience: ["user"] };
  const answer = (): unknown => [image, { type: "text", text: LONG, annotations }, image];
  const host = await hostWith({ answer });
  const { content } = await call(host);
  expect(content.map(({ type }) => type)).toEqual([
    "image",
    "text",
    "text",
    "resource_link",
    "image",
  ]);
  expect(content[1]).toMatchObject({ annotations });
});

test("of very many blocks the first have links, and the others are named", async () => {
  const host = await hostWith({
    answer: () => many(5_000, (index) => ({ ...image, data: btoa(`${index}`.padStart(6)) })),
  });
  const result = await call(host);
  const text = JSON.stringify(result.content);
  const last = linkIn(result).replace(/1$/u, "5000");
  expect(text.length).toBeLessThan(MOST);
  expect(text).toContain("to 5000");
  expect(atob((await readAll(host, last)).join(""))).toBe("  4999");
});
