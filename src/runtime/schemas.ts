import { isBag } from "../base/bag.ts";
import type { JsonSchema } from "../plugin-api/index.ts";
import { readIssues, type Issue } from "../base/issues.ts";
import { compileJsonSchema } from "./json-schema.ts";
import { hasMembers } from "./spelling.ts";
import type { ValidatorCode } from "./validator-code.ts";

export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** A schema as the runtime uses it: its JSON form for the world, its own validation for values. */
export interface CompiledSchema {
  readonly json: JsonSchema;
  validate(value: unknown): Validated | Promise<Validated>;
  /** The validation as code, where it can be had. */
  code?(): Promise<string | undefined>;
}

type Direction = "input" | "output";

/**
 * Compiles any schema that an author may bring. Throws an Error whose message says what is wrong with it.
 * `direction` tells which side of defaults and transforms the JSON form shows. `known` is for {@link compileJsonSchema}.
 */
export async function compileSchema(
  schema: unknown,
  direction: Direction,
  known?: ValidatorCode,
): Promise<CompiledSchema> {
  if (!hasMembers(schema))
    throw new Error(`is ${schema === null ? "null" : typeof schema}, not a schema`);
  if (isStandard(schema)) return compileStandard(schema, direction);
  if (isZod3(schema)) return compileZod3(schema);
  if (!isBag(schema)) throw new Error("is not a schema");
  const values = Object.values(schema);
  if (values.length > 0 && values.every((value) => hasMembers(value) && "~standard" in value)) {
    throw new Error("is a record of schemas; wrap it in z.object({ … })");
  }
  return compileJsonSchema(schema, known);
}

interface Standard {
  readonly "~standard": {
    readonly vendor?: unknown;
    readonly validate: (value: unknown) => unknown;
    readonly jsonSchema?: Record<Direction, (options: { target: string }) => JsonSchema>;
  };
}

function isStandard(schema: object): schema is Standard {
  const standard = (schema as { "~standard"?: unknown })["~standard"];
  return hasMembers(standard) && typeof standard["validate"] === "function";
}

function isZod3(schema: object): boolean {
  const definition = (schema as { _def?: { typeName?: unknown } })._def;
  return hasMembers(definition) && typeof definition.typeName === "string" && !("_zod" in schema);
}

/** The mistake of a file that imports both; zod itself fails on it with a riddle. */
function mixesZods(schema: object): boolean {
  const { shape } = (schema as { _zod?: { def?: { shape?: unknown } } })._zod?.def ?? {};
  return isBag(shape) && Object.values(shape).some((field) => hasMembers(field) && isZod3(field));
}

async function compileStandard(schema: Standard, direction: Direction): Promise<CompiledSchema> {
  const json = isZod3(schema) ? await zod3ToJson(schema) : await standardToJson(schema, direction);
  return { json, validate: (value) => validateStandard(schema, value) };
}

async function standardToJson(schema: Standard, direction: Direction): Promise<JsonSchema> {
  if (mixesZods(schema)) {
    throw new Error("has a zod 3 schema inside a zod 4 one; make both with the same zod");
  }
  const convert = schema["~standard"].jsonSchema?.[direction];
  if (convert !== undefined) return convert({ target: "draft-2020-12" });
  if ("_zod" in schema) {
    // A zod 4 before 4.2 does not convert by itself; the host's copy reads its definition.
    const { z } = await import("zod");
    return z.toJSONSchema(schema as never, { io: direction });
  }
  throw new Error(
    `comes from '${String(schema["~standard"].vendor)}', which does not convert to JSON Schema; ` +
      "give a JSON Schema or a zod schema instead",
  );
}

/** zod 3 before 3.24 has no `~standard`. */
async function compileZod3(schema: object): Promise<CompiledSchema> {
  const parser = schema as unknown as { safeParseAsync(value: unknown): Promise<Zod3Result> };
  return {
    json: await zod3ToJson(schema),
    validate: async (value) => {
      const result = await parser.safeParseAsync(value);
      if (result.success) return { ok: true, value: result.data };
      return { ok: false, issues: readIssues(result.error.issues) };
    },
  };
}

type Zod3Result =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly unknown[] } };

async function zod3ToJson(schema: object): Promise<JsonSchema> {
  const { zodToJsonSchema } = await import("zod-to-json-schema");
  return zodToJsonSchema(schema as never, { $refStrategy: "none" });
}

async function validateStandard(schema: Standard, value: unknown): Promise<Validated> {
  const result = await schema["~standard"].validate(value);
  // ArkType's failures are arrays with `issues` on them.
  if (!hasMembers(result))
    return { ok: false, issues: [{ path: "", message: "was not validated" }] };
  if (result["issues"] === undefined) return { ok: true, value: result["value"] };
  return { ok: false, issues: readIssues(result["issues"] as readonly unknown[]) };
}
