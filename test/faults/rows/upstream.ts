import assert from "node:assert/strict";
import type { Answer } from "../clients/client.ts";
import type { Fault } from "../fault.ts";
import type { Scene } from "../scene.ts";
import { GOOD, HALF, RESET, SILENT, status, Upstream, type Deed } from "../upstream.ts";
import { until } from "../waiting.ts";

interface Case {
  readonly name: string;
  readonly deeds: readonly Deed[];
  readonly hits: number;
  /** Default: a good answer. */
  readonly code?: string;
}

/** A fault that needs an upstream. */
function fault(
  id: string,
  what: string,
  run: (scene: Scene, upstream: Upstream) => Promise<void>,
): Fault {
  return {
    id,
    what,
    plugins: ["fetches"],
    run: async (scene) => {
      await using upstream = await Upstream.open();
      await run(scene, upstream);
    },
  };
}

const inTwoSeconds: Deed = (response) => {
  const date = new Date(Date.now() + 2_000).toUTCString();
  status(429, { "retry-after": date })(response);
};

const CASES: readonly Case[] = [
  { name: "503", deeds: [status(503), GOOD], hits: 2 },
  { name: "429 in 1 s", deeds: [status(429, { "retry-after": "1" }), GOOD], hits: 2 },
  { name: "429 at a date", deeds: [inTwoSeconds, GOOD], hits: 2 },
  { name: "429 before now", deeds: [status(429, { "retry-after": "-5" }), GOOD], hits: 2 },
  {
    name: "429 in 30 years",
    deeds: [status(429, { "retry-after": "1000000000" })],
    hits: 1,
    code: "tool_error",
  },
  { name: "reset", deeds: [RESET, GOOD], hits: 2 },
  { name: "half an answer", deeds: [HALF, GOOD], hits: 2 },
  { name: "404", deeds: [status(404)], hits: 1, code: "tool_error" },
];

async function get(scene: Scene, tool: string, { url }: Upstream): Promise<Answer> {
  return scene.call(tool, { url });
}

/** What goes wrong behind a plugin, and how often it is tried again. */
export const UPSTREAM: readonly Fault[] = [
  fault("F1", "5xx, 429, resets, half answers, no such host", async (scene, upstream) => {
    for (const { name, deeds, hits, code } of CASES) {
      upstream.will(...deeds);
      const answer = await get(scene, "get", upstream);
      assert.equal(answer.code, code, `${name}: ${answer.text}`);
      assert.equal(upstream.hits, hits, name);
      if (name === "429 in 30 years") assert((answer.retryAfterMs ?? 0) > 1_000_000, name);
    }
    upstream.will(GOOD);
    assert.equal((await get(scene, "get_unknown_host", upstream)).code, "tool_error");
    assert.equal(upstream.hits, 3);
  }),
  fault("F2", "a writing tool fails after it has sent", async (scene, upstream) => {
    for (const tool of ["send_and_hang", "send_and_end"]) {
      upstream.will(GOOD);
      const { code, text } = await get(scene, tool, upstream);
      // The second may still meet the process of the first.
      assert(code === "outcome_unknown" || code === "plugin_restarted", text);
      assert.match(text, /may or may not have taken effect/u);
      await scene.isBack();
      assert(upstream.hits <= 1, `${tool} was repeated`);
    }
  }),
  fault("F3", "a reading tool fails twice, and for ever", async (scene, upstream) => {
    upstream.will(status(503), status(503), GOOD);
    assert.equal((await get(scene, "get", upstream)).text, "good");
    assert.equal(upstream.hits, 3);
    upstream.will(status(503));
    assert.equal((await get(scene, "get", upstream)).code, "tool_error");
    assert.equal(upstream.hits, 3);
  }),
  fault("F4", "two layers that both repeat", async (scene, upstream) => {
    upstream.will(status(503));
    assert.equal((await get(scene, "get_in_layers", upstream)).code, "tool_error");
    assert.equal(upstream.hits, 3);
  }),
  fault("F5", "an outage, with 300 waiting", async (scene, upstream) => {
    upstream.will(status(503));
    const calls = Array.from({ length: 300 }, () => get(scene, "get_carefully", upstream));
    const answers = await Promise.all(calls);
    const codes = new Set(answers.map(({ code }) => code));
    assert.deepEqual(
      [...codes].filter(
        (code) => !["tool_error", "circuit_open", "overloaded"].includes(`${code}`),
      ),
      [],
    );
    for (const { code, retryAfterMs = 0 } of answers) {
      if (code !== "tool_error") assert(retryAfterMs > 0, `${code} without a time to come back`);
    }
    // What has a slot when the circuit opens, and its repetitions.
    assert(upstream.hits <= 3 * 16 + 5, `${upstream.hits} requests in an outage`);
    upstream.will(GOOD);
    await until(
      async () => (await get(scene, "get_carefully", upstream)).text === "good",
      "it is tried again",
    );
  }),
  fault("F6", "an upstream that never answers", async (scene, upstream) => {
    upstream.will(SILENT);
    const { code, text } = await get(scene, "get_in_time", upstream);
    assert.equal(code, "timeout", text);
    assert(upstream.hits <= 3, `${upstream.hits} attempts`);
  }),
  {
    id: "F7",
    what: "one client floods a plugin with 500 calls",
    plugins: ["races"],
    run: async (scene) => {
      const calls = Array.from({ length: 500 }, () => scene.start("nap", { ms: 30 }));
      const answers = await Promise.all(calls.map(({ answer }) => answer));
      const refused = answers.filter(({ code }) => code !== undefined);
      for (const { code, retryAfterMs = 0 } of refused) {
        assert.equal(code, "overloaded");
        assert(retryAfterMs > 0);
      }
      assert(refused.length < 500, "nobody was served");
      for (const { id } of calls) assert.equal(scene.client.replies(id), 1);
    },
  },
];
