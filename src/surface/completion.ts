import {
  ProtocolError,
  ProtocolErrorCode,
  type CompleteRequestParams,
  type CompleteResult,
} from "@modelcontextprotocol/server";
import type { Caller, PluginRequest } from "../base/port.ts";
import type { CompleterManifest } from "../base/manifest.ts";
import type { Catalogue } from "../host/catalogue.ts";
import type { Host } from "../host/host.ts";
import { findPrompt } from "./prompts.ts";
import { completeHostVariable } from "./host-resources.ts";

/** As many as the protocol allows. */
const MOST = 100;

/** Suggests values for a prompt's argument or a template's variable. Throws -32602 for what does not exist. */
export async function complete(
  host: Host,
  { ref, argument, context }: CompleteRequestParams,
  caller: () => Caller,
): Promise<CompleteResult> {
  const { catalogue } = host;
  const { of, name, plugin, completer } = subject(catalogue, ref, argument.name);
  if (completer === undefined) return toResult([]);
  if (completer !== true) return toResult(startingWith(completer, argument.value));
  const request: Extract<PluginRequest, { kind: "completion" }> = {
    kind: "completion",
    of,
    name,
    argument: argument.name,
    typed: argument.value,
    arguments: context?.arguments ?? {},
  };
  const outcome = await host.complete(plugin, request, caller());
  // A suggestion that cannot be had is no reason to interrupt somebody's typing.
  return outcome.kind === "values" ? toResult(outcome.values, outcome) : toResult([]);
}

interface Subject {
  readonly of: "prompt" | "resource";
  /** The plugin's own name. */
  readonly name: string;
  readonly plugin: string;
  readonly completer: CompleterManifest | undefined;
}

function subject(
  catalogue: Catalogue,
  ref: CompleteRequestParams["ref"],
  argument: string,
): Subject {
  if (ref.type === "ref/prompt") {
    const { plugin, manifest } = findPrompt(catalogue, ref.name);
    const completer = manifest.arguments.find(({ name }) => name === argument)?.complete;
    return { of: "prompt", name: manifest.name, plugin, completer };
  }
  const own = completeHostVariable(catalogue, ref.uri, argument);
  if (own !== undefined) return { of: "resource", name: ref.uri, plugin: "", completer: own };
  const resource = catalogue.resources.get(ref.uri);
  if (resource === undefined) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Unknown resource template: ${ref.uri}`,
    );
  }
  const { plugin, manifest } = resource;
  const completer = Object.hasOwn(manifest.complete, argument)
    ? manifest.complete[argument]
    : undefined;
  return { of: "resource", name: manifest.uri, plugin, completer };
}

function startingWith(values: readonly string[], typed: string): readonly string[] {
  const start = typed.toLowerCase();
  return values.filter((value) => value.toLowerCase().startsWith(start));
}

function toResult(
  values: readonly string[],
  { total, hasMore = false }: { readonly total?: number; readonly hasMore?: boolean } = {},
): CompleteResult {
  return {
    completion: {
      values: values.slice(0, MOST),
      total: total ?? values.length,
      hasMore: hasMore || values.length > MOST,
    },
  };
}
