import { isBag, type Bag } from "../base/bag.ts";
import { nearest } from "../base/nearest.ts";
import { explainIssues, type Problem } from "./problems.ts";
import { serverSettings, type Config, type ServerSettings } from "./schema.ts";

const TYPE = serverSettings.shape.type.value;
/** Keys of one kind of server that mean nothing to the other. */
const ONLY_WITH = { command: ["args", "env", "cwd"], url: ["headers"] } as const;

/** Whether an entry of `plugins` declares an MCP server. Its other keys mean something else than a plugin's. */
export function declaresServer(settings: unknown): boolean {
  return isBag(settings) && settings["type"] === TYPE;
}

/** The MCP servers that a checked configuration declares, by id, in its order. */
export function declaredServers({
  plugins,
}: Config): readonly (readonly [string, ServerSettings])[] {
  return Object.entries(plugins).flatMap(([id, settings]) =>
    declaresServer(settings) ? [[id, serverSettings.parse(settings)] as const] : [],
  );
}

/** What is wrong with the servers that a configuration declares, or was meant to. */
export function serverProblems(value: unknown, raw: unknown): readonly Problem[] {
  const before = pluginsOf(raw);
  return Object.entries(pluginsOf(value)).flatMap(([id, settings]) =>
    problemsOf(settings, before[id]).map(({ path, text }) => ({
      path: ["plugins", id, ...path],
      text,
    })),
  );
}

function problemsOf(settings: unknown, raw: unknown): readonly Problem[] {
  if (!isBag(settings) || !declaresServer(settings)) return mistypedType(settings);
  const { error } = serverSettings.safeParse(settings);
  const isolation =
    settings["isolation"] === undefined
      ? []
      : [
          {
            path: ["isolation"],
            text: "an MCP server always runs outside of the host's process. Remove it",
          },
        ];
  const issues = error === undefined ? [] : explainIssues(error, settings, raw, serverSettings);
  return [
    ...isolation,
    ...issues.filter(({ path }) => path[0] !== "isolation"),
    ...kindProblems(settings),
  ];
}

/** A server is either started or called. */
function kindProblems(settings: Bag): readonly Problem[] {
  const kinds = (["command", "url"] as const).filter((kind) => settings[kind] !== undefined);
  const [kind, other] = kinds;
  if (kind === undefined) {
    const text = 'has neither "command" nor "url". Give one: a program to start, or an address';
    return [{ path: [], text }];
  }
  if (other !== undefined) {
    const text = 'has both "command" and "url". Keep one: a program to start, or an address';
    return [{ path: [], text }];
  }
  const strange = kind === "command" ? ONLY_WITH.url : ONLY_WITH.command;
  return strange
    .filter((key) => settings[key] !== undefined)
    .map((key) => ({ path: [key], text: `means nothing beside "${kind}". Remove it` }));
}

/** A plugin may have a key `type` of its own, but hardly with such a value. */
function mistypedType(settings: unknown): readonly Problem[] {
  const type = isBag(settings) ? settings["type"] : undefined;
  if (typeof type !== "string" || nearest(type, [TYPE]) === undefined) return [];
  return [{ path: ["type"], text: `found ${JSON.stringify(type)}. Write "${TYPE}"` }];
}

function pluginsOf(value: unknown): Bag {
  const plugins = isBag(value) ? value["plugins"] : undefined;
  return isBag(plugins) ? plugins : {};
}
