import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Fault } from "../fault.ts";
import type { Scene } from "../scene.ts";
import { PLUGINS } from "../server-process.ts";

const BAD = join(PLUGINS, "../../fixtures/bad-plugins/plugins");
const bad = (...names: readonly string[]): string[] => names.map((name) => join(BAD, name));

/** Public names of all tools. */
async function toolNames(scene: Scene): Promise<readonly string[]> {
  const { message } = await scene.client.request("tools/list").answer;
  const tools = (message.result?.["tools"] ?? []) as readonly { name: string }[];
  return tools.map(({ name }) => name);
}

/** What the server says of its plugins. */
async function states(scene: Scene): Promise<Readonly<Record<string, string>>> {
  const uri = "agentflow://plugins";
  const { message } = await scene.client.request("resources/read", { uri }).answer;
  const [content] = (message.result?.["contents"] ?? []) as readonly { text: string }[];
  const list = JSON.parse(content?.text ?? "") as readonly { id: string; state: string }[];
  return Object.fromEntries(list.map(({ id, state }) => [id, state]));
}

/** Plugins that do not load: each is named as failed, and its neighbours are served. */
function doesNotLoad(what: string, plugins: readonly string[], ids: readonly string[]): Fault {
  return {
    id: "B6",
    what,
    plugins: [...plugins, "crashes"],
    run: async (scene) => {
      const found = await states(scene);
      for (const id of ids) assert.equal(found[id], "failed", `${id}: ${JSON.stringify(found)}`);
      await scene.isBack();
    },
  };
}

const EVIL = "export default { name: 'evil', version: '1.0.0' };\n";
/** What a package may name as its entry, and must not get. */
const ENTRIES = [
  "../evil.mjs",
  "../allowed_evil/index.mjs",
  "./../../evil.mjs",
  "/etc/hostname",
  "link.mjs",
  "linked/index.mjs",
  "a\0b.mjs",
  "..\\evil.mjs",
];

/** Listens for whoever follows a `$ref` over the network. */
const refListener = createServer((_, response) => response.end("{}"));
let followed = 0;
refListener.on("request", () => (followed += 1));
refListener.listen(0, "127.0.0.1").unref();

/** What is wrong with a plugin before it is called. */
export const PLUGINS_FOUND: readonly Fault[] = [
  {
    id: "B1",
    what: "a tool name that is taken, or looks like it",
    plugins: ["twin-of-canary"],
    run: async (scene) => {
      const names = await toolNames(scene);
      assert.equal(names.filter((name) => name.toLowerCase() === "sing").length, 1);
      assert.equal((await scene.call("own")).text, "own");
      assert.equal((await scene.call("sing", { words: "mine" })).text, "mine");
      await scene.server.stderr.line(/twin-of-canary.*sing/u);
    },
  },
  {
    id: "B2",
    what: "odd tool names",
    plugins: ["odd-names"],
    run: async (scene) => {
      const names = await toolNames(scene);
      for (const name of names) assert.match(name, /^[A-Za-z0-9_.-]{1,128}$/u);
      assert.equal((await scene.call("constructor")).text, "my own constructor");
      for (const name of ["__proto__", "toString", "hasOwnProperty", "two words"]) {
        assert.equal((await scene.call(name)).code, -32_602, name);
      }
      await scene.isBack();
    },
  },
  {
    id: "B3",
    what: "odd schemas",
    plugins: ["odd-schemas"],
    run: async (scene) => {
      const before = followed;
      const names = await toolNames(scene);
      for (const name of [
        "invalid",
        "unknown_dialect",
        "network_ref",
        "bad_pattern",
        "wide",
        "deep",
      ]) {
        assert(!names.includes(name), `${name} is served`);
        await scene.server.stderr.line(new RegExp(`"${name}"|'${name}'`, "u"));
      }
      assert(names.includes("self_ref"), "a schema may refer to itself");
      for (const name of names.filter((one) => !["ping", "sing", "wait"].includes(one))) {
        const { text } = await scene.call(name, { again: { again: {} } });
        assert.match(text, /accepted|\[invalid_arguments\]|\[tool_error\]/u, name);
      }
      await scene.isBack();
      assert.equal(followed, before, "a $ref was followed over the network");
    },
    prepare: (folder) => {
      const { port } = refListener.address() as AddressInfo;
      writeFileSync(join(folder, "listener.txt"), `http://127.0.0.1:${port}`);
    },
    // Not known from the run before: the listener would be another.
    server: { dataDirectory: "data" },
  },
  doesNotLoad(
    "import throws, wrong syntax, missing package, wrong addon",
    [...bad("throws-on-import.mjs", "broken-syntax.mjs", "package-not-installed.mjs"), "bad-addon"],
    ["throws-on-import", "broken-syntax", "package-not-installed", "bad-addon"],
  ),
  doesNotLoad("import never ends", bad("hangs-on-import.mjs"), ["hangs-on-import"]),
  {
    id: "B7",
    what: "an entry outside the plugin's folder",
    plugins: ["./entries"],
    files: {
      "evil.mjs": EVIL,
      "allowed_evil/index.mjs": EVIL,
      ...Object.fromEntries(
        ENTRIES.map((entry, index) => [
          `entries/allowed-${index}/package.json`,
          JSON.stringify({ name: `allowed-${index}`, agentflow: { entry } }),
        ]),
      ),
    },
    prepare: (folder) => {
      for (const index of ENTRIES.keys()) {
        const own = join(folder, "entries", `allowed-${index}`);
        symlinkSync(join(folder, "evil.mjs"), join(own, "link.mjs"));
        symlinkSync(join(folder, "allowed_evil"), join(own, "linked"));
      }
    },
    run: async (scene) => {
      const found = await states(scene);
      for (const index of ENTRIES.keys()) assert.equal(found[`allowed-${index}`], "failed");
      assert.equal(found["entries"], undefined);
    },
  },
];
