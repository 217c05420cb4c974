import type { Quarantined } from "../../base/manifest.ts";
import { ROLES, type Role } from "../../base/roles.ts";
import type { Catalogue } from "../../host/catalogue.ts";
import { limitsView, policyView } from "../../host/policy-view.ts";
import { problemLines, problemView } from "../../host/problem-view.ts";
import type { PluginRecord } from "../../host/record.ts";
import { retriesInWords } from "../../host/retries-in-words.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, print } from "../output.ts";
import { limitsText, policyText } from "../policy-text.ts";
import { table } from "../table.ts";

export interface ListOptions extends CommonOptions {
  readonly json?: boolean;
  readonly tag?: string;
  /** What the host does around the calls of each tool, instead of what there is. */
  readonly policy?: boolean;
}

export async function list(options: ListOptions): Promise<number> {
  const app = await openApp(options, { logLevel: "silent" });
  try {
    await app.host.settled();
    const catalogue = withTag(app.host.catalogue, options.tag);
    const { warnings } = app.host;
    print(
      options.json
        ? JSON.stringify({ ...asJson(catalogue, options.policy), warnings }, undefined, 2)
        : options.policy
          ? policiesText(catalogue)
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
    agents: keep(catalogue.agents),
    llmBackends: keep(catalogue.llmBackends),
    storageBackends: keep(catalogue.storageBackends),
    limits: new Map([...catalogue.limits].filter(([id]) => ids.has(id))),
    plugins,
  };
}

function asJson(catalogue: Catalogue, withPolicy = false): object {
  return {
    plugins: catalogue.plugins.map(({ manifest, problem, ...record }) => {
      const limits = withPolicy ? catalogue.limits.get(record.id) : undefined;
      return {
        ...record,
        ...problemView(problem),
        ...(manifest && { info: manifest.info }),
        ...(limits && { concurrency: limitsView(limits) }),
      };
    }),
    tools: [...catalogue.tools.values()].map((tool) => ({
      name: tool.name,
      plugin: tool.plugin,
      category: tool.manifest.category,
      description: tool.manifest.description,
      timeoutSeconds: tool.policy.timeoutMs / 1_000,
      deadlineSeconds: tool.policy.deadlineMs / 1_000,
      retryCount: tool.policy.retryCount,
      ...(withPolicy && { policy: policyView(tool), retries: retriesInWords(tool) }),
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
    agents: rolesJson(catalogue.agents),
    llmBackends: rolesJson(catalogue.llmBackends),
    storageBackends: rolesJson(catalogue.storageBackends),
  };
}

function rolesJson(roles: Catalogue["agents"]): readonly object[] {
  return [...roles.values()].map(({ name, plugin, manifest }) => {
    const { version, description, className } = manifest;
    return { name, plugin, version, description, className };
  });
}

/** Plugins first, each followed by its tools. */
function policiesText(catalogue: Catalogue): string {
  const tools = [...catalogue.tools.values()];
  const parts = [...catalogue.limits].flatMap(([id, limits]) => [
    limitsText(id, limits),
    ...tools.filter(({ plugin }) => plugin === id).map(policyText),
  ]);
  return parts.length === 0 ? "There is no tool." : parts.join("\n\n");
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
    section(
      "Agents and backends",
      ["name", "kind", "plugin", "version", "description"],
      [catalogue.agents, catalogue.llmBackends, catalogue.storageBackends].flatMap((roles) =>
        [...roles.values()].map(({ name, role, plugin, manifest }) => [
          name,
          ROLES[role].words,
          plugin,
          manifest.version,
          short(manifest.description),
        ]),
      ),
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
    ...(plugin.reason === undefined
      ? []
      : [`  ${plugin.id}: ${plugin.state}: ${plugin.reason}`, ...problemLines(plugin.problem)]),
    ...plugin.quarantined.flatMap(({ kind, name, reason, problem }) => [
      `  ${plugin.id}: the ${wordsFor(kind)} '${name}' is not served: ${reason}`,
      ...problemLines(problem),
    ]),
    ...plugin.warnings.map((warning) => `  ${plugin.id}: warning: ${warning}`),
  ]);
  lines.push(...warnings.map((warning) => `  warning: ${warning}`));
  return lines.length === 0 ? "" : `Remarks\n${lines.join("\n")}`;
}

function wordsFor(kind: Quarantined["kind"]): string {
  return Object.hasOwn(ROLES, kind) ? ROLES[kind as Role].words : kind;
}

function short(text: string | undefined): string {
  const line = (text ?? "").split("\n")[0] ?? "";
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}
