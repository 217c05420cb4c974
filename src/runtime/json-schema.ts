import type { Ajv, ErrorObject, Options } from "ajv";
import type { JsonSchema } from "../plugin-api/index.ts";
import type { Issue } from "../base/issues.ts";
import { toJson } from "./json-value.ts";
import type { CompiledSchema } from "./schemas.ts";

/** One compiler per dialect, made when it is first needed: each compiles the dialect's own schema. */
const DIALECTS: Readonly<Record<string, () => Promise<Ajv>>> = {
  "https://json-schema.org/draft/2020-12/schema": once(
    async () => (await import("ajv/dist/2020.js")).Ajv2020,
  ),
  "https://json-schema.org/draft/2019-09/schema": once(
    async () => (await import("ajv/dist/2019.js")).Ajv2019,
  ),
  "http://json-schema.org/draft-07/schema": once(async () => (await import("ajv")).Ajv),
};
const DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema";

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

/** Compiles a plain JSON Schema; it is published verbatim. Throws an Error that says what is wrong with it. */
export async function compileJsonSchema(given: JsonSchema): Promise<CompiledSchema> {
  const schema = toJson(given) as JsonSchema;
  const named = schema["$schema"] ?? DEFAULT_DIALECT;
  const dialect = typeof named === "string" ? DIALECTS[named.replace(/#$/u, "")] : undefined;
  if (dialect === undefined) {
    throw new Error(
      `names the dialect ${JSON.stringify(named)}; known are ${Object.keys(DIALECTS).join(", ")}`,
    );
  }
  if (schema["$async"] !== undefined) throw new Error("has '$async', which is not a JSON Schema");
  const ajv = await dialect();
  const validate = ajv.compile(schema);
  return {
    json: schema,
    validate: (value) =>
      validate(value) ? { ok: true, value } : { ok: false, issues: toIssues(validate.errors) },
  };
}

function toIssues(errors: readonly ErrorObject[] | null | undefined): readonly Issue[] {
  return (errors ?? []).map((error) => {
    const missing = error.params["missingProperty"] as string | undefined;
    const extra = error.params["additionalProperty"] as string | undefined;
    const allowed = error.params["allowedValues"] as readonly unknown[] | undefined;
    const parts = error.instancePath.split("/").slice(1).map(unescape);
    if (missing !== undefined) return { path: join([...parts, missing]), message: "is required" };
    if (extra !== undefined) return { path: join([...parts, extra]), message: "is not known" };
    const message = `${error.message ?? "is not valid"}${allowed ? `: ${allowed.join(", ")}` : ""}`;
    return { path: join(parts), message };
  });
}

function unescape(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function join(parts: readonly string[]): string {
  return parts.reduce(
    (text, part) =>
      /^\d+$/u.test(part) ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`,
    "",
  );
}
