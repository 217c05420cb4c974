import type { Catalogue } from "../../host/catalogue.ts";
import type { PluginRecord } from "../../host/record.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, print } from "../output.ts";
import { table } from "../table.ts";

export interface ListOptions extends CommonOptions {
  readonly json?: boolean;
  readonly tag?: string;
}

export async function list(options: ListOptions): Promise<number> {
  const app = await openApp(options, { logLevel: "silent" });
  try {
    await app.host.settled();
    const catalogue = withTag(app.host.catalogue, options.tag);
    const { warnings } = app.host;
    print(
      options.json
        ? JSON.stringify({ ...asJson(catalogue), warnings }, undefined, 2)
        : asText(catalogue, warnings),
    );
    return EXIT.ok;
  } finally {
    await app.stop();
  }
}

/** Only the plugins that carry the tag among their `categories`, with what they offer. */
function withTag(catalogue: Catalogue, tag: string | undefined): Catalogue {
  if (tag === undefined) return catalogue;
  const plugins = catalogue.plugins.filter(({ manifest }) =>
    manifest?.info.categories?.includes(tag),
  );
  const ids = new Set(plugins.map(({ id }) => id));
  const keep = <T extends { readonly plugin: string }>(
    map: ReadonlyMap<string, T>,
  ): ReadonlyMap<string, T> => new Map([...map].filter(([, entry]) => ids.has(entry.plugin)));
  return {
    tools: keep(catalogue.tools),
    prompts: keep(catalogue.prompts),
    resources: keep(catalogue.resources),
    categories: catalogue.categories.filter(({ plugin }) => ids.has(plugin)),
    plugins,
  };
}

function asJson(catalogue: Catalogue): object {
  return {
    plugins: catalogue.plugins.map(({ manifest, ...record }) => ({
      ...record,
      ...(manifest && { info: manifest.info }),
    })),
    tools: [...catalogue.tools.values()].map(({ name, plugin, manifest, policy }) => ({
      name,
      plugin,
      category: manifest.category,
      description: manifest.description,
      timeoutSeconds: policy.timeoutMs / 1_000,
      deadlineSeconds: policy.deadlineMs / 1_000,
      retryCount: policy.retryCount,
    })),
    prompts: [...catalogue.prompts.values()].map(({ name, plugin, manifest }) => ({
      name,
      plugin,
      description: manifest.description,
      arguments: manifest.arguments.map((argument) => argument.name),
    })),
    resources: [...catalogue.resources.values()].map(({ plugin, manifest }) => ({
      uri: manifest.uri,
      plugin,
      name: manifest.name,
      description: manifest.description,
    })),
    categories: catalogue.categories.map(({ plugin, manifest, tools }) => ({
      name: manifest.name,
      plugin,
      description: manifest.description,
      tools,
    })),
  };
}

function asText(catalogue: Catalogue, warnings: readonly string[]): string {
  const sections = [
    section(
      "Plugins",
      ["id", "version", "state", "stage", "path"],
      catalogue.plugins.map(pluginRow),
    ),
    section(
      "Tools",
      ["name", "plugin", "timeout", "retries", "description"],
      [...catalogue.tools.values()].map(({ name, plugin, policy, manifest }) => [
        name,
        plugin,
        `${policy.timeoutMs / 1_000} s`,
        String(policy.retryCount),
        short(manifest.title ?? manifest.description),
      ]),
    ),
    section(
      "Prompts",
      ["name", "plugin", "arguments"],
      [...catalogue.prompts.values()].map(({ name, plugin, manifest }) => [
        name,
        plugin,
        manifest.arguments.map((argument) => argument.name).join(", "),
      ]),
    ),
    section(
      "Resources",
      ["uri", "plugin", "name"],
      [...catalogue.resources.values()].map(({ plugin, manifest }) => [
        manifest.uri,
        plugin,
        manifest.name,
      ]),
    ),
    section(
      "Intent categories",
      ["name", "plugin", "tools"],
      catalogue.categories.map(({ plugin, manifest, tools }) => [
        manifest.name,
        plugin,
        tools.join(", "),
      ]),
    ),
    remarks(catalogue.plugins, warnings),
  ];
  const text = sections.filter((part) => part !== "").join("\n\n");
  return text === "" ? "No plugin has this tag." : text;
}

function pluginRow({ id, manifest, state, stage, path }: PluginRecord): readonly string[] {
  return [id, manifest?.info.version ?? "-", state, stage, path];
}

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return rows.length === 0 ? "" : `${title}\n${table(head, rows)}`;
}

/** Everything that is not as it should be, in sentences. */
export function remarks(plugins: readonly PluginRecord[], warnings: readonly string[]): string {
  const lines = plugins.flatMap((plugin) => [
    ...(plugin.reason === undefined ? [] : [`  ${plugin.id}: ${plugin.state}: ${plugin.reason}`]),
    ...plugin.quarantined.map(
      ({ kind, name, reason }) => `  ${plugin.id}: the ${kind} '${name}' is not served: ${reason}`,
    ),
    ...plugin.warnings.map((warning) => `  ${plugin.id}: warning: ${warning}`),
  ]);
  lines.push(...warnings.map((warning) => `  warning: ${warning}`));
  return lines.length === 0 ? "" : `Remarks\n${lines.join("\n")}`;
}

function short(text: string | undefined): string {
  const line = (text ?? "").split("\n")[0] ?? "";
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}
