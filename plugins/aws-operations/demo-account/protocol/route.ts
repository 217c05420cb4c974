import type { IncomingHttpHeaders } from "node:http";
import type { Operation, Service } from "../services/service.ts";
import type { Protocol } from "./answer.ts";
import { AwsError } from "./errors.ts";

/** What a request asks for, before anybody has checked that it may. */
export interface Route {
  readonly protocol: Protocol;
  readonly service: Service | undefined;
  readonly operation: string;
  /** The parsed body; the raw text if it could not be parsed. */
  readonly body: unknown;
  /** What runs, or why nothing can. */
  readonly target: { readonly run: Operation } | { readonly error: AwsError };
}

export interface Services {
  /** By the prefix of `X-Amz-Target`. */
  readonly json: ReadonlyMap<string, Service>;
  /** The one service that takes forms. */
  readonly query: Service;
}

const QUERY_VERSION = "2011-06-15";

export function routeOf(
  request: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders },
  text: string,
  services: Services,
): Route {
  const type = request.headers["content-type"] ?? "";
  const isPost = request.method === "POST" && request.url === "/";
  if (type.startsWith("application/x-www-form-urlencoded")) {
    return isPost ? routeForm(text, services.query) : unknown("query", text);
  }
  const target = request.headers["x-amz-target"];
  if (!isPost || !/^application\/x-amz-json-1\.[01]/.test(type) || typeof target !== "string") {
    return unknown("json", text);
  }
  return routeJson(target, text, services.json);
}

function routeJson(target: string, text: string, services: Services["json"]): Route {
  // The names of some services have dots in them.
  const dot = target.lastIndexOf(".");
  const operation = target.slice(dot + 1);
  const service = services.get(target.slice(0, Math.max(dot, 0)));
  if (service === undefined) return { ...unknown("json", text), operation: target };
  const parsed = parseJson(text);
  const route = { protocol: "json", service, operation, body: parsed.value } as const;
  const run = service.operations.get(operation);
  if (run === undefined) return { ...route, target: { error: unknownOperation(target) } };
  return { ...route, target: parsed.isJson ? { run } : { error: notJson() } };
}

function routeForm(text: string, service: Service): Route {
  const form = Object.fromEntries(new URLSearchParams(text));
  const { Action: operation = "", Version: version = "" } = form;
  const run = version === QUERY_VERSION ? service.operations.get(operation) : undefined;
  const error = new AwsError(
    "InvalidAction",
    `Could not find operation ${operation} for version ${version}`,
  );
  return {
    protocol: "query",
    service,
    operation,
    body: form,
    target: run === undefined ? { error } : { run },
  };
}

function parseJson(text: string): { isJson: boolean; value: unknown } {
  try {
    return { isJson: true, value: text === "" ? {} : JSON.parse(text) };
  } catch {
    return { isJson: false, value: text };
  }
}

const unknown = (protocol: Protocol, body: string): Route => ({
  protocol,
  service: undefined,
  operation: "",
  body,
  target: { error: unknownOperation("") },
});

const unknownOperation = (target: string): AwsError =>
  new AwsError(
    "UnknownOperationException",
    `The demo account does not serve ${target || "this request"}`,
  );

const notJson = (): AwsError =>
  new AwsError("SerializationException", "The request body is not valid JSON");
