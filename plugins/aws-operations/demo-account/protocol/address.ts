import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "./errors.ts";
import type { Form } from "./form.ts";

/** A request as it came over HTTP. */
export interface Incoming {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed body, if it is a form. */
  readonly form: Form | undefined;
}

/** What a request asks of the service it is addressed to. */
interface Asked {
  /** As the request names it, be it served or not. */
  readonly operation: string;
  /** The operation's input; the raw text if it could not be parsed. */
  readonly input: unknown;
  /** Why the input could not be parsed. */
  readonly problem?: Refusal;
}

/** What is asked of one service; undefined if the request is for another one. */
export type Address = (request: Incoming) => Asked | undefined;

/** `POST /` with JSON, and the operation after the last dot of `X-Amz-Target`, behind a name of the service. */
export const jsonTarget =
  (...names: readonly string[]): Address =>
  ({ method, url, headers, body }) => {
    const target = headers["x-amz-target"];
    const isJson = headers["content-type"]?.startsWith("application/x-amz-json-") ?? false;
    if (method !== "POST" || url !== "/" || !isJson || typeof target !== "string") return undefined;
    const dot = target.lastIndexOf(".");
    if (dot === -1 || !names.includes(target.slice(0, dot))) return undefined;
    return { operation: target.slice(dot + 1), ...parseJson(body) };
  };

/** A form with the service's `Version`, and the operation as its `Action`. */
export const formVersion =
  (version: string): Address =>
  ({ form }) =>
    form?.version === version ? { ...form, operation: form.action } : undefined;

/** Method and path of an operation, such as `GET /findingv2/{id}`. */
type RouteTemplate = `${"GET" | "POST"} /${string}`;

/** An operation by method and path, its input in the path, the query and a JSON body. */
export function restRoutes(operations: Readonly<Record<string, RouteTemplate>>): Address {
  const routes = Object.entries(operations).map(([operation, template]) => {
    const [method = "", path = ""] = template.split(" ");
    const pattern = path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    return { operation, method, path: new RegExp(`^${pattern}$`) };
  });
  return ({ method, url, body }) => {
    const [path = "", query = ""] = url.split("?");
    for (const route of routes) {
      const match = route.method === method ? route.path.exec(path) : null;
      if (match === null) continue;
      const { operation } = route;
      const { input, problem } = parseJson(body);
      if (problem !== undefined) return { operation, input, problem };
      const named = { ...Object.fromEntries(new URLSearchParams(query)), ...decoded(match.groups) };
      return { operation, input: { ...(input as object), ...named } };
    }
    return undefined;
  };
}

/** The input that a JSON body holds; an empty body holds an empty one. */
function parseJson(body: Buffer): Pick<Asked, "input" | "problem"> {
  const text = body.toString("utf8");
  try {
    return { input: text === "" ? {} : JSON.parse(text) };
  } catch {
    const problem = new Refusal("malformed", "The request body is not valid JSON");
    return { input: text, problem };
  }
}

function decoded(parameters: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}
