// Puts compiled meta-schemas in place of dist/src/base/meta-schemas.js: a module for each dialect of JSON Schema.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { ajvFor, KNOWN_DIALECTS } from "../dist/src/base/json-schema-dialects.js";

const folder = fileURLToPath(new URL("../dist/src/base/", import.meta.url));

const entries = [];
for (const dialect of KNOWN_DIALECTS) {
  const ajv = await ajvFor({ $schema: dialect });
  // Looked at when a schema is compiled, which none has been yet.
  Object.assign(ajv.opts.code, { source: true, esm: true });
  const name = `meta-schema${dialect.replaceAll(/^.*\/draft|\/schema$/gu, "").replace("/", "-")}.js`;
  await build({
    stdin: {
      contents: standaloneCode.default(ajv, ajv.getSchema(dialect)),
      resolveDir: folder,
    },
    outfile: folder + name,
    bundle: true,
    format: "esm",
    target: "node20.20",
  });
  entries.push(`  [${JSON.stringify(dialect)}, () => import("./${name}")],`);
}

writeFileSync(
  `${folder}meta-schemas.js`,
  `const MODULES = new Map([
${entries.join("\n")}
]);
export async function compiledMetaSchema(dialect) {
  return (await MODULES.get(dialect)?.())?.default;
}
`,
);
