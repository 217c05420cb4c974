import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { spread } from "./report.mjs";
import { ratios } from "./statistics.mjs";

/** As large as what plugins and tasks keep mostly are. */
const VALUE = { status: "running", progress: 0.5, note: "x".repeat(150) };
/** What everything is compared with: the default. */
const BASE = "sqlite";

/** @typedef {{ name: string, run: (key: string) => Promise<unknown> }} Work */

/**
 * Times puts and gets of every backend in turn, one after the other, and writes the table.
 * @param {object} options
 * @param {string} options.cli
 * @param {string} options.folder
 * @param {number} options.rounds
 * @param {number} options.operations of each kind in a round
 * @param {string | undefined} options.postgres address of a database that may be written to
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function storageSeries({ cli, folder, rounds, operations, postgres, note }) {
  note(`storage: ${rounds} rounds of ${operations} operations`);
  const url = new URL("../backends/storage/open.js", pathToFileURL(cli)).href;
  const { createStorage } = await import(url);
  const settings = [
    { backend: "memory" },
    { backend: BASE, file: join(folder, "storage.sqlite") },
    ...(postgres === undefined ? [] : [{ backend: "postgres", url: postgres }]),
  ];
  const namespace = `bench ${Date.now()}`;
  const subjects = settings.map(({ backend, ...place }) => {
    const storage = createStorage({ backend, ...place }, folder);
    return { backend, storage, works: worksOf(storage, namespace) };
  });
  /** @type {Map<string, number[]>} by backend and kind of work */
  const found = new Map();
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const { backend, works } of subjects) {
      for (const { name, run } of works) {
        const us = await timed(run, round, operations);
        if (round === 0) continue;
        const known = found.get(`${backend} ${name}`) ?? [];
        found.set(`${backend} ${name}`, [...known, us]);
      }
    }
  }
  for (const { storage } of subjects) {
    for (const key of await storage.keys(namespace, { limit: 1_000_000 })) {
      await storage.delete(namespace, key);
    }
    await storage.close();
  }
  const kinds = subjects[0]?.works.map(({ name }) => name) ?? [];
  const rows = subjects.map(({ backend }) => {
    const cells = kinds.flatMap((kind) => {
      const us = found.get(`${backend} ${kind}`) ?? [];
      const base = found.get(`${BASE} ${kind}`) ?? [];
      return [spread(us, 1), backend === BASE ? "" : spread(ratios(us, base), 2)];
    });
    return `| ${[backend, ...cells].join(" | ")} |`;
  });
  const head = ["backend", ...kinds.flatMap((kind) => [`${kind}, µs`, `× ${BASE}`])];
  return [
    "### Storage",
    "",
    `| ${head.join(" | ")} |`,
    `| ${head.map((_, index) => (index === 0 ? "---" : "--:")).join(" | ")} |`,
    ...rows,
    "",
    postgres === undefined ? "PostgreSQL was not measured: give its address with --postgres." : "",
  ].join("\n");
}

/**
 * @param {any} storage
 * @param {string} namespace
 * @returns {readonly Work[]}
 */
function worksOf(storage, namespace) {
  let version = 0;
  return [
    { name: "put a new key", run: (key) => storage.put(namespace, key, VALUE) },
    {
      name: "compare and set",
      run: async () => {
        version = await storage.put(namespace, "lease", VALUE, { ifVersion: version });
        if (version === undefined) throw new Error("nobody else has the lease");
      },
    },
    {
      name: "get",
      run: async (key) => {
        const entry = await storage.get(namespace, key);
        if (entry?.value.status !== VALUE.status)
          throw new Error(`wrong: ${JSON.stringify(entry)}`);
      },
    },
  ];
}

/**
 * @param {Work["run"]} run
 * @param {number} round
 * @param {number} operations
 */
async function timed(run, round, operations) {
  const startedAt = performance.now();
  for (let done = 0; done < operations; done++) await run(`${round} ${done}`);
  return ((performance.now() - startedAt) * 1_000) / operations;
}
