import { isBag } from "../base/bag.ts";
import type { CallServices, Services } from "../base/port.ts";
import type { CallInProcess } from "./call-in-process.ts";
import { checkProgress } from "./check-message.ts";
import { FrameError } from "./framing.ts";
import type { ChildNotes, ChildRequests } from "./messages.ts";

const LEVELS = new Set(["debug", "info", "warn", "error"]);
const CLIENT_LEVELS = new Set([
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
]);

type Calls = ReadonlyMap<number, CallInProcess>;

/** Answers what a plugin asks for from its process. */
export async function answerRequest(
  method: string,
  params: unknown,
  services: Services | undefined,
  calls: Calls,
): Promise<unknown> {
  if (services === undefined) throw new Error("the plugin is not loaded");
  switch (method as keyof ChildRequests) {
    case "callTool": {
      const { call, name, arguments: args } = params as ChildRequests["callTool"];
      const open = servicesOf(call, calls);
      if (open === undefined) throw new Error("the call is over");
      if (typeof name !== "string" || !isBag(args)) throw new Error("a call of no tool");
      return open.callTool(name, args);
    }
    case "configOf": {
      const { name } = params as ChildRequests["configOf"];
      if (typeof name !== "string") throw new Error("the configuration of nobody");
      return services.configOf(name);
    }
    case "storage":
      return useStorage(services.storage, params as ChildRequests["storage"]);
    default:
      throw new Error("a request of a kind that there is not");
  }
}

async function useStorage(
  storage: Services["storage"],
  { operation, key, value = null }: ChildRequests["storage"],
): Promise<unknown> {
  if (typeof key !== "string") throw new Error("a storage key that is no text");
  switch (operation) {
    case "get":
      return storage.get(key);
    case "set":
      return storage.set(key, value);
    case "delete":
      return storage.delete(key);
    case "keys":
      return storage.keys(key);
    default:
      throw new Error("an operation that storage does not have");
  }
}

/** Passes on what a plugin says from its process. Throws a {@link FrameError} for what cannot be meant. */
export function takeNote(
  method: string,
  params: unknown,
  services: Services | undefined,
  calls: Calls,
): void {
  switch (method) {
    case "log": {
      const { level, message, fields } = params as ChildNotes["log"];
      if (!LEVELS.has(level) || typeof message !== "string")
        throw new FrameError("an odd log line");
      services?.log(level, message, isBag(fields) ? fields : undefined);
      return;
    }
    case "progress": {
      const { call, note } = params as ChildNotes["progress"];
      servicesOf(call, calls)?.progress(checkProgress(note));
      return;
    }
    case "clientLog": {
      const { call, level, data } = params as ChildNotes["clientLog"];
      if (!CLIENT_LEVELS.has(level)) throw new FrameError("a message of an odd level");
      servicesOf(call, calls)?.logToClient(level, data);
      return;
    }
    case "chunk": {
      const { call, text } = params as ChildNotes["chunk"];
      if (typeof text !== "string") throw new FrameError("a piece of an answer that is no text");
      servicesOf(call, calls)?.chunk(text);
      return;
    }
    case "background":
      servicesOf((params as ChildNotes["background"]).call, calls)?.background();
      return;
    case "retriesItself":
      servicesOf((params as ChildNotes["retriesItself"]).call, calls)?.retriesItself();
      return;
    case "resourceUpdated": {
      const { uri } = params as ChildNotes["resourceUpdated"];
      if (typeof uri !== "string") throw new FrameError("a resource without an address");
      services?.resourceUpdated(uri);
      return;
    }
    default:
      throw new FrameError("a note of a kind that there is not");
  }
}

function servicesOf(call: unknown, calls: Calls): CallServices | undefined {
  return typeof call === "number" ? calls.get(call)?.services : undefined;
}
