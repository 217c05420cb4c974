import { afterEach, describe, expect, test } from "vitest";
import type { TestHost } from "../../src/testing.ts";
import { callAs, errorOf, hostWith, textsOf, wordFor } from "../helpers/one-plugin.ts";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const TWICE_A_MINUTE = { config: { policy: { rate: { calls: 2, per: 60 } } } };

describe("a tool with a rate", () => {
  test("turns away who calls it more often, and says when to come back", async () => {
    let runs = 0;
    running = await hostWith({ work: { ...TWICE_A_MINUTE, handler: () => String((runs += 1)) } });
    const { client } = running;
    for (let call = 0; call < 2; call++) await client.callTool({ name: "work", arguments: {} });
    const result = await client.callTool({ name: "work", arguments: {} });
    expect(result.isError).toBe(true);
    expect(errorOf(result)).toMatchObject({ code: "rate_limited", retryable: true });
    expect(errorOf(result)?.retryAfterMs).toBeGreaterThan(0);
    expect(errorOf(result)?.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(textsOf(result)[0]).toMatch(
      /^\[rate_limited\] 'work' may be called 2 times in 60 s\. Try again in \d+ s\.$/u,
    );
    expect(runs).toBe(2);
  });

  test("counts each principal by itself, and each tool", async () => {
    running = await hostWith({ work: TWICE_A_MINUTE, other: TWICE_A_MINUTE });
    const words: string[] = [];
    for (const who of ["ada", "ada", "ada", "bob"]) {
      words.push(wordFor(await callAs(running, who, "work")));
    }
    words.push(wordFor(await callAs(running, "ada", "other")));
    expect(words).toEqual(["ok", "ok", "rate_limited", "ok", "ok"]);
  });

  test("does not confuse principals whose names look like a tool's", async () => {
    running = await hostWith({ work: TWICE_A_MINUTE });
    const names = ['a","p', "a", "a\\", "p"];
    for (const name of [...names, ...names]) {
      expect(wordFor(await callAs(running, name, "work"))).toBe("ok");
    }
  });

  test("lets a call through again when its time has passed", async () => {
    const rate = { calls: 1, per: 0.05 };
    running = await hostWith({ work: { config: { policy: { rate } } } });
    const host = running;
    await callAs(host, "ada", "work");
    await expect.poll(async () => wordFor(await callAs(host, "ada", "work"))).toBe("ok");
  });

  test("does not count what was turned away for its size", async () => {
    const config = { server: { limits: { maxArgumentChars: 100 } } };
    running = await hostWith({ work: TWICE_A_MINUTE }, { config });
    const args = { text: "x".repeat(200) };
    for (let call = 0; call < 5; call++) {
      expect(wordFor(await callAs(running, "ada", "work", { args }))).toBe("arguments_too_large");
    }
    expect(wordFor(await callAs(running, "ada", "work"))).toBe("ok");
  });
});
