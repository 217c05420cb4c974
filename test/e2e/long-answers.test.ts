import { afterEach, describe, expect, test, vi } from "vitest";
import {
  BUDGET,
  call,
  hostWith,
  linkIn,
  linksIn,
  read,
  readAll,
  SECRET,
} from "../helpers/answers.ts";
import { TaskClient } from "../helpers/task-client.ts";
import { pagesOf } from "../../src/base/pages.ts";

const PROTOCOLS = ["2025-11-25", "2026-07-28"] as const;
const LINES = Array.from({ length: 2_000 }, (_, index) => `line ${index + 1}`).join("\n");
const ROWS = Array.from({ length: 2_000 }, (_, index) => ({ index }));

afterEach(() => {
  vi.useRealTimers();
});

describe.each(PROTOCOLS)("in %s, an answer over its budget", (protocol) => {
  test("shows its beginning, and is read page by page from there", async () => {
    const host = await hostWith({ answer: () => LINES }, protocol);
    const result = await call(host);
    expect(result.isError).not.toBe(true);
    const [beginning] = result.content;
    expect(beginning).toMatchObject({
      text: expect.stringMatching(/^line 1\nline 2\n/u) as string,
    });
    expect(JSON.stringify(result).length).toBeLessThan(BUDGET);
    const pages = await readAll(host, linkIn(result));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.join("")).toBe(LINES);
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(BUDGET);
  });

  test("keeps its structured content out where no schema promises it, and links to it", async () => {
    const host = await hostWith(
      { answer: () => ({ content: "2,000 rows", data: ROWS }) },
      protocol,
    );
    const result = await call(host);
    expect(result.content[0]).toMatchObject({ text: "2,000 rows" });
    expect(JSON.stringify(result.structuredContent ?? {})).not.toContain('"index"');
    const pages = await readAll(host, linkIn(result));
    expect(JSON.parse(pages.join(""))).toEqual({ data: ROWS });
  });

  test("is an error with the link where a schema promises the data", async () => {
    const outputSchema = { type: "object", properties: { rows: { type: "array" } } };
    const host = await hostWith(
      { answer: () => ({ data: { rows: ROWS } }), outputSchema },
      protocol,
    );
    const result = await call(host);
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("[result_too_large]") as string }, {}],
      _meta: { "agentflow/error": { code: "result_too_large" } },
    });
    expect(result.structuredContent).toBeUndefined();
    expect(JSON.parse((await readAll(host, linkIn(result))).join(""))).toEqual({ rows: ROWS });
  });

  test("brings data that a schema promises whole while it fits, however long the text is", async () => {
    const outputSchema = { type: "object", properties: { count: { type: "number" } } };
    const given = { answer: () => ({ content: LINES, data: { count: 2_000 } }), outputSchema };
    const result = await call(await hostWith(given, protocol));
    expect(result.structuredContent).toEqual({ count: 2_000 });
    expect(linksIn(result)).toHaveLength(1);
  });
});

test("an answer within its budget comes as it is, up to the last character", async () => {
  const text = "x".repeat(BUDGET);
  const result = await call(await hostWith({ answer: () => text }));
  expect(result.content).toEqual([{ type: "text", text }]);
});

test("pictures are no text: one longer than the budget comes with the answer", async () => {
  const data = Buffer.alloc(30_000).toString("base64");
  const image = { type: "image", data, mimeType: "image/png" };
  const result = await call(
    await hostWith({ answer: () => [{ type: "text", text: "see" }, image] }),
  );
  expect(result.content).toEqual([{ type: "text", text: "see" }, image]);
});

test("a picture longer than a message may be is read page by page, byte for byte", async () => {
  const bytes = Buffer.from(Array.from({ length: 6_000 }, (_, index) => index % 251));
  const image = { type: "image", data: bytes.toString("base64"), mimeType: "image/png" };
  const limits = { maxResultChars: BUDGET, maxMessageBytes: 7_000 };
  const host = await hostWith({ answer: () => [image] }, "2026-07-28", { limits });
  const pages = await readAll(host, linkIn(await call(host)));
  expect(pages.length).toBeGreaterThan(1);
  for (const page of pages) expect(page.length).toBeLessThan(limits.maxMessageBytes);
  expect(Buffer.concat(pages.map((page) => Buffer.from(page, "base64")))).toEqual(bytes);
});

