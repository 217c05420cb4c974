import type { Client } from "../faults/clients/client.ts";

/** One kind of call, and how often it comes among a hundred. */
interface Kind {
  readonly share: number;
  /** Resolves with what was wrong with the answer, if anything. */
  run(client: Client): Promise<string | undefined>;
}

function call(share: number, tool: string, good: RegExp): Kind {
  return {
    share,
    run: async (client) => {
      const { text, code } = await client.call(tool, { words: "la", ms: 5 }, { progress: true });
      const got = `${code ?? "ok"} ${text.slice(0, 80)}`;
      return good.test(got) ? undefined : `${tool}: ${got}`;
    },
  };
}

/** A call that its client does not wait for. */
const cancelled: Kind = {
  share: 3,
  run: async (client) => {
    const sent = client.start("wait", { ms: 1_000 });
    sent.answer.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await sent.cancel();
    return undefined;
  },
};

// A plugin whose process is ended answers some of its other calls with that, and repeats the rest.
const KINDS: readonly Kind[] = [
  call(48, "sing", /^ok la/u),
  call(25, "echo", /^(?:ok|timeout|plugin_restarted|plugin_unavailable)/u),
  call(8, "throws", /^(?:tool_error|circuit_open|plugin_|timeout)/u),
  call(5, "odd", /^(?:invalid_result|circuit_open|plugin_|timeout)/u),
  call(3, "notes", /^(?:ok|plugin_|timeout)/u),
  call(3, "long", /^(?:ok|plugin_|timeout)/u),
  call(2, "late", /^(?:timeout|circuit_open|plugin_)/u),
  call(3, "no_such_tool", /^-32602/u),
  cancelled,
];
const TOTAL = KINDS.reduce((sum, { share }) => sum + share, 0);

/** One call at random. */
export function next(): Kind {
  let at = Math.random() * TOTAL;
  return KINDS.find(({ share }) => (at -= share) < 0) ?? cancelled;
}

/** Takes the plugin's process down, so that it has to be ended and started. */
export const LOOP = call(0, "loop", /^(?:timeout|circuit_open|plugin_)/u);
