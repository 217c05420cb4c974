import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../../config/json-schema.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, print } from "../output.ts";

export interface SchemaOptions extends CommonOptions {
  readonly out?: string;
}

/** Prints the JSON Schema of `mcp.config.json`, with the plugins' own parts, for editors. */
export async function schema(options: SchemaOptions): Promise<number> {
  const app = await openApp(options, { logLevel: "silent" });
  try {
    const { plugins, agents, llmBackends, storageBackends } = app.host.catalogue;
    const roles = [agents, llmBackends, storageBackends].flatMap((each) => [...each.values()]);
    const schemas = [
      ...roles.map(({ name, manifest }) => [name, manifest.configSchema] as const),
      ...plugins.map(({ id, manifest }) => [id, manifest?.configSchema] as const),
    ].flatMap(([key, own]) => (own === undefined ? [] : [[key, own] as const]));
    const text = JSON.stringify(configJsonSchema(new Map(schemas)), undefined, 2);
    if (options.out === undefined) print(text);
    else writeFileSync(options.out, `${text}\n`);
    return EXIT.ok;
  } finally {
    await app.stop();
  }
}
