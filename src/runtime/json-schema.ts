import type { ErrorObject, ValidateFunction } from "ajv";
import { ajvFor, KNOWN_DIALECTS } from "../base/json-schema-dialects.ts";
import type { JsonSchema } from "../plugin-api/index.ts";
import type { Issue } from "../base/issues.ts";
import { toJson } from "./json-value.ts";
import type { CompiledSchema, Validated } from "./schemas.ts";
import { codeOf, validatorFrom, type ValidatorCode } from "./validator-code.ts";

/** Compiling takes the longer the more there is: above so many objects, all plugins beside it would have to wait. */
const MAX_PARTS = 2_000;
/** A schema without an address of its own cannot refer to itself by `#`. */
const ADDRESS = "agentflow:schema";

/**
 * Compiles a plain JSON Schema; it is published verbatim. Throws an Error that says what is wrong with it. With `known`,
 * what stands there has been compiled before, and the code of everything else can be had.
 */
export async function compileJsonSchema(
  given: JsonSchema,
  known?: ValidatorCode,
): Promise<CompiledSchema> {
  const schema = toJson(given) as JsonSchema;
  const code = known?.[JSON.stringify(schema)];
  return code === undefined ? compile(schema, known !== undefined) : fromCode(schema, code);
}

/** Made when it is first needed: most tools are never called. */
function fromCode(schema: JsonSchema, code: string): CompiledSchema {
  let made: Pick<CompiledSchema, "validate"> | undefined;
  const make = async (): Promise<Pick<CompiledSchema, "validate">> => {
    const validator = validatorFrom(code);
    if (validator === undefined) return compile(schema, false);
    return { validate: (value) => run(validator, value) };
  };
  return {
    json: schema,
    code: () => Promise.resolve(code),
    validate: async (value) => {
      made ??= await make();
      return made.validate(value);
    },
  };
}

async function compile(schema: JsonSchema, keepsSource: boolean): Promise<CompiledSchema> {
  if (!hasAtMost(MAX_PARTS, schema)) throw new Error(`has more than ${MAX_PARTS} parts`);
  const ajv = await ajvFor(schema);
  if (ajv === undefined) {
    throw new Error(
      `names the dialect ${JSON.stringify(schema["$schema"])}; known are ${KNOWN_DIALECTS.join(", ")}`,
    );
  }
  if (schema["$async"] !== undefined) throw new Error("has '$async', which is not a JSON Schema");
  ajv.opts.code.source = keepsSource;
  const validator = ajv.compile({ $id: ADDRESS, ...schema });
  return {
    json: schema,
    ...(keepsSource && { code: () => codeOf(ajv, validator) }),
    validate: (value) => run(validator, value),
  };
}

function run(validator: ValidateFunction, value: unknown): Validated {
  return validator(value) ? { ok: true, value } : { ok: false, issues: toIssues(validator.errors) };
}

/** Objects and arrays, at any depth. */
function hasAtMost(limit: number, value: unknown): boolean {
  const open = [value];
  let count = 0;
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (typeof item !== "object" || item === null) continue;
    count += 1;
    if (count > limit) return false;
    for (const part of Object.values(item)) open.push(part);
  }
  return true;
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
