import { isBag, type Bag } from "../base/bag.ts";
import type { JsonSchema } from "../plugin-api/index.ts";
import { messageOf, PluginError } from "../base/errors.ts";
import { describeIssues } from "../base/issues.ts";
import { compileSchema, type CompiledSchema } from "./schemas.ts";
import { snake } from "./spelling.ts";

/** Compiles a plugin's `configSchema`. */
export async function compileConfigSchema(schema: unknown): Promise<CompiledSchema | undefined> {
  if (schema === undefined) return undefined;
  try {
    return await compileSchema(schema, "input");
  } catch (cause) {
    throw new PluginError("create", `its configSchema ${messageOf(cause)}`, { cause });
  }
}

/** Checks the plugin's own configuration and fills in its defaults. */
export async function checkConfig(
  id: string,
  config: Bag,
  schema: CompiledSchema | undefined,
): Promise<Bag> {
  if (schema === undefined) return config;
  const checked = await schema.validate(camelKeys(config, schema.json));
  if (!checked.ok) {
    throw new PluginError(
      "create",
      `its configuration (plugins.${id}) is not valid: ${describeIssues(checked.issues)}`,
    );
  }
  return isBag(checked.value) ? checked.value : {};
}

/** Renames snake_case keys that the schema knows in camelCase, at every level that it describes. */
function camelKeys(value: unknown, schema: unknown): unknown {
  if (!isBag(schema)) return value;
  if (Array.isArray(value)) return value.map((item) => camelKeys(item, schema["items"]));
  if (!isBag(value)) return value;
  const properties = isBag(schema["properties"]) ? (schema["properties"] as JsonSchema) : {};
  const camelOf = new Map(Object.keys(properties).map((name) => [snake(name), name]));
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const name = Object.hasOwn(properties, key) ? key : (camelOf.get(key) ?? key);
    // Where both spellings are given, the camelCase one wins.
    if (name !== key && Object.hasOwn(value, name)) return [];
    return [[name, camelKeys(child, properties[name])]];
  });
  return Object.fromEntries(entries);
}
