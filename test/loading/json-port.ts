import { isDeepStrictEqual } from "node:util";
import type { CallServices, PluginPort, Services } from "../../src/base/port.ts";

/** A value as it comes out at the other end of a pipe. Throws where JSON would not carry it as it is. */
function wire<T>(value: T, what: string): T {
  if (value === undefined) return value;
  const copy = JSON.parse(JSON.stringify(value)) as T;
  if (isDeepStrictEqual(copy, value)) return copy;
  throw new Error(`${what} is not plain JSON: ${JSON.stringify(value)}`);
}

/** A port that sends all that crosses it through JSON and back, as one to another process does. */
export function jsonPort(port: PluginPort): PluginPort {
  return {
    describe: async () => wire(await port.describe(), "the manifest"),
    activate: (services) => port.activate(jsonServices(services)),
    invoke: async (invocation, signal, services) =>
      wire(
        await port.invoke(wire(invocation, "an invocation"), signal, jsonCallServices(services)),
        "an outcome",
      ),
    close: () => port.close(),
  };
}

function jsonServices(services: Services): Services {
  const { storage } = services;
  return {
    log: (level, message, fields) => services.log(level, message, wire(fields, "a log line")),
    storage: {
      get: async (key) => wire(await storage.get(key), "a stored value"),
      set: (key, value) => storage.set(key, wire(value, "a value to store")),
      delete: (key) => storage.delete(key),
      keys: async (prefix) => wire(await storage.keys(prefix), "the keys"),
    },
    configOf: async (name) => wire(await services.configOf(name), "a configuration"),
    resourceUpdated: (uri) => services.resourceUpdated(uri),
    definitionsChanged: () => services.definitionsChanged(),
  };
}

function jsonCallServices(services: CallServices): CallServices {
  return {
    ...jsonServices(services),
    onBegin: () => services.onBegin(),
    onMoreTime: (listener) => services.onMoreTime(listener),
    callTool: async (name, args) =>
      wire(await services.callTool(name, wire(args, "arguments")), "an answer"),
    remainingMs: () => wire(services.remainingMs(), "the time left"),
    background: () => services.background(),
    chunk: (text) => services.chunk(wire(text, "a piece of an answer")),
    retriesItself: () => services.retriesItself(),
    progress: (note) => services.progress(wire(note, "a progress note")),
    logToClient: (level, data) => services.logToClient(level, wire(data, "a log message")),
  };
}
