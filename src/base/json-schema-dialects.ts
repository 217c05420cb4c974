import type { Ajv, Options } from "ajv";
import type { JsonSchema } from "../plugin-api/index.ts";

/** One compiler per dialect, made when it is first needed: each compiles the dialect's own schema. */
const DIALECTS: ReadonlyMap<string, () => Promise<Ajv>> = new Map([
  [
    "https://json-schema.org/draft/2020-12/schema",
    once(async () => (await import("ajv/dist/2020.js")).Ajv2020),
  ],
  [
    "https://json-schema.org/draft/2019-09/schema",
    once(async () => (await import("ajv/dist/2019.js")).Ajv2019),
  ],
  ["http://json-schema.org/draft-07/schema", once(async () => (await import("ajv")).Ajv)],
]);
const DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema";

export const KNOWN_DIALECTS: readonly string[] = [...DIALECTS.keys()];

/** The compiler for the dialect that a schema names, by default 2020-12; undefined if it names one that is not known. */
export async function ajvFor(schema: JsonSchema): Promise<Ajv | undefined> {
  const named = schema["$schema"] ?? DEFAULT_DIALECT;
  return typeof named === "string" ? DIALECTS.get(named.replace(/#$/u, ""))?.() : undefined;
}

type AjvClass = new (options: Options) => Ajv;

function once(load: () => Promise<AjvClass>): () => Promise<Ajv> {
  let made: Promise<Ajv> | undefined;
  return () => (made ??= make(load));
}

async function make(load: () => Promise<AjvClass>): Promise<Ajv> {
  const [AjvOfDialect, { default: addFormats }] = await Promise.all([
    load(),
    import("ajv-formats"),
  ]);
  const ajv = new AjvOfDialect({
    allErrors: true,
    strict: false,
    useDefaults: true,
    // Without it a property named "constructor" is found on every object's prototype.
    ownProperties: true,
    // Two tools may use the same `$id`.
    addUsedSchema: false,
    logger: false,
  });
  addFormats.default(ajv);
  return ajv;
}
