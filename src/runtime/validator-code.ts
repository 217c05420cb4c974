import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import type { Ajv, ValidateFunction } from "ajv";
import type { CompiledSchema } from "./schemas.ts";

/** Validators as code that needs no compiler, by the JSON text of their schemas. */
export type ValidatorCode = Readonly<Record<string, string>>;

const require = createRequire(import.meta.url);

/** The code of a validator whose compiler has kept its source; undefined for the few that need more than their code. */
export async function codeOf(ajv: Ajv, validator: ValidateFunction): Promise<string | undefined> {
  try {
    const { default: standalone } = await import("ajv/dist/standalone/index.js");
    return standalone.default(ajv, validator);
  } catch {
    return undefined;
  }
}

/** Undefined for what is no such code. */
export function validatorFrom(code: string): ValidateFunction | undefined {
  const module: { exports?: ValidateFunction } = {};
  try {
    compileFunction(code, ["module", "require"])(module, require);
  } catch {
    return undefined;
  }
  return module.exports;
}

/** The code for all of these schemas that have some. */
export async function collectCode(
  schemas: readonly (CompiledSchema | undefined)[],
): Promise<ValidatorCode> {
  const collected: Record<string, string> = {};
  for (const schema of schemas) {
    const code = await schema?.code?.();
    if (schema !== undefined && code !== undefined) collected[JSON.stringify(schema.json)] = code;
  }
  return collected;
}
