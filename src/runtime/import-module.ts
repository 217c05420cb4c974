import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { hostModules, prepareImports, resolves } from "./resolve-hooks.ts";

const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);

/**
 * Imports a plugin's file: TypeScript through jiti, everything else natively. `agentflow-mcp/plugin` resolves to the
 * host's own copy, and `zod` too where the plugin has none. Rejects with a `PluginError` that explains the cause.
 */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    if (TYPESCRIPT.has(extname(file))) return await importTypeScript(file);
    await prepareImports(file);
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { explainImportError } = await import("./import-errors.ts");
    throw await explainImportError(error, file);
  }
}

async function importTypeScript(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { createJiti } = await import("jiti");
  // What jiti does not transform itself is imported natively and needs the same resolution.
  await prepareImports(file);
  const jiti = createJiti(file, {
    // A cache in a shared folder could be written to by others.
    fsCache: false,
    alias: {
      "agentflow-mcp/plugin": hostModules.pluginApi,
      ...(resolves("zod", file) ? {} : hostModules.zod),
    },
  });
  return jiti.import(file);
}
