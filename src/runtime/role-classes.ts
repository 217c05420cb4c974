import type { Bag } from "../base/bag.ts";
import { ROLE_TYPES, ROLES } from "../base/roles.ts";
import type { AgentPlugin } from "../plugin-api/index.ts";
import { hasMembers, readData, snake } from "./spelling.ts";

export type AnyClass = (new (options?: Bag) => unknown) & { readonly prototype: unknown };

export function isClass(value: unknown): value is AnyClass {
  return typeof value === "function" && /^class\b/u.test(Function.prototype.toString.call(value));
}

/** A class and what came of constructing it. */
export interface MadeClass {
  readonly className?: string;
  readonly construct?: (options?: Bag) => unknown;
  readonly object?: unknown;
  /** What its constructor threw. */
  readonly error?: unknown;
  /** Another one extends it: it need not be whole itself. */
  readonly isBase?: boolean;
}

/** By one of these a class says that it is meant as an agent or a backend. */
const SIGNS = ["initialize", ...ROLE_TYPES.flatMap((role) => Object.keys(ROLES[role].required))];

/** The exported classes, those that look like agents or backends apart. Nothing of them is run to find out. */
export function findClasses(scopes: readonly Bag[]): {
  readonly roles: readonly AnyClass[];
  readonly others: readonly AnyClass[];
} {
  const classes = [...new Set(scopes.flatMap((scope) => Object.values(scope)))].filter(isClass);
  const isRole = ({ prototype }: AnyClass): boolean =>
    SIGNS.some((name) => has(prototype, name)) ||
    // Neither says anything by itself: many classes have a type.
    (has(prototype, "type") && has(prototype, "version"));
  return {
    roles: classes.filter(isRole),
    others: classes.filter((each) => !isRole(each)),
  };
}

/** Looks without touching: a getter on a prototype must not run. */
function has(prototype: unknown, name: string): boolean {
  return hasMembers(prototype) && (name in prototype || snake(name) in prototype);
}

const made: unique symbol = Symbol("made classes");

interface ClassPlugin extends AgentPlugin {
  readonly [made]: readonly MadeClass[];
}

/** The plugin that a file with nothing but such classes is. Each is constructed without arguments. */
export async function classPlugin(id: string, classes: readonly AnyClass[]): Promise<ClassPlugin> {
  const all = classes.map((each): MadeClass => {
    const className = each.name;
    const construct = (options?: Bag): unknown => new each(options);
    const isBase = classes.some(({ prototype }) => prototype instanceof each);
    try {
      return { className, construct, object: construct(), isBase };
    } catch (error) {
      return { className, error, isBase };
    }
  });
  const versions = await Promise.all(all.map((one) => textOf(one, "version")));
  const version = versions.find((text) => text !== undefined);
  const description = all.length === 1 ? await textOf(all[0], "description") : undefined;
  return {
    [made]: all,
    getPluginInfo: () => ({
      name: id,
      version: version ?? "0.0.0",
      ...(description !== undefined && { description }),
    }),
  };
}

/** Of a plugin of this kind; of any other there are none. */
export function madeClasses(instance: unknown): readonly MadeClass[] {
  return isClassPlugin(instance) ? instance[made] : [];
}

export function isClassPlugin(instance: unknown): instance is ClassPlugin {
  return hasMembers(instance) && made in instance;
}

/** What is wrong with it is said when it is read as an agent or a backend. */
async function textOf(one: MadeClass | undefined, name: string): Promise<string | undefined> {
  try {
    const value = await readData(one?.object, name);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
