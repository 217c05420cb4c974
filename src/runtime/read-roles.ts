import { messageOf, PluginError } from "../base/errors.ts";
import type { Bag } from "../base/bag.ts";
import type { Manifest, Quarantined, RoleManifest } from "../base/manifest.ts";
import { nearest } from "../base/nearest.ts";
import type { ProblemCode } from "../base/plugin-problem.ts";
import { ROLE_TYPES, roleKey, ROLES, type Role } from "../base/roles.ts";
import { LiveRole } from "./live-role.ts";
import { compileConfigSchema } from "./plugin-config.ts";
import { isClass, madeClasses, type MadeClass } from "./role-classes.ts";
import { placeInStack, placeOfClass } from "./source-place.ts";
import { hasMembers, member, method, readData, snake } from "./spelling.ts";

export interface ReadRoles {
  /** By {@link roleKey}. */
  readonly roles: ReadonlyMap<string, LiveRole>;
  readonly manifests: Pick<Manifest, "agents" | "llmBackends" | "storageBackends">;
  readonly quarantined: readonly Quarantined[];
}

/** What cannot be an agent or a backend, and why. */
class NoRoleError extends Error {
  readonly code: ProblemCode;
  readonly at: string | undefined;

  constructor(code: ProblemCode, message: string, at?: string) {
    super(message);
    this.code = code;
    this.at = at;
  }
}

/** One of the objects that a plugin brings. */
interface Entry extends MadeClass {
  /** Where it was listed; a class that its file exports says itself what it is. */
  readonly role?: Role;
}

type List = (getter: string) => Promise<readonly unknown[]>;

const NAME = /^(?!__proto__$)[A-Za-z0-9._-]{1,100}$/u;

/**
 * Reads agents and backends: what `getAgents()` and its siblings list, and the classes that a file exports. One that was there
 * before keeps its instance, for the plugin may make a new object each time it is asked.
 */
export async function readRoles(
  instance: unknown,
  list: List,
  file: string | undefined,
  before: ReadonlyMap<string, LiveRole>,
): Promise<ReadRoles> {
  const entries: Entry[] = [...madeClasses(instance)];
  for (const role of ROLE_TYPES) {
    for (const item of await list(ROLES[role].getter)) entries.push(await toEntry(role, item));
  }
  const roles = new Map<string, LiveRole>();
  const quarantined: Quarantined[] = [];
  for (const entry of entries) {
    try {
      const live = await readRole(entry, file);
      const key = roleKey(live.role, live.manifest.name);
      if (roles.has(key)) {
        const { words } = ROLES[live.role];
        throw new NoRoleError("wrong_data", `another ${words} of the plugin has this name`);
      }
      roles.set(key, before.get(key) ?? live);
    } catch (error) {
      if (entry.isBase !== true) quarantined.push(await refused(entry, error, file));
    }
  }
  const of = (wanted: Role): RoleManifest[] =>
    [...roles.values()].filter(({ role }) => role === wanted).map(({ manifest }) => manifest);
  const manifests = {
    agents: of("agent"),
    llmBackends: of("llm_backend"),
    storageBackends: of("storage_backend"),
  };
  return { roles, manifests, quarantined };
}

async function toEntry(role: Role, item: unknown): Promise<Entry> {
  if (!isClass(item)) {
    const maker: unknown = hasMembers(item) ? item["constructor"] : undefined;
    const isOfClass = isClass(maker);
    return {
      role,
      object: item,
      ...(isOfClass && { className: maker.name, construct: (options) => new maker(options) }),
    };
  }
  const construct = (options?: Bag): unknown => new item(options);
  try {
    return { role, className: item.name, construct, object: construct() };
  } catch (error) {
    return { role, className: item.name, error };
  }
}

async function readRole(entry: Entry, file: string | undefined): Promise<LiveRole> {
  const { object, className, construct } = entry;
  const who = className === undefined ? "it" : `the class ${className}`;
  if ("error" in entry) {
    throw new NoRoleError(
      "unhandled_error",
      `new ${className ?? ""}() threw: ${messageOf(entry.error)}`,
      placeInStack(entry.error, file),
    );
  }
  if (!hasMembers(object)) {
    throw new NoRoleError(
      "wrong_interface",
      `is ${object === null ? "null" : typeof object}, no object`,
    );
  }
  const role = roleOf(await readData(object, "type"), object, entry.role, who);
  const { required, optional, words } = ROLES[role];
  const missing = Object.keys(required).filter((name) => method(object, name) === undefined);
  if (missing.length > 0) {
    const found = methodNames(object);
    const described = missing.map((name) => {
      const meant = nearest(
        name,
        found.filter((known) => !(known in required)),
      );
      const hint = meant === undefined ? "" : ` (did you mean '${meant}'?)`;
      return `${(required as Readonly<Record<string, string>>)[name] ?? name}${hint}`;
    });
    throw new NoRoleError(
      "missing_method",
      `${who} has no ${described.join(" and no ")}, which every ${words} must have`,
    );
  }
  checkKeyValue(role, object, who);
  const name = await readText(object, "name", who, '"my_agent"');
  if (!NAME.test(name)) {
    throw new NoRoleError(
      "wrong_data",
      `${who} has the 'name' ${JSON.stringify(name)}; it may have up to 100 letters, digits, '_', '-' and '.'`,
    );
  }
  const version = await readText(object, "version", who, '"1.0.0"');
  const description = await readData(object, "description");
  const schema = await compileConfigSchema(
    member(object["constructor"], "configSchema") ?? member(object, "configSchema"),
  );
  const manifest: RoleManifest = {
    name,
    version,
    ...(typeof description === "string" && { description }),
    ...(className !== undefined && { className }),
    members: [
      ...Object.keys(required),
      ...optional.filter((each) => member(object, each) !== undefined),
    ],
    ...(schema && { configSchema: schema.json }),
  };
  return new LiveRole({ role, manifest, object, construct, schema, file });
}

