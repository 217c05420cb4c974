import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const MJS = `import { definePlugin, ToolError } from "agentflow-mcp/plugin";
import { z } from "zod";

export default definePlugin({
  name: "alone",
  version: "1.0.0",
  requires: ["agentflow-mcp>=0.1", "zod@^4"],
  tools: {
    shout: {
      description: "Says it louder.",
      inputSchema: z.object({ text: z.string(), times: z.int().default(1) }),
      handler: ({ text, times }) => {
        if (text === "") throw new ToolError("There is nothing to shout.", { code: "nothing" });
        return (text.toUpperCase() + "!").repeat(times);
      },
    },
  },
});
`;

const TS = `import { definePlugin, type ToolOutput } from "agentflow-mcp/plugin";
import type { Context } from "./parts/types.ts";
import * as z from "zod/v4";
import { quiet } from "./parts/quiet.ts";
import { Mark } from "./parts/mark.js";
import data from "./parts/data.json" with { type: "json" };

enum Volume {
  Low = "low",
  High = "high",
}

class Voice {
  constructor(private readonly mark: Mark, readonly volume: Volume) {}
  say(text: string): ToolOutput {
    const said = this.volume === Volume.High ? text.toUpperCase() : quiet(text);
    return (said as string) + this.mark + data.end;
  }
}

const volume = await Promise.resolve(Volume.High);

export default definePlugin({
  name: "alone",
  version: "1.0.0",
  tools: {
    shout: {
      inputSchema: z.object({ text: z.string() }),
      handler: ({ text }, context: Context): ToolOutput =>
        new Voice(Mark.Bang, context.attempt > 1 ? Volume.Low : volume).say(text),
    },
  },
});
`;

const TS_PARTS = {
  "parts/types.ts": "export interface Context { readonly attempt: number }\n",
  "parts/quiet.ts": "export const quiet = (text: string): string => text.toLowerCase();\n",
  // Imported as mark.js, as TypeScript wants it for Node.
  "parts/mark.ts": 'export enum Mark { Bang = "!", None = "" }\n',
  "parts/data.json": '{ "end": " (from TypeScript)" }',
};

const CJS = `const { definePlugin } = require("agentflow-mcp/plugin");
const { z } = require("zod");
const { twice } = require("./parts/twice.cjs");

module.exports = definePlugin({
  name: "alone",
  version: "1.0.0",
  tools: {
    shout: { inputSchema: z.object({ text: z.string() }), handler: ({ text }) => twice(text) },
  },
});
`;

/** In an empty folder, or in one whose path has spaces and other characters that URLs escape. */
function empty(files: Readonly<Record<string, string>>, under: string): string {
  const folder = join(tempFolder(), under);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}

const VARIANTS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ["alone.mjs", { "alone.mjs": MJS }, "HELLO!"],
  // Nothing says that this is an ES module but its syntax.
  ["alone.js", { "alone.js": MJS }, "HELLO!"],
  ["alone.ts", { "alone.ts": TS, ...TS_PARTS }, "HELLO! (from TypeScript)"],
  ["alone.mts", { "alone.mts": TS, ...TS_PARTS }, "HELLO! (from TypeScript)"],
  [
    "alone.cjs",
    {
      "alone.cjs": CJS,
      "parts/twice.cjs": "exports.twice = (text) => text + text;",
    },
    "hellohello",
  ],
];

describe.each(["plain", "with space, ümlaut & 100% #1"])("in the folder '%s'", (under) => {
  test.concurrent.each(VARIANTS)(
    "%s works with no node_modules near",
    async (file, files, text) => {
      const folder = empty(files, under);
      const result = await runCli(["call", "shout", "text=hello", "--plugins", file], {
        cwd: folder,
      });
      expect(result).toMatchObject({ code: 0, stdout: `${text}\n` });
    },
  );
});

test("list shows what one file offers", async () => {
  const folder = empty({ "alone.mjs": MJS }, "a b");
  const { code, stdout } = await runCli(["list", "--json", "--plugins", "alone.mjs"], {
    cwd: folder,
  });
  expect(code).toBe(0);
  const listing = JSON.parse(stdout) as { plugins: object[]; tools: object[] };
  expect(listing.plugins).toContainEqual({
    id: "alone",
    path: join(folder, "alone.mjs"),
    origin: "directory",
    named: true,
    state: "serving",
    stage: "serve",
    warnings: [],
    quarantined: [],
    info: { name: "alone", version: "1.0.0", requires: ["agentflow-mcp>=0.1", "zod@^4"] },
  });
  expect(listing.tools).toContainEqual(
    expect.objectContaining({ name: "shout", plugin: "alone", description: "Says it louder." }),
  );
});

test("a ToolError of one file is recognised, and its arguments are checked by the host's zod", async () => {
  const folder = empty({ "alone.mjs": MJS }, "plain");
  const call = (...args: string[]): ReturnType<typeof runCli> =>
    runCli(["call", "shout", ...args, "--plugins", "alone.mjs"], { cwd: folder });
  const [refused, wrong, repeated] = await Promise.all([
    call("text="),
    call("times=2"),
    call("text=a", "times=3"),
  ]);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/^\[nothing\] There is nothing to shout\./u);
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(/^\[invalid_arguments\] Invalid arguments: text: /u);
  expect(repeated).toMatchObject({ code: 0, stdout: "A!A!A!\n" });
});

test("a plugin's own zod is preferred to the host's", async () => {
  const folder = empty(
    {
      "alone.mjs": `import { z } from "zod"; import { mini } from "zod/mini";
export default {
  getPluginInfo: () => ({ name: "alone", version: "1.0.0" }),
  getToolsConfig: () => ({ whose: { handler: () => z + " " + mini } }),
};`,
      "node_modules/zod/package.json": JSON.stringify({
        name: "zod",
        version: "3.0.0",
        type: "module",
        exports: { ".": "./index.js", "./mini": "./mini.js" },
      }),
      "node_modules/zod/index.js": 'export const z = "the plugin\'s own";',
      "node_modules/zod/mini.js": 'export const mini = "zod";',
    },
    "own",
  );
  const result = await runCli(
    ["call", "whose", "message=hi", "--plugins", join(folder, "alone.mjs")],
    { cwd: tempFolder() },
  );
  expect(result).toMatchObject({ code: 0, stdout: "the plugin's own zod\n" });
});

test("the line of an error is found in a folder whose name URLs escape", async () => {
  const folder = empty(
    { "alone.mjs": '\n\nthrow new Error("no luck");\n', "typed.ts": "const a: string = ;\n" },
    "with space, ümlaut & 100% #1",
  );
  const { code, stdout } = await runCli(["check", "--plugins", folder]);
  expect(code).toBe(1);
  expect(stdout).toContain("#1/alone.mjs:3): no luck\n");
  expect(stdout).toContain("#1/typed.ts:1): Unexpected token\n");
});
