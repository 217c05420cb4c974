import type { Prompt, Resource, ResourceTemplateType, Tool } from "@modelcontextprotocol/server";
import type { Catalogue, CatalogueTool } from "../host/catalogue.ts";
import { writeInstructions } from "./instructions.ts";
import { listResources, resourceTemplates } from "./resources.ts";

/** The catalogue as MCP sees it, prepared once per catalogue and shared by every request. */
export interface Surface {
  readonly catalogue: Catalogue;
  readonly tools: readonly Tool[];
  readonly prompts: readonly Prompt[];
  readonly resources: readonly Resource[];
  readonly templates: readonly ResourceTemplateType[];
  readonly instructions: string;
}

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
  return {
    catalogue,
    tools: [...catalogue.tools.values()].map(toTool),
    prompts: [...catalogue.prompts.values()].map(({ name, manifest }) => ({
      name,
      ...(manifest.title !== undefined && { title: manifest.title }),
      ...(manifest.description !== undefined && { description: manifest.description }),
      arguments: manifest.arguments.map((argument) => ({
        name: argument.name,
        ...(argument.title !== undefined && { title: argument.title }),
        ...(argument.description !== undefined && { description: argument.description }),
        required: argument.default === undefined && argument.whenAbsent === undefined,
      })),
    })),
    resources: listResources(catalogue),
    templates: resourceTemplates,
    instructions: writeInstructions(catalogue),
  };
}

function toTool({ name, plugin, manifest }: CatalogueTool): Tool {
  const { title, description, inputSchema, outputSchema, annotations, category, permissions } =
    manifest;
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema: inputSchema as Tool["inputSchema"],
    ...(outputSchema && { outputSchema: outputSchema }),
    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
    _meta: {
      "agentflow/plugin": plugin,
      ...(category !== undefined && { "agentflow/category": category }),
      ...(permissions.length > 0 && { "agentflow/permissions": permissions }),
    },
  };
}