async function readText(
  object: unknown,
  name: string,
  who: string,
  example: string,
): Promise<string> {
  const value = await readData(object, name);
  if (typeof value === "string" && value !== "") return value;
  const found = value === undefined ? "nothing" : (JSON.stringify(value) ?? typeof value);
  throw new NoRoleError(
    "wrong_data",
    `${who}: '${name}' must be text like ${example}, found ${found}`,
  );
}

/** What it says it is, which must be what it was listed as and what its members say. */
function roleOf(type: unknown, object: Bag, listed: Role | undefined, who: string): Role {
  const implemented = ROLE_TYPES.find((role) =>
    Object.keys(ROLES[role].required).some((name) => method(object, name) !== undefined),
  );
  const known = ROLE_TYPES.map((role) => `'${role}'`).join(", ");
  if (type !== undefined && type !== null) {
    const said = typeof type === "string" ? snake(type).replaceAll("-", "_") : undefined;
    const role = ROLE_TYPES.find((each) => each === said);
    if (role === undefined) {
      const meant = nearest(said ?? "", ROLE_TYPES) ?? listed ?? implemented;
      const shown = typeof type === "string" ? `'${type}'` : typeof type;
      const hint = meant === undefined ? "" : ` Did you mean '${meant}'?`;
      throw new NoRoleError(
        "wrong_type",
        `${who}: type says ${shown}, not one of ${known}.${hint}`,
      );
    }
    if (listed !== undefined && listed !== role) {
      throw new NoRoleError(
        "wrong_type",
        `${who}: type says '${role}', but ${ROLES[listed].getter}() lists it; it belongs into ${ROLES[role].getter}()`,
      );
    }
    if (implemented !== undefined && implemented !== role && !hasAny(object, role)) {
      throw new NoRoleError(
        "wrong_type",
        `${who}: type says '${role}', but its methods are those of an ${ROLES[implemented].words}. ` +
          `Did you mean '${implemented}'?`,
      );
    }
    return role;
  }
  const role = listed ?? implemented;
  if (role !== undefined) return role;
  throw new NoRoleError(
    "wrong_interface",
    `${who} has no 'type' and none of the methods of an agent, an LLM backend or a storage backend`,
  );
}

function hasAny(object: Bag, role: Role): boolean {
  return Object.keys(ROLES[role].required).some((name) => method(object, name) !== undefined);
}

const KEY_VALUE = ["get", "put", "delete", "keys"];

function checkKeyValue(role: Role, object: Bag, who: string): void {
  if (role !== "storage_backend") return;
  const missing = KEY_VALUE.filter((name) => method(object, name) === undefined);
  if (missing.length === 0 || missing.length === KEY_VALUE.length) return;
  throw new NoRoleError(
    "missing_method",
    `${who} has part of the key-value methods (${KEY_VALUE.join(", ")}) but no ${missing.join(", no ")}`,
  );
}

/** Also those that it inherits. */
function methodNames(object: Bag): readonly string[] {
  const names: string[] = [];
  for (
    let level: unknown = object;
    hasMembers(level) && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    names.push(...Object.getOwnPropertyNames(level));
  }
  return names;
}

async function refused(
  entry: Entry,
  error: unknown,
  file: string | undefined,
): Promise<Quarantined> {
  const { className, object } = entry;
  const name = className ?? (await nameOf(object));
  const code = error instanceof NoRoleError ? error.code : problemOf(error);
  const at =
    (error instanceof NoRoleError ? error.at : placeInStack(error, file)) ??
    (className === undefined ? undefined : placeOfClass(file, className));
  return {
    kind: entry.role ?? "agent",
    name,
    reason: messageOf(error),
    problem: { code, ...(at !== undefined && { at }) },
  };
}

function problemOf(error: unknown): ProblemCode {
  // A schema that is none has been explained; anything else was thrown by a getter of the author's.
  return error instanceof PluginError ? "wrong_data" : "unhandled_error";
}

async function nameOf(object: unknown): Promise<string> {
  try {
    const name = await readData(object, "name");
    return typeof name === "string" ? name : "without a name";
  } catch {
    return "without a name";
  }
}
