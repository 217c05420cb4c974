import assert from "node:assert/strict";
import type { Fault } from "../fault.ts";
import { isAlive } from "../../helpers/is-alive.ts";
import type { Scene } from "../scene.ts";
import { until } from "../waiting.ts";

const SECRET = /AKIAFAULT|etc\/secret/u;
const SHAPES = [
  "null",
  "undefined",
  "text",
  "symbol",
  "frozen",
  "getter",
  "unprintable",
  "proxy",
  "cycle",
];
const BOTH = ["2025-11-25", "2026-07-28"] as const;

async function fails(
  scene: Scene,
  tool: string,
  code: string,
  args?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const answer = await scene.call(tool, args);
  assert.equal(answer.code, code, `${tool} ${JSON.stringify(args ?? {})}: ${answer.text}`);
  assert.doesNotMatch(JSON.stringify(answer.message), SECRET);
}

/** Its process ends under the call, and the plugin is back. */
function endsItself(plugin: string, what: string): Fault {
  return {
    id: "A9",
    what,
    plugins: [plugin],
    run: async (scene) => {
      await fails(scene, "end", "plugin_crashed");
      await scene.isBack();
    },
  };
}

/** What a plugin does wrong while it carries out a call. */
export const PLUGINS_AT_WORK: readonly Fault[] = [
  {
    id: "A1",
    what: "throws, anything",
    plugins: ["throws"],
    run: async (scene) => {
      for (const shape of SHAPES) {
        await fails(scene, "throw_at_once", "tool_error", { shape });
        await fails(scene, "throw_later", "tool_error", { shape });
      }
    },
  },
  {
    id: "A2",
    what: "rejects, or is done, after its time",
    plugins: ["late"],
    eras: BOTH,
    run: async (scene) => {
      await fails(scene, "rejects", "tool_error");
      await Promise.all([
        fails(scene, "rejects_late", "timeout"),
        fails(scene, "resolves_late", "timeout"),
      ]);
      await scene.isBack();
    },
  },
  {
    id: "A3",
    what: "throws from a timer, rejects unhandled",
    plugins: ["afterwards"],
    run: async (scene) => {
      for (const tool of ["throw_from_timer", "reject_unhandled"]) {
        const { pid } = await processOf(scene);
        const sibling = scene.call("wait", { ms: 500, tag: tool });
        assert.equal((await scene.call(tool)).text, "all is well");
        const { text, code } = await sibling;
        assert.equal(code, undefined, `the sibling, which may be repeated: ${text}`);
        assert.notEqual((await processOf(scene)).pid, pid, "the process was not restarted");
      }
    },
  },
  {
    id: "A4",
    what: "loops for ever",
    plugins: ["blocks"],
    eras: BOTH,
    run: async (scene) => {
      await fails(scene, "loop", "timeout");
      await scene.isBack();
      await fails(scene, "loop_in_writer", "outcome_unknown");
      await scene.isBack();
    },
  },
  {
    id: "A5",
    what: "backtracks for ever, in code and in its schema",
    plugins: ["blocks"],
    run: async (scene) => {
      const text = `${"a".repeat(50)}!`;
      await fails(scene, "backtrack", "timeout", { text });
      await scene.isBack();
      await fails(scene, "checked", "timeout", { text });
      await scene.isBack();
    },
  },
  {
    id: "A6",
    what: "blocks for four seconds, within its time",
    plugins: ["blocks"],
    run: async (scene) => {
      const before = await processOf(scene);
      assert.equal((await scene.call("block", { ms: 4_000 })).text, "done");
      assert.deepEqual(await processOf(scene), before);
      await scene.server.stderr.line(/plugin does not respond/u);
      await scene.server.stderr.line(/plugin responds again/u);
    },
  },
  {
    id: "A7",
    what: "fills its heap",
    plugins: ["hogs"],
    settings: { hogs: { memoryLimit: 128 } },
    run: async (scene) => {
      await fails(scene, "heap", "plugin_crashed");
      await scene.isBack();
    },
  },
  {
    id: "A8",
    what: "takes memory beside the heap",
    plugins: ["hogs"],
    settings: { hogs: { memoryLimit: 160 } },
    run: async (scene) => {
      await fails(scene, "buffers", "plugin_crashed");
      await scene.server.stderr.line(/MiB of memory; 160 are allowed/u);
      await scene.isBack();
    },
  },
  endsItself("exits", "exits with 0"),
  endsItself("aborts", "aborts"),
  endsItself("segfaults", "segmentation fault"),
  endsItself("kills-itself", "kills itself"),
  {
    id: "A9",
    what: "kills the host",
    plugins: ["kills-host"],
    needs: "a sandbox",
    run: async (scene) => fails(scene, "end", "plugin_crashed"),
  },
  {
    id: "A10",
    what: "prints to stdout, by itself and through a child",
    plugins: ["prints"],
    run: async (scene) => {
      assert.equal((await scene.call("print")).text, "printed");
      for (const way of ["console.log", "stdout.write", "writeSync", "grandchild"]) {
        await scene.server.stderr.line(new RegExp(`printed: ${way}`, "u"));
      }
    },
  },
  {
    id: "A10",
    what: "writes to /proc/<host>/fd/1",
    plugins: ["prints"],
    on: "stdio",
    // As a shell connects programs: what Node connects its children with cannot be opened anew.
    wrapper: ["sh", "-c", '"$0" "$@" | cat'],
    needs: "a sandbox",
    run: async (scene) => {
      await scene.call("print_past_host");
    },
  },
  {
    id: "A11",
    what: "garbage and forged answers on its channel",
    plugins: ["garbles"],
    run: async (scene) => {
      await fails(scene, "garble", "plugin_crashed", { kind: "bytes" });
      await fails(scene, "garble", "plugin_crashed", { kind: "json" });
    },
  },
  {
    id: "A11",
    what: "forged messages on its channel",
    plugins: ["garbles"],
    run: async (scene) => {
      await fails(scene, "garble", "plugin_crashed", { kind: "forged" });
      await fails(scene, "garble", "plugin_crashed", { kind: "note" });
    },
  },
  {
    id: "A12",
    what: "answers with 30 MiB, 200,000 blocks, 100,000 levels",
    plugins: ["floods"],
    run: async (scene) => {
      await fails(scene, "long_text", "result_too_large");
      await fails(scene, "many_blocks", "result_too_large");
      await fails(scene, "deep", "invalid_result");
    },
  },
  {
    id: "A13",
    what: "floods progress, logs and stdout",
    plugins: ["floods"],
    eras: BOTH,
    run: async (scene) => {
      const began = performance.now();
      const flood = await scene.call("notes", { count: 30_000 }, { progress: true });
      const seconds = (performance.now() - began) / 1_000;
      assert.equal(flood.text, "at last");
      // Ten a second, and a first hundred of messages.
      assert(flood.notes <= 110 + 20 * (seconds + 1), `${flood.notes} notes in ${seconds} s`);
      assert.equal((await scene.call("prints")).text, "at last");
      await scene.server.stderr.line(/more lines\)/u);
    },
  },
  {
    id: "A14",
    what: "ignores its signal",
    plugins: ["blocks"],
    run: async (scene) => {
      const before = await processOf(scene);
      const calls = Array.from({ length: 8 }, () => scene.call("ignore_signal"));
      // Whoever came late may share the end of the first.
      for (const { code } of await Promise.all(calls)) {
        assert.match(String(code), /^timeout$|^plugin_restarted$/u);
      }
      await until(async () => {
        const { code, text } = await scene.call("ping");
        return code === undefined && text !== before.text;
      }, "another process");
    },
  },
  {
    id: "A15",
    what: "hangs while it is loaded",
    plugins: ["slow-to-load"],
    run: async (scene) => fails(scene, "ping", "plugin_unavailable"),
  },
  {
    id: "A15",
    what: "hangs while it is unloaded",
    plugins: ["slow-to-unload"],
    // That the host ends with 0 is looked at in every row.
    run: async (scene) => {
      await scene.isBack();
    },
  },
  {
    id: "A16",
    what: "crashes again and again",
    plugins: ["crashes"],
    run: async (scene) => {
      for (let crash = 1; crash <= 3; crash++) await fails(scene, "crash", "plugin_crashed");
      const { code, retryAfterMs = 0 } = await scene.call("ping");
      assert.equal(code, "plugin_unavailable");
      assert(retryAfterMs > 200_000 && retryAfterMs <= 300_000, `again in ${retryAfterMs} ms`);
    },
  },
  {
    id: "A17",
    what: "pollutes prototypes, in code and by arguments",
    plugins: ["pollutes", "witness"],
    settings: { witness: { isolation: "inline" } },
    run: async (scene) => {
      await scene.call("pollute");
      const args = JSON.parse('{"__proto__":{"polluted":"yes"}}') as Record<string, unknown>;
      const nested = JSON.parse('{"a":[{"__proto__":{"polluted":"yes"}}]}') as typeof args;
      assert.equal((await scene.call("keys", args)).code, -32_602);
      await fails(scene, "keys", "invalid_arguments", nested);
      const { text } = await scene.call("look");
      assert.equal((JSON.parse(text) as { polluted?: string }).polluted, undefined);
    },
  },
  {
    id: "A18",
    what: "leaks timers, files, sockets and children",
    plugins: ["leaks"],
    run: async (scene) => {
      const { text, code } = await scene.call("leak");
      assert.equal(code, undefined, text);
      await fails(scene, "crash", "plugin_crashed");
      await until(() => !isAlive(Number(text)), "the child it left has ended");
      await scene.isBack();
    },
  },
  {
    id: "A19",
    what: "answers with what JSON does not have",
    plugins: ["odd-values"],
    run: async (scene) => {
      const odd = [
        "bigint",
        "nan",
        "infinity",
        "minus_infinity",
        "cycle",
        "sparse",
        "undefined_item",
        "symbol",
        "function",
        "half_character",
        "invalid_date",
        "map",
      ];
      for (const kind of odd) await fails(scene, "give", "invalid_result", { kind });
      await fails(scene, "give", "tool_error", { kind: "to_json_throws" });
      await fails(scene, "give_nothing", "invalid_result");
      const date = await scene.call("give", { kind: "date" });
      assert.match(JSON.stringify(date.message), /1970-01-01T00:00:00\.000Z/u);
    },
  },
  {
    id: "A20",
    what: "breaks its outputSchema",
    plugins: ["odd-values"],
    run: async (scene) => fails(scene, "break_promise", "invalid_result"),
  },
];

async function processOf(scene: Scene): Promise<{ readonly text: string; readonly pid: number }> {
  const { text } = await scene.call("ping");
  return { text, pid: Number(/\d+$/u.exec(text)?.[0]) };
}
