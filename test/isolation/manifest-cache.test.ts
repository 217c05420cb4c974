import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ManifestCache } from "../../src/isolation/manifest-cache.ts";
import { Processes } from "../../src/isolation/processes.ts";
import { readPackageInfo } from "../../src/host/package-info.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import {
  eventually,
  journal,
  openWorld,
  plugin,
  worldFolder,
  type World,
  type WorldOptions,
} from "./world.ts";

const GREET = `{ greet: tool(() => "hello") }`;

/** How often the plugin's process has been started. */
function starts(folder: string): number {
  return journal(folder).filter((line) => line.startsWith("import")).length;
}

function cacheFiles(folder: string): readonly string[] {
  return readdirSync(join(folder, "data/manifests")).map((name) =>
    join(folder, "data/manifests", name),
  );
}

function cacheFile(folder: string): string {
  const [file = "", ...others] = cacheFiles(folder);
  expect(others).toEqual([]);
  return file;
}

/** A world whose plugin has been described once, and has ended. */
async function described(more: Partial<WorldOptions> = {}): Promise<string> {
  const folder = worldFolder();
  const world = await openWorld({
    folder,
    plugins: { one: plugin(folder, "one", GREET) },
    ...more,
  });
  await world.stop();
  expect(starts(folder)).toBe(1);
  return folder;
}

describe("a cache of descriptions that cannot be used", () => {
  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["JSON of something else", '{"hello":"world"}'],
    ["a list", "[]"],
    [
      "a tool with a name that no client could call",
      (text: string) => text.replace("greet", "a b"),
    ],
    ["a tool without a schema", (text: string) => text.replace('"inputSchema"', '"schema"')],
  ])("is ignored, and written anew: %s", async (_what, text) => {
    const folder = await described();
    const file = cacheFile(folder);
    const good = readFileSync(file, "utf8");
    writeFileSync(file, typeof text === "string" ? text : text(good));
    const world = await openWorld({ folder });
    expect(starts(folder)).toBe(2);
    expect(await world.tools()).toContain("greet");
    expect(readFileSync(file, "utf8")).toBe(good);
    expect((await world.call("greet")).text).toBe("hello");
  });

  test("is one that cannot be read", async () => {
    const folder = await described();
    const file = cacheFile(folder);
    rmSync(file);
    mkdirSync(file);
    const world = await openWorld({ folder });
    expect((await world.call("greet")).text).toBe("hello");
    expect(starts(folder)).toBe(2);
  });

  test("is one that another host has written, of another version or for another Node", async () => {
    const folder = worldFolder();
    const file = join(tempFolder({ "one.mjs": plugin(folder, "one", GREET) }), "one.mjs");
    const log = { debug: unheard, info: unheard, warn: unheard, error: unheard };
    const cache = new ManifestCache(join(folder, "data"), log);
    const describeWith = async (hostVersion: string): Promise<void> => {
      const processes = new Processes({
        program: readPackageInfo().pluginProgram,
        env: {},
        log,
        onPrint: unheard,
        cache,
        eager: false,
      });
      const port = processes.open(
        { id: "one", entry: { file }, builtin: false, config: {}, hostVersion },
        { path: file, memoryBytes: 536_870_912, idleMs: 60_000 },
      );
      expect((await port.describe()).info.name).toBe("one");
      await port.close();
    };
    await describeWith("1.0.0");
    await describeWith("1.0.0");
    expect(starts(folder)).toBe(1);
    await describeWith("2.0.0");
    expect(starts(folder)).toBe(2);
  });
});

