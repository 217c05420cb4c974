import type { ClientLogLevel, Json, JsonObject } from "../plugin-api/index.ts";
import type { Invocation, LogLevel, ProgressNote } from "../base/port.ts";
import type { PluginSource } from "../runtime/inline-port.ts";
import type { ValidatorCode } from "../runtime/validator-code.ts";

/** A plugin as it can be named across a process: by its file. */
export type FileSource = PluginSource & { readonly entry: { readonly file: string } };

/** What the host asks a plugin's process for, by method. */
export interface HostRequests {
  readonly describe: {
    readonly plugin: string;
    readonly source: FileSource;
    /** What the plugin's process said last in {@link ChildNotes.validators}. */
    readonly validators: ValidatorCode;
  };
  readonly activate: { readonly plugin: string };
  readonly invoke: {
    readonly plugin: string;
    /** Names the call in notes about it. */
    readonly call: number;
    readonly invocation: Invocation;
    readonly remainingMs: number;
  };
  readonly close: { readonly plugin: string };
}

/** What the host tells a plugin's process. */
export interface HostNotes {
  readonly cancel: { readonly call: number; readonly reason: string };
  /** The call has so much time from now on. */
  readonly time: { readonly call: number; readonly remainingMs: number };
  readonly ping: { readonly number: number };
}

/** What a plugin's process asks the host for. Each message names its plugin: several may share a process. */
export interface ChildRequests {
  readonly storage: {
    readonly plugin: string;
    readonly operation: "get" | "set" | "delete" | "keys";
    readonly key: string;
    readonly value?: Json;
  };
  readonly configOf: { readonly plugin: string; readonly name: string };
  readonly callTool: {
    readonly plugin: string;
    readonly call: number;
    readonly name: string;
    readonly arguments: JsonObject;
  };
}

/** What a plugin's process tells the host. */
export interface ChildNotes {
  readonly log: {
    readonly plugin: string;
    readonly level: LogLevel;
    readonly message: string;
    readonly fields?: JsonObject;
  };
  readonly progress: {
    readonly plugin: string;
    readonly call: number;
    readonly note: ProgressNote;
  };
  readonly clientLog: {
    readonly plugin: string;
    readonly call: number;
    readonly level: ClientLogLevel;
    readonly data: Json;
  };
  readonly chunk: { readonly plugin: string; readonly call: number; readonly text: string };
  readonly background: { readonly plugin: string; readonly call: number };
  readonly retriesItself: { readonly plugin: string; readonly call: number };
  readonly resourceUpdated: { readonly plugin: string; readonly uri: string };
  readonly definitionsChanged: { readonly plugin: string };
  /** What the next process need not compile. */
  readonly validators: { readonly plugin: string; readonly code: ValidatorCode };
  readonly pong: { readonly number: number; readonly rssBytes: number };
}
