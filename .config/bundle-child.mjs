// Puts the program of a plugin's process, with all that it needs, into a few files: every module that Node loads by itself
// takes some 80 KiB, in every process.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "dist/src/isolation");

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [join(folder, "child.js")],
  outdir: folder,
  allowOverwrite: true,
  bundle: true,
  metafile: true,
  format: "esm",
  platform: "node",
  target: "node20.20",
  // What is imported when it is needed stays in files of its own, beside the program: code finds others from its own place.
  splitting: true,
  chunkNames: "child-[name]-[hash]",
  // Only plugins bring them.
  external: ["jiti", "zod", "zod-to-json-schema"],
});

const packages = new Set(
  Object.keys(metafile.inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(path)?.[0] ?? [],
  ),
);
const licences = [...packages].toSorted().map((path) => {
  const { name, version } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/iu.test(entry));
  if (file === undefined) throw new Error(`${path} has no licence to pass on`);
  return `${name} ${version}\n\n${readFileSync(join(root, path, file), "utf8").trim()}\n`;
});
writeFileSync(
  join(root, "dist/third-party-licenses.txt"),
  `The built host contains code of these packages.\n\n${licences.join(`\n${"-".repeat(72)}\n\n`)}`,
);
