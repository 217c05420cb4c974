import { isBag } from "../base/bag.ts";
import type { CacheHint } from "../plugin-api/index.ts";
import type { CompleterManifest, Quarantined, ResourceManifest } from "../base/manifest.ts";
import { messageOf } from "../base/errors.ts";
import { toJson } from "./json-value.ts";
import type { CompleterFunction, LiveResource } from "./live-plugin.ts";
import {
  DESCRIBED_FIELDS,
  plain,
  readCompleter,
  readDescribed,
  show,
  text,
} from "./read-metadata.ts";
import { canonical, method } from "./spelling.ts";

const RESOURCE_FIELDS = [
  ...DESCRIBED_FIELDS,
  "name",
  "mimeType",
  "annotations",
  "size",
  "cache",
  "text",
  "blob",
  "read",
  "complete",
];
const URI = /^[a-z][a-z0-9+.-]*:/iu;
/** The host's own. */
const RESERVED = /^(?:agentflow|result):/iu;

export interface ReadResources {
  readonly manifests: readonly ResourceManifest[];
  readonly resources: ReadonlyMap<string, LiveResource>;
  readonly quarantined: readonly Quarantined[];
}

/** Reads `getResources()`. */
export function readResources(entries: Readonly<Record<string, unknown>>): ReadResources {
  const manifests: ResourceManifest[] = [];
  const resources = new Map<string, LiveResource>();
  const quarantined: Quarantined[] = [];
  for (const [uri, entry] of Object.entries(entries)) {
    try {
      const { manifest, live } = readResource(uri, entry);
      manifests.push(manifest);
      resources.set(uri, live);
    } catch (error) {
      quarantined.push({ kind: "resource", name: uri, reason: messageOf(error) });
    }
  }
  return { manifests, resources, quarantined };
}

function readResource(
  uri: string,
  entry: unknown,
): { readonly manifest: ResourceManifest; readonly live: LiveResource } {
  if (!URI.test(uri)) throw new Error("the key must be a URI with a scheme, such as notes://today");
  if (RESERVED.test(uri)) throw new Error("the schemes 'agentflow' and 'result' are the host's");
  if (!isBag(entry)) throw new Error(`is ${typeof entry}, not a resource definition`);
  const definition = canonical(entry, RESOURCE_FIELDS);
  const read = method(entry, "read") as LiveResource["read"];
  const { name, mimeType, size, cache, complete } = definition;
  const sources = [read, definition["text"], definition["blob"]].filter((one) => one !== undefined);
  if (sources.length !== 1) throw new Error("must have exactly one of 'read', 'text' and 'blob'");
  if (size !== undefined && !(Number.isInteger(size) && (size as number) >= 0)) {
    throw new Error(`'size' must be a number of bytes, found ${show(size)}`);
  }
  const completers = new Map<string, CompleterFunction>();
  return {
    manifest: plain({
      uri,
      isTemplate: uri.includes("{"),
      name: name === undefined ? uri : text("name", name),
      ...readDescribed(definition),
      ...(mimeType !== undefined && { mimeType: text("mimeType", mimeType) }),
      ...(isBag(definition["annotations"]) && {
        annotations: toJson(definition["annotations"]) as object,
      }),
      ...(size !== undefined && { size: size as number }),
      ...(cache !== undefined && { cache: readCache(cache) }),
      ...(definition["text"] !== undefined && { text: text("text", definition["text"]) }),
      ...(definition["blob"] !== undefined && { blob: text("blob", definition["blob"]) }),
      complete: readCompleters(complete, completers),
    }),
    live: { ...(read && { read }), completers },
  };
}

function readCache(value: unknown): CacheHint {
  const { ttl, scope } = isBag(value) ? value : {};
  if (typeof ttl !== "number" || !(ttl >= 0) || !Number.isFinite(ttl)) {
    throw new Error(`'cache.ttl' must be a number of seconds, found ${show(ttl)}`);
  }
  if (scope !== undefined && scope !== "public" && scope !== "private") {
    throw new Error(`'cache.scope' must be "public" or "private", found ${show(scope)}`);
  }
  return { ttl, ...(scope !== undefined && { scope }) };
}

function readCompleters(
  value: unknown,
  completers: Map<string, CompleterFunction>,
): Readonly<Record<string, CompleterManifest>> {
  if (value === undefined) return {};
  if (!isBag(value)) throw new Error("'complete' must be an object, one entry per variable");
  const entries = Object.entries(value).map(([name, completer]) => {
    const { manifest, run } = readCompleter(`complete.${name}`, completer);
    if (run !== undefined) completers.set(name, run);
    return [name, manifest] as const;
  });
  return Object.fromEntries(entries);
}
