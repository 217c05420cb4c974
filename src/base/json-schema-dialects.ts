import type { Ajv, Options } from "ajv";
import type { JsonSchema } from "../plugin-api/index.ts";
import { compiledMetaSchema } from "./meta-schemas.ts";

type AjvClass = new (options: Options) => Ajv;

const CLASSES: ReadonlyMap<string, () => Promise<AjvClass>> = new Map([
  [
    "https://json-schema.org/draft/2020-12/schema",
    async () => (await import("ajv/dist/2020.js")).default.Ajv2020,
  ],
  [
    "https://json-schema.org/draft/2019-09/schema",
    async () => (await import("ajv/dist/2019.js")).default.Ajv2019,
  ],
  ["http://json-schema.org/draft-07/schema", async () => (await import("ajv")).default.Ajv],
]);
const DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema";

export const KNOWN_DIALECTS: readonly string[] = [...CLASSES.keys()];

/** One compiler per dialect, made when it is first needed. */
const compilers = new Map<string, Promise<Ajv>>();

/** The compiler for the dialect that a schema names, by default 2020-12; undefined if it names one that is not known. */
export async function ajvFor(schema: JsonSchema): Promise<Ajv | undefined> {
  const named = schema["$schema"] ?? DEFAULT_DIALECT;
  if (typeof named !== "string") return undefined;
  const dialect = named.replace(/#$/u, "");
  const load = CLASSES.get(dialect);
  if (load === undefined) return undefined;
  const known = compilers.get(dialect) ?? make(dialect, load);
  compilers.set(dialect, known);
  return known;
}

async function make(dialect: string, load: () => Promise<AjvClass>): Promise<Ajv> {
  const [AjvOfDialect, { default: addFormats }, metaSchema] = await Promise.all([
    load(),
    import("ajv-formats"),
    compiledMetaSchema(dialect),
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
  const ofDialect = ajv.schemas[dialect];
  if (metaSchema !== undefined && ofDialect !== undefined) ofDialect.validate = metaSchema;
  return ajv;
}