test.each([
  ["a file", (data: string) => writeFileSync(data, "")],
  [
    "a folder whose manifests are a file",
    (data: string) => {
      mkdirSync(data);
      writeFileSync(join(data, "manifests"), "");
    },
  ],
])("a data directory that is %s costs one warning, and nothing else", async (_what, make) => {
  const folder = worldFolder();
  make(join(folder, "data"));
  const plugins = {
    one: plugin(folder, "one", GREET),
    two: plugin(folder, "two", `{ wave: tool(() => "bye") }`),
  };
  const world = await openWorld({ folder, plugins });
  expect((await world.call("greet")).text).toBe("hello");
  expect((await world.call("wave")).text).toBe("bye");
  const warnings = world.log.filter(({ level }) => level === "warn");
  expect(warnings).toMatchObject([{ msg: "descriptions of plugins cannot be kept" }]);
});

describe("a plugin that has been described before", () => {
  test("is listed without its process, which starts with the first call", async () => {
    const folder = await described();
    const world = await openWorld({ folder });
    expect(await world.tools()).toContain("greet");
    expect(await world.plugin("one")).toMatchObject({ state: "serving" });
    expect(starts(folder)).toBe(1);
    expect((await world.call("greet")).text).toBe("hello");
    expect(starts(folder)).toBe(2);
  });

  test("is kept where nobody else may read it, once", async () => {
    const folder = await described();
    const [file = "", ...others] = cacheFiles(folder);
    expect(others).toEqual([]);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each<[string, (folder: string) => Partial<WorldOptions>]>([
    [
      "its file",
      (folder) => ({
        plugins: { one: plugin(folder, "one", `{ greet: tool(() => "hi"), wave: tool(() => 1) }`) },
      }),
    ],
    ["a file beside its own", () => ({ plugins: { _part: "export {};" } })],
    ["its configuration", () => ({ settings: { one: { config: { greeting: "hi" } } } })],
  ])("is described anew when this has changed: %s", async (_what, change) => {
    const folder = await described();
    await openWorld({ folder, ...change(folder) });
    expect(starts(folder)).toBe(2);
    expect(cacheFiles(folder)).toHaveLength(1);
  });

  test("is not described anew for what is none of its own", async () => {
    const folder = await described();
    await openWorld({
      folder,
      server: { dataDirectory: join(folder, "data"), name: "other" },
      settings: { one: { idleTimeout: 7 } },
      env: { ANY: "thing" },
    });
    expect(starts(folder)).toBe(1);
  });
});

/** Its tools stand in a file that does not belong to it. */
async function changed(): Promise<{ world: World; told: () => number; folder: string }> {
  const folder = worldFolder();
  const tools = join(folder, "tools.json");
  const source = plugin(
    folder,
    "one",
    `Object.fromEntries(JSON.parse(readFileSync(${JSON.stringify(tools)}, "utf8")).map((name) => [name, tool(() => name)]))`,
    "",
    `import { readFileSync } from "node:fs";`,
  );
  writeFileSync(tools, '["old", "both"]');
  await (await openWorld({ folder, plugins: { one: source } })).stop();
  writeFileSync(tools, '["both", "new"]');
  const world = await openWorld({ folder });
  let count = 0;
  world.client.setNotificationHandler("notifications/tools/list_changed", () => void count++);
  await world.client.listen({ toolsListChanged: true });
  return { world, told: () => count, folder };
}

describe("definitions that are not what they were when the plugin is really loaded", () => {
  test("replace those of the cache, and clients are told once", async () => {
    const { world, told, folder } = await changed();
    expect(await world.tools()).toEqual(expect.arrayContaining(["old", "both"]));
    expect((await world.call("both")).text).toBe("both");
    await eventually(async () => expect(await world.tools()).toContain("new"));
    expect(await world.tools()).not.toContain("old");
    await eventually(() => expect(told()).toBe(1));
    expect(readFileSync(cacheFile(folder), "utf8")).toContain('"new"');
    expect((await world.call("new")).text).toBe("new");
  });

  test("answer a call of what is gone with a clear error", async () => {
    const { world } = await changed();
    expect(await world.call("old")).toMatchObject({
      code: "plugin_unavailable",
      text: expect.stringContaining("'old' is gone") as string,
    });
  });
});

function unheard(): void {
  // Nobody listens.
}
