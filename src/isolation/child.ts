// The program of a plugin's own process. It speaks with the host on file descriptor 3; what plugins print goes to the
// host's log. It ends when the host is gone, and at the first error that nobody catches.
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { detailOf } from "../base/errors.ts";
import type { Manifest } from "../base/manifest.ts";
import type { Outcome, Services } from "../base/port.ts";
import type { JsonObject } from "../plugin-api/index.ts";
import { InlinePort } from "../runtime/inline-port.ts";
import type { ValidatorCode } from "../runtime/validator-code.ts";
import { Channel } from "./channel.ts";
import { ChildCall } from "./child-call.ts";
import { collectWhenQuiet } from "./collect-when-quiet.ts";
import type { ChildNotes, ChildRequests, HostNotes, HostRequests } from "./messages.ts";
import { describeError, hostErrorAgain } from "./remote-errors.ts";

const CHANNEL_FD = 3;
/** By it the host knows that the plugin, and not somebody else, ended the process. */
const UNCAUGHT = 70;

const ports = new Map<string, InlinePort>();
const calls = new Map<number, ChildCall>();
const notQuiet = collectWhenQuiet(() => calls.size > 0);

const channel = new Channel(new Socket({ fd: CHANNEL_FD, readable: true, writable: true }), {
  onRequest: (method, params) => answer(method as keyof HostRequests, params),
  onNote: (method, params) => hear(method as keyof HostNotes, params),
  onClose: () => process.exit(0),
  describeError,
});

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    // At once: whatever state it left, nothing may be built on it.
    writeSync(process.stderr.fd, `uncaught: ${detailOf(error)}\n`);
    process.exit(UNCAUGHT);
  });
}

async function answer(method: keyof HostRequests, params: unknown): Promise<unknown> {
  notQuiet();
  switch (method) {
    case "describe":
      return describe(params as HostRequests["describe"]);
    case "activate": {
      const { plugin } = params as HostRequests["activate"];
      return portOf(plugin).activate(servicesOf(plugin));
    }
    case "invoke":
      return invoke(params as HostRequests["invoke"]);
    case "close": {
      const { plugin } = params as HostRequests["close"];
      const port = portOf(plugin);
      ports.delete(plugin);
      return port.close();
    }
  }
}

async function describe({
  plugin,
  source,
  validators,
}: HostRequests["describe"]): Promise<Manifest> {
  const port = ports.get(plugin) ?? new InlinePort(source);
  ports.set(plugin, port);
  const manifest = await port.describe(validators);
  // After the answer, which somebody waits for.
  setImmediate(() => void tellValidators(plugin, port, validators));
  return manifest;
}

async function tellValidators(
  plugin: string,
  port: InlinePort,
  known: ValidatorCode,
): Promise<void> {
  const code = await port.validatorCode();
  if (Object.keys(code).some((schema) => known[schema] === undefined)) {
    tell("validators", { plugin, code });
  }
}

async function invoke(params: HostRequests["invoke"]): Promise<Outcome> {
  const { plugin, call: number, invocation, remainingMs } = params;
  const call = new ChildCall(remainingMs, (note) =>
    tell("progress", { plugin, call: number, note }),
  );
  calls.set(number, call);
  try {
    const services = call.services(servicesOf(plugin), {
      background: () => tell("background", { plugin, call: number }),
      retriesItself: () => tell("retriesItself", { plugin, call: number }),
      logToClient: (level, data) => tell("clientLog", { plugin, call: number, level, data }),
      chunk: (text) => tell("chunk", { plugin, call: number, text }),
      callTool: async (name, args) =>
        (await ask("callTool", { plugin, call: number, name, arguments: args })) as Outcome,
    });
    return await portOf(plugin).invoke(invocation, call.signal, services);
  } finally {
    call.end();
    calls.delete(number);
  }
}

function hear(method: keyof HostNotes, params: unknown): void {
  switch (method) {
    case "cancel": {
      const { call, reason } = params as HostNotes["cancel"];
      calls.get(call)?.cancel(reason);
      return;
    }
    case "time": {
      const { call, remainingMs } = params as HostNotes["time"];
      calls.get(call)?.setTime(remainingMs);
      return;
    }
    case "ping": {
      const { number } = params as HostNotes["ping"];
      tell("pong", { number, rssBytes: process.memoryUsage.rss() });
    }
  }
}

function servicesOf(plugin: string): Services {
  const storage = (params: Omit<ChildRequests["storage"], "plugin">): Promise<unknown> =>
    ask("storage", { plugin, ...params }).catch((error: unknown) => {
      throw hostErrorAgain(error);
    });
  return {
    log: (level, message, fields) =>
      tell("log", { plugin, level, message, ...(fields && { fields }) }),
    storage: {
      get: async (key) => (await storage({ operation: "get", key })) as never,
      set: async (key, value) => void (await storage({ operation: "set", key, value })),
      delete: async (key) => void (await storage({ operation: "delete", key })),
      keys: async (prefix) => (await storage({ operation: "keys", key: prefix })) as never,
    },
    configOf: async (name) => (await ask("configOf", { plugin, name })) as JsonObject,
    resourceUpdated: (uri) => tell("resourceUpdated", { plugin, uri }),
    definitionsChanged: () => tell("definitionsChanged", { plugin }),
  };
}

function portOf(plugin: string): InlinePort {
  const port = ports.get(plugin);
  if (port === undefined) throw new Error(`there is no plugin '${plugin}' here`);
  return port;
}

function ask<M extends keyof ChildRequests>(method: M, params: ChildRequests[M]): Promise<unknown> {
  return channel.request(method, params);
}

function tell<M extends keyof ChildNotes>(method: M, params: ChildNotes[M]): void {
  try {
    channel.note(method, params);
  } catch {
    // Longer than a frame may be: nobody would read it, and its author expects no error here.
  }
}
