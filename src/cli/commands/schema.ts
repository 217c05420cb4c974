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
    const own = app.host.catalogue.plugins.flatMap(({ id, manifest }) =>
      manifest?.configSchema === undefined ? [] : [[id, manifest.configSchema] as const],
    );
    const text = JSON.stringify(configJsonSchema(new Map(own)), undefined, 2);
    if (options.out === undefined) print(text);
    else writeFileSync(options.out, `${text}\n`);
    return EXIT.ok;
  } finally {
    await app.stop();
  }
}
