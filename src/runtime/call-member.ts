import { PluginError } from "../base/errors.ts";
import { hostFailure } from "../base/failure.ts";
import { failed, type CallServices, type MemberRequest, type Outcome } from "../base/port.ts";
import { LIFE_MEMBERS, roleKey, ROLES, type Role } from "../base/roles.ts";
import type { Json, JsonObject, ToolContext } from "../plugin-api/index.ts";
import { agentMembers } from "./agent-members.ts";
import { failureOf } from "./failure-of.ts";
import { NotJsonError } from "./json-value.ts";
import type { LivePlugin } from "./live-plugin.ts";
import type { LiveRole } from "./live-role.ts";
import { llmMembers } from "./llm-members.ts";
import { BadArgumentError, type MemberAdapter } from "./member-call.ts";
import { method, readData } from "./spelling.ts";
import { storageMembers } from "./storage-members.ts";

const MEMBERS: Readonly<Record<Role, Readonly<Record<string, MemberAdapter>>>> = {
  agent: agentMembers,
  llm_backend: llmMembers,
  storage_backend: storageMembers,
};

/** Calls a member of an agent or a backend. Never rejects. */
export async function callMember(
  plugin: LivePlugin,
  request: MemberRequest,
  context: ToolContext,
  services: CallServices,
): Promise<Outcome> {
  const { role, name, member } = request;
  const where = `${name}.${member}`;
  const live = plugin.roles.get(roleKey(role, name));
  if (live === undefined) {
    const text = `The ${ROLES[role].words} '${name}' is gone.`;
    return failed(hostFailure("plugin_unavailable", text));
  }
  try {
    const value = await carryOut(live, request, context, services);
    return { kind: "value", ...(value !== undefined && { value }) };
  } catch (error) {
    if (error instanceof BadArgumentError) {
      return failed(
        hostFailure("invalid_arguments", `Invalid arguments of ${where}: ${error.message}.`),
      );
    }
    if (error instanceof NotJsonError) {
      const detail = `plugin '${plugin.manifest.info.name}': what ${where} gave cannot be used: ${error.message}`;
      const text = `What ${where} gave cannot be used.`;
      return failed(hostFailure("invalid_result", text, { detail, opaque: true }));
    }
    if (error instanceof PluginError) {
      const text = `No instance of '${name}' could be made.`;
      const { message, problem } = error;
      const detail = problem?.at === undefined ? message : `${message} (${problem.at})`;
      return failed(hostFailure("plugin_unavailable", text, { detail, opaque: true }));
    }
    const failure = failureOf(error);
    if (!failure.opaque) return failed(failure);
    const message = `${where} failed. Details are in the server's log under the error id.`;
    return failed({ ...failure, message });
  }
}

async function carryOut(
  live: LiveRole,
  request: MemberRequest,
  context: ToolContext,
  services: CallServices,
): Promise<Json | undefined> {
  const { role, name, member, instance } = request;
  const isLife = (LIFE_MEMBERS as readonly string[]).includes(member);
  if (isLife && instance !== undefined) {
    if (member === "shutdown") await live.end(instance.id);
    else return snapshot(live, (await live.instance(instance)).object);
    return undefined;
  }
  const adapter = Object.hasOwn(MEMBERS[role], member) ? MEMBERS[role][member] : undefined;
  if (adapter === undefined) {
    const known = Object.keys(MEMBERS[role]).join(", ");
    throw new BadArgumentError(`an ${ROLES[role].words} has no '${member}', only ${known}`);
  }
  const { object, config } = await live.instance(instance);
  const run = method(object, member);
  if (run === undefined && !isOptionalTruth(member)) {
    throw new BadArgumentError(`'${name}' has no '${member}'`);
  }
  return adapter({
    name,
    args: request.arguments,
    config,
    context,
    chunk: (text) => services.chunk(text),
    run: run && (async (...args) => run(...args)),
    read: () => readData(object, member),
  });
}

/** True where it is not there. */
function isOptionalTruth(member: string): boolean {
  return member === "isAvailable" || member === "validateConnection";
}

/** The data of an instance with options of its own, which may have another name than the plugin's. */
async function snapshot({ manifest }: LiveRole, object: unknown): Promise<JsonObject> {
  const texts: Record<string, Json> = {};
  for (const field of ["name", "version", "description"]) {
    const value = await readData(object, field);
    if (typeof value === "string") texts[field] = value;
  }
  const { name, version } = manifest;
  return { name, version, ...texts };
}
