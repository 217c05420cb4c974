import { Ajv } from "ajv";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const URL_WITH_PASSWORD = "postgres://me:hunter2hunter2@db:5432/app";

function load(storage: unknown, env = {}): ReturnType<typeof loadConfig> {
  const text = JSON.stringify({ storage });
  return loadConfig(join(tempFolder({ "mcp.config.json": text }), "mcp.config.json"), env);
}

/** What is said of a configuration that is refused. */
function complaint(storage: unknown, env = {}): string {
  try {
    load(storage, env);
  } catch (error) {
    return (error as Error).message.split("\n").slice(1).join("\n");
  }
  throw new Error("It was taken");
}

describe("storage", () => {
  test("is a file of SQLite, within bounds, unless somebody says otherwise", () => {
    expect(load({}).config.storage).toEqual({
      backend: "sqlite",
      maxValueChars: 1_048_576,
      maxKeys: 10_000,
    });
  });

  test("has its file beside the configuration, and its address from the environment", () => {
    const { config, file } = load({ file: "data/kept.sqlite" });
    expect(config.storage.file).toBe(join(file ?? "", "..", "data/kept.sqlite"));
    const servers = [
      ["postgres", URL_WITH_PASSWORD],
      ["postgres", "postgresql:///app"],
      ["mongodb", "mongodb://a:1,b:2/app?replicaSet=r"],
      ["mongodb", "mongodb+srv://me:pw@cluster.example.com/app"],
    ] as const;
    for (const [backend, url] of servers) {
      expect(load({ backend, url: "${DB}" }, { DB: url }).config.storage.url).toBe(url);
    }
  });

  test("does not tell plugins its address", () => {
    const env = { DB: URL_WITH_PASSWORD, OTHER: "kept" };
    const { pluginEnv } = load({ backend: "postgres", url: "${DB}" }, env);
    expect(pluginEnv).toEqual({ OTHER: "kept" });
  });

  test.each<[unknown, string]>([
    [{ backend: "redis" }, '"sqlite" or "memory" or "postgres" or "mongodb", found "redis"'],
    [{ backend: 5 }, "storage.backend: expected"],
    ["sqlite", "storage: expected an object"],
    [{ path: "x" }, "storage.path: is not a known key"],
    [{ backend: "postgres" }, 'storage: "postgres" needs a "url". Give one, as "${DATABASE_URL}"'],
    [{ backend: "mongodb" }, 'storage: "mongodb" needs a "url"'],
    [{ backend: "postgres", url: "db.example.com" }, "storage.url: is no address of a database"],
    [{ backend: "postgres", url: "mongodb://h/d" }, "Write it as postgres://user@host"],
    [{ backend: "postgres", url: "postgres://a b/c" }, "storage.url: is no address of a database"],
    [
      { backend: "mongodb", url: "mongodb://host" },
      "Write it as mongodb://user@host:27017/database",
    ],
    [
      { url: "postgres://h/d" },
      'storage.url: means nothing to "sqlite". Remove it, or set "backend"',
    ],
    [{ backend: "memory", file: "x" }, 'storage.file: means nothing to "memory". Remove it'],
    [
      { backend: "postgres", url: "postgres://h/d", file: "x" },
      'storage.file: means nothing to "postgres"',
    ],
    [{ backend: "postgres", url: "${DB}" }, "needs the environment variable DB"],
    [{ backend: "postgres", url: "${DB:-}" }, "storage.url: is no address of a database"],
    [{ maxKeys: 0 }, "storage.maxKeys: expected more than 0"],
    [{ maxValueChars: 5_000_000 }, "storage.maxValueChars: expected at most 4194304"],
  ])("that cannot be is refused: %j", (storage, words) => {
    expect(complaint(storage)).toContain(words);
  });

  test("has no password in the file, and none that is wrong is shown", () => {
    const literal = complaint({ backend: "postgres", url: URL_WITH_PASSWORD });
    expect(literal).toContain(
      'storage.url: has a password in it, which must come from the environment: write "${DATABASE_URL}"',
    );
    const wrong = complaint({ backend: "mongodb", url: "${DB}" }, { DB: URL_WITH_PASSWORD });
    for (const text of [literal, wrong]) expect(text).not.toContain("hunter2");
    load({ backend: "postgres", url: "postgres://me:${PW}@db/app" }, { PW: "hunter2hunter2" });
  });

  test("is in the schema that editors use", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      configJsonSchema(new Map()),
    );
    expect(validate({ storage: { backend: "postgres", url: "${DB}" } })).toBe(true);
    expect(validate({ storage: { backend: "redis" } })).toBe(false);
    expect(validate({ storage: { maxKeys: 0 } })).toBe(false);
  });
});
