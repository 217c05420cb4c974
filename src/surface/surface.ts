import type { Prompt, Resource, ResourceTemplateType, Tool } from "@modelcontextprotocol/server";
import type { ToolManifest } from "../base/manifest.ts";
import type { JsonSchema } from "../plugin-api/index.ts";
import type {
  Catalogue,
  CataloguePrompt,
  CatalogueResource,
  CatalogueTool,
} from "../host/catalogue.ts";
import { writeInstructions } from "./instructions.ts";
import { listResources, resourceTemplates } from "./host-resources.ts";
import { resultTemplates } from "./read-kept-result.ts";

/** The catalogue as MCP sees it, prepared once per catalogue and shared by every request. */
export interface Surface {
  readonly catalogue: Catalogue;
  readonly tools: readonly Tool[];
  readonly prompts: readonly Prompt[];
  readonly resources: readonly Resource[];
  readonly templates: readonly ResourceTemplateType[];
  readonly instructions: string;
}

type Described = Pick<ToolManifest, "title" | "description" | "icons" | "_meta">;

const prepared = new WeakMap<Catalogue, Surface>();

export function surfaceOf(catalogue: Catalogue): Surface {
  let surface = prepared.get(catalogue);
  if (surface === undefined) {
    surface = prepare(catalogue);
    prepared.set(catalogue, surface);
  }
  return surface;
}

function prepare(catalogue: Catalogue): Surface {
  const resources = [...catalogue.resources.values()];
  const described = (templates: boolean): readonly CatalogueResource[] =>
    resources.filter(({ manifest }) => manifest.isTemplate === templates);
  return {
    catalogue,
    tools: [...catalogue.tools.values()].map(publishTool),
    prompts: [...catalogue.prompts.values()].map(toPrompt),
    resources: sortedBy(
      [...listResources(catalogue), ...described(false).map(toResource)],
      ({ uri }) => uri,
    ),
    templates: sortedBy(
      [...resourceTemplates, ...resultTemplates, ...described(true).map(toTemplate)],
      ({ uriTemplate }) => uriTemplate,
    ),
    instructions: writeInstructions(catalogue),
  };
}

/** By code unit, as all lists are. */
function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What every definition passes on unchanged, and whose it is. */
function shared(
  plugin: string,
  { title, description, icons, _meta }: Described,
): Pick<Tool, "title" | "description" | "icons" | "_meta"> {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(icons && { icons: icons as NonNullable<Tool["icons"]> }),
    _meta: { ..._meta, "agentflow/plugin": plugin },
  };
}

const published = new WeakMap<ToolManifest, Tool>();

/** The same object for a manifest that was not read again: that a plugin changed is found out at the cost of that plugin. */
function publishTool(tool: CatalogueTool): Tool {
  const known = published.get(tool.manifest);
  if (known?.name === tool.name) return known;
  const made = toTool(tool);
  published.set(tool.manifest, made);
  return made;
}

function toTool({ name, plugin, manifest }: CatalogueTool): Tool {
  const { inputSchema, outputSchema, annotations, category, permissions } = manifest;
  const common = shared(plugin, manifest);
  return {
    name,
    ...common,
    inputSchema: publishable(inputSchema) as Tool["inputSchema"],
    ...(outputSchema && { outputSchema: publishable(outputSchema) }),
    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
    _meta: {
      ...common._meta,
      ...(category !== undefined && { "agentflow/category": category }),
      ...(permissions.length > 0 && { "agentflow/permissions": permissions }),
    },
  };
}

/** `true` and `false` are schemas, but clients of 2025 refuse a list in which a property has one. */
function publishable(schema: JsonSchema): JsonSchema {
  const properties = schema["properties"] as Readonly<Record<string, unknown>> | undefined;
  if (!Object.values(properties ?? {}).some((value) => typeof value === "boolean")) return schema;
  const entries = Object.entries(properties ?? {}).map(([name, value]) => [
    name,
    typeof value === "boolean" ? (value ? {} : { not: {} }) : value,
  ]);
  return { ...schema, properties: Object.fromEntries(entries) as JsonSchema };
}

function toPrompt({ name, plugin, manifest }: CataloguePrompt): Prompt {
  return {
    name,
    ...shared(plugin, manifest),
    arguments: manifest.arguments.map((argument) => ({
      name: argument.name,
      ...(argument.title !== undefined && { title: argument.title }),
      ...(argument.description !== undefined && { description: argument.description }),
      required: argument.required,
    })),
  };
}

function toResource({ plugin, manifest }: CatalogueResource): Resource {
  const { uri, name, mimeType, annotations, size } = manifest;
  return {
    uri,
    name,
    ...shared(plugin, manifest),
    ...(mimeType !== undefined && { mimeType }),
    ...(annotations && { annotations: annotations as NonNullable<Resource["annotations"]> }),
    ...(size !== undefined && { size }),
  };
}

function toTemplate({ plugin, manifest }: CatalogueResource): ResourceTemplateType {
  const { uri, name, mimeType, annotations } = manifest;
  return {
    uriTemplate: uri,
    name,
    ...shared(plugin, manifest),
    ...(mimeType !== undefined && { mimeType }),
    ...(annotations && {
      annotations: annotations as NonNullable<ResourceTemplateType["annotations"]>,
    }),
  };
}