test("a picture that makes an answer too long is a picture where it is read", async () => {
  const data = Buffer.alloc(3_000).toString("base64");
  const image = { type: "image", data, mimeType: "image/png" };
  const limits = { maxResultChars: BUDGET, maxMessageBytes: 10_000 };
  const host = await hostWith({ answer: () => [image, image, image] }, "2026-07-28", { limits });
  const links = linksIn(await call(host));
  expect(links).toHaveLength(3);
  for (const uri of links) {
    const { contents } = await host.client.readResource({ uri });
    expect(contents).toEqual([{ uri, mimeType: "image/png", blob: data }]);
  }
});

test("every kind of link has its template", async () => {
  const { client } = await hostWith({ answer: () => "" });
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(
    expect.arrayContaining([
      "result://{id}/text/{page}",
      "result://{id}/data/{page}",
      "result://{id}/meta/{page}",
      "result://{id}/blocks/{number}/{page}",
    ]),
  );
});

test("what a link leads to is as clean of secrets as what was sent", async () => {
  const host = await hostWith({ answer: () => `${LINES}\n${SECRET}` });
  const all = (await readAll(host, linkIn(await call(host)))).join("");
  expect(all).toContain("[redacted]");
  expect(all).not.toContain(SECRET);
});

test("a link that was guessed, mistyped or read past its end leads nowhere", async () => {
  const host = await hostWith({ answer: () => LINES });
  const link = linkIn(await call(host));
  const wrong = [
    "result://guess/text",
    `${link}/99`,
    `${link}/0`,
    `${link}x`,
    "result://",
    "result:x",
  ];
  for (const uri of wrong) {
    await expect(host.client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32_602 });
  }
});

test("nobody but who asked can read an answer", async () => {
  const host = await hostWith({ answer: () => LINES });
  const id = /^result:\/\/([^/]+)/u.exec(linkIn(await call(host)))?.[1] ?? "";
  expect(host.host.results.find(id, "local")?.text).toBe(LINES);
  expect(host.host.results.find(id, "somebody else")).toBeUndefined();
});

test("an answer is kept for its time, and gone after it", async () => {
  const host = await hostWith({ answer: () => LINES }, "2026-07-28", {
    results: { retention: 60 },
  });
  const link = linkIn(await call(host));
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(Date.now() + 59_000);
  expect((await read(host, link)).text).toContain("line 1");
  vi.setSystemTime(Date.now() + 2_000);
  await expect(read(host, link)).rejects.toMatchObject({ code: -32_602 });
});

test("an answer says until when it is kept, also to a client that comes late for it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const now = Date.parse("2026-11-20T10:00:00Z");
  vi.setSystemTime(now);
  const host = await hostWith({ answer: () => LINES, config: { policy: { long: true } } });
  const tasks = TaskClient.inProcess(host);
  const { taskId } = await tasks.start("work");
  await tasks.settled(taskId);
  vi.setSystemTime(now + 600_000);
  const { result } = await tasks.get(taskId);
  expect(JSON.stringify(result)).toContain("(kept until 2026-11-20T10:15:00.000Z)");
  const link = linkIn(result as never);
  vi.setSystemTime(now + 899_999);
  expect((await read(host, link)).text).toContain("line 1");
  vi.setSystemTime(now + 900_000);
  await expect(read(host, link)).rejects.toMatchObject({ code: -32_602 });
});

test("what is kept has a bound: the oldest goes first, and what is too large for it is refused", async () => {
  let chars = 20_000;
  const host = await hostWith({ answer: () => "x".repeat(chars) }, "2026-07-28", {
    results: { maxKeptChars: 100_000 },
  });
  const links: string[] = [];
  for (let turn = 0; turn < 8; turn++) links.push(linkIn(await call(host)));
  expect(host.host.results.size).toEqual({ results: 5, chars: 100_000 });
  await expect(read(host, links[0] ?? "")).rejects.toMatchObject({ code: -32_602 });
  expect((await readAll(host, links[7] ?? "")).join("")).toHaveLength(20_000);
  chars = 30_000;
  expect(await call(host)).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("[result_too_large]") as string }],
  });
});

test.each([1, 2, 3])("pages of %s characters are all of a text, no character torn", (most) => {
  const text = "a😀b😀😀";
  const pages = pagesOf(text, most);
  expect(pages.join("")).toBe(text);
  for (const page of pages) expect(page.isWellFormed()).toBe(true);
});
