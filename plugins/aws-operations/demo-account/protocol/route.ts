import type { Operation, Service } from "../services/service.ts";
import { awsJson } from "./aws-json.ts";
import { awsQuery } from "./aws-query.ts";
import { Refusal } from "./errors.ts";
import { parseForm } from "./form.ts";
import type { Incoming, Protocol } from "./protocol.ts";

/** What a request asks for, before anybody has checked that it may. */
export interface Route {
  /** How to answer. */
  readonly protocol: Protocol;
  readonly service: Service | undefined;
  readonly operation: string;
  /** The operation's input; the raw text if it could not be parsed. */
  readonly input: unknown;
  /** What runs, or why nothing can. */
  readonly target: { readonly run: Operation } | { readonly refusal: Refusal };
}

export function routeOf(request: Omit<Incoming, "form">, services: readonly Service[]): Route {
  const incoming = { ...request, form: isForm(request) ? parseForm(textOf(request)) : undefined };
  for (const service of services) {
    const asked = service.protocol.asked(incoming);
    if (asked === undefined) continue;
    const { operation, input, problem } = asked;
    const { protocol } = service;
    const run = service.operations.get(operation);
    const refusal = run === undefined ? notServed(operation) : problem;
    if (refusal !== undefined) {
      return { protocol, service, operation, input, target: { refusal } };
    }
    if (run !== undefined) return { protocol, service, operation, input, target: { run } };
  }
  return {
    protocol: incoming.form === undefined ? ANY_JSON : ANY_QUERY,
    service: undefined,
    operation: incoming.form?.action ?? named(request),
    input: textOf(request),
    target: { refusal: notServed(incoming.form?.action ?? named(request)) },
  };
}

/** How requests are answered that are addressed to no service. */
const ANY_JSON = awsJson("");
const ANY_QUERY = awsQuery("", "https://amazonaws.com/");

const isForm = ({ method, url, headers }: Omit<Incoming, "form">): boolean =>
  method === "POST" &&
  url === "/" &&
  (headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false);

const textOf = ({ body }: Omit<Incoming, "form">): string => body.toString("utf8");

function named({ headers }: Omit<Incoming, "form">): string {
  const target = headers["x-amz-target"];
  return typeof target === "string" ? target : "";
}

const notServed = (operation: string): Refusal =>
  new Refusal(
    "unknown-operation",
    `The demo account does not serve ${operation || "this request"}`,
  );
