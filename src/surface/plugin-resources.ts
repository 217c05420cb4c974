import { UriTemplate, type ReadResourceResult } from "@modelcontextprotocol/server";
import type { ReadContents } from "../base/port.ts";
import type { Catalogue, CatalogueResource } from "../host/catalogue.ts";

/** A resource that a URI names, and the parts of the URI if it is one of many. */
export interface FoundResource {
  readonly resource: CatalogueResource;
  readonly variables: Readonly<Record<string, string>>;
}

const templates = new WeakMap<CatalogueResource, UriTemplate>();

/** Longest URI that is compared with templates: whoever wrote the template must not choose the time that takes. */
const LONGEST_URI = 8_192;

/** The plugin's resource behind a URI: the one of just that URI, else the first template that fits. */
export function findPluginResource(catalogue: Catalogue, uri: string): FoundResource | undefined {
  const exact = catalogue.resources.get(uri);
  if (exact !== undefined && !exact.manifest.isTemplate) return { resource: exact, variables: {} };
  if (uri.length > LONGEST_URI) return undefined;
  for (const resource of catalogue.resources.values()) {
    if (!resource.manifest.isTemplate) continue;
    const variables = match(resource, uri);
    if (variables === null) continue;
    const entries = Object.entries(variables).map(([name, value]) => [name, decoded(value)]);
    return { resource, variables: Object.fromEntries(entries) as Record<string, string> };
  }
  return undefined;
}

/** Content that stands in the definition itself; undefined where the plugin has to be asked. */
export function staticContents({
  manifest,
}: CatalogueResource): readonly ReadContents[] | undefined {
  const { uri, text, blob } = manifest;
  if (text !== undefined) return [{ uri, text }];
  return blob === undefined ? undefined : [{ uri, blob }];
}

/** The result of a read; hints for caches only where the client's revision knows them. */
export function toReadResult(
  { manifest }: CatalogueResource,
  contents: readonly ReadContents[],
  knowsCaching: boolean,
): ReadResourceResult {
  const { mimeType, cache } = manifest;
  return {
    contents: contents.map((item) => ({
      ...(mimeType !== undefined && { mimeType }),
      ...item,
    })) as ReadResourceResult["contents"],
    ...(cache !== undefined &&
      knowsCaching && { ttlMs: cache.ttl * 1_000, cacheScope: cache.scope ?? "private" }),
  };
}

/** A template that cannot be used matches nothing: it must not stand in the way of the others. */
function match(resource: CatalogueResource, uri: string): ReturnType<UriTemplate["match"]> {
  try {
    return templateOf(resource).match(uri);
  } catch {
    return null;
  }
}

function templateOf(resource: CatalogueResource): UriTemplate {
  let template = templates.get(resource);
  if (template === undefined) {
    template = new UriTemplate(resource.manifest.uri);
    templates.set(resource, template);
  }
  return template;
}

function decoded(value: string | string[]): string {
  const text = Array.isArray(value) ? value.join(",") : value;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
