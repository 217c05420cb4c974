import type { Client } from "@modelcontextprotocol/client";
import { jsonLength } from "../base/json-length.ts";
import type {
  Manifest,
  PromptManifest,
  Quarantined,
  ResourceManifest,
  ToolManifest,
} from "../base/manifest.ts";
import { NO_ROLES } from "../base/manifest.ts";
import { reasonOf } from "./errors.ts";
import { entriesOf } from "./inbound-gate.ts";
import { readPrompt, readResource, readTemplate, readTool } from "./read-entry.ts";
import { unchecked } from "./unchecked.ts";

/** One list of a server, judged entry by entry. */
interface Part<T> {
  readonly items: readonly T[];
  readonly quarantined: readonly Quarantined[];
  readonly warnings: readonly string[];
}

/** What a server offers. */
export interface Definitions {
  readonly tools: Part<ToolManifest>;
  readonly prompts: Part<PromptManifest>;
  readonly resources: Part<ResourceManifest>;
  readonly templates: Part<ResourceManifest>;
}

type Kind = Quarantined["kind"];
type ListMethod = "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list";

const LIST_MS = 30_000;
/** Somebody else's server decides how long its lists are, but not how much of them is taken. */
const MAX_PAGES = 100;
const MAX_ENTRIES = 5_000;
const MAX_LIST_CHARS = 10_000_000;
const NOTHING: Part<never> = { items: [], quarantined: [], warnings: [] };

/** Reads all that the server offers. A list that cannot be had stays as it was before. */
export async function readDefinitions(
  client: Client,
  before: Definitions | undefined,
): Promise<Definitions> {
  const { tools, prompts, resources, completions } = client.getServerCapabilities() ?? {};
  const completes = completions !== undefined;
  const [toolPart, promptPart, resourcePart, templatePart] = await Promise.all([
    tools ? readList(client, "tools/list", "tool", readTool, before?.tools) : NOTHING,
    prompts
      ? readList(
          client,
          "prompts/list",
          "prompt",
          (entry) => readPrompt(entry, completes),
          before?.prompts,
        )
      : NOTHING,
    resources
      ? readList(client, "resources/list", "resource", readResource, before?.resources)
      : NOTHING,
    resources
      ? readList(
          client,
          "resources/templates/list",
          "resource",
          (entry) => readTemplate(entry, completes),
          before?.templates,
        )
      : NOTHING,
  ]);
  return {
    tools: toolPart,
    prompts: promptPart,
    resources: resourcePart,
    templates: templatePart,
  };
}

/** The definitions' part of a manifest. */
export function manifestOf(
  definitions: Definitions | undefined,
): Pick<Manifest, Exclude<keyof Manifest, "info" | "configSchema" | "unavailable">> {
  const { tools, prompts, resources, templates } = definitions ?? {
    tools: NOTHING,
    prompts: NOTHING,
    resources: NOTHING,
    templates: NOTHING,
  };
  const parts = [tools, prompts, resources, templates];
  return {
    tools: tools.items,
    prompts: prompts.items,
    resources: [...resources.items, ...templates.items],
    categories: [],
    ...NO_ROLES,
    quarantined: parts.flatMap(({ quarantined }) => quarantined),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

async function readList<T>(
  client: Client,
  method: ListMethod,
  kind: Kind,
  read: (entry: unknown) => T | Promise<T>,
  before: Part<T> | undefined,
): Promise<Part<T>> {
  let walked: Walked;
  try {
    walked = await walk(client, method);
  } catch (error) {
    // A server that has gone has not changed its mind.
    if (client.transport === undefined) throw error;
    const warning = `its ${method} failed: ${reasonOf(error)}`;
    return { ...(before ?? NOTHING), warnings: [warning] };
  }
  const items: T[] = [];
  const quarantined: Quarantined[] = [];
  for (const entry of walked.entries) {
    try {
      items.push(await read(entry));
    } catch (error) {
      quarantined.push({ kind, name: nameOf(entry), reason: reasonOf(error) });
    }
  }
  return { items, quarantined, warnings: walked.warnings };
}

interface Walked {
  readonly entries: readonly unknown[];
  readonly warnings: readonly string[];
}

async function walk(client: Client, method: ListMethod): Promise<Walked> {
  const entries: unknown[] = [];
  const cursors = new Set<string>();
  let chars = 0;
  let cursor: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const result = await client.request(
      { method, ...(cursor !== undefined && { params: { cursor } }) },
      unchecked,
      { timeout: LIST_MS },
    );
    for (const entry of entriesOf(result)) {
      chars += jsonLength(entry, MAX_LIST_CHARS);
      if (entries.length >= MAX_ENTRIES || chars > MAX_LIST_CHARS) {
        const most = `${MAX_ENTRIES} entries or ${MAX_LIST_CHARS} characters`;
        const warning = `its ${method} has more than ${most}; the rest is not served`;
        return { entries, warnings: [warning] };
      }
      entries.push(entry);
    }
    const next = result["nextCursor"];
    if (typeof next !== "string") return { entries, warnings: [] };
    if (cursors.has(next)) return { entries, warnings: [`its ${method} goes round in a circle`] };
    cursors.add(next);
    cursor = next;
  }
  const warning = `its ${method} has more than ${MAX_PAGES} pages; the rest is not served`;
  return { entries, warnings: [warning] };
}

/** How an entry that cannot be served is told from others. */
function nameOf(entry: unknown): string {
  const { name, uri, uriTemplate } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const found = [uri, uriTemplate, name].find((one) => typeof one === "string");
  const clean = (found ?? "(without a name)").replace(/[\p{Cc}\p{Cf}\p{Co}]+/gu, " ");
  return clean.length > 128 ? `${clean.slice(0, 127)}…` : clean;
}
