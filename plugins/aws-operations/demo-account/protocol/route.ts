import type { Operation, Service } from "../services/service.ts";
import type { Address, Incoming } from "./address.ts";
import { Refusal } from "./errors.ts";
import { parseForm } from "./form.ts";
import type { Protocol } from "./protocol.ts";

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

/** A service that is loaded by the first request addressed to it. */
export interface AddressedService {
  readonly address: Address;
  readonly load: () => Promise<Service>;
}

export async function routeOf(
  request: Omit<Incoming, "form">,
  services: readonly AddressedService[],
): Promise<Route> {
  const incoming = { ...request, form: isForm(request) ? parseForm(textOf(request)) : undefined };
  for (const { address, load } of services) {
    const asked = address(incoming);
    if (asked === undefined) continue;
    const { operation, input, problem } = asked;
    const service = await load();
    const run = service.operations.get(operation);
    const target =
      run === undefined
        ? { refusal: notServed(operation) }
        : problem === undefined
          ? { run }
          : { refusal: problem };
    return { protocol: service.protocol, service, operation, input, target };
  }
  return unaddressed(incoming);
}

async function unaddressed(request: Incoming): Promise<Route> {
  const target = request.headers["x-amz-target"];
  const operation = request.form?.action ?? (typeof target === "string" ? target : "");
  return {
    protocol:
      request.form === undefined
        ? (await import("./aws-json.ts")).awsJson("1.1")
        : (await import("./aws-query.ts")).awsQuery("https://amazonaws.com/"),
    service: undefined,
    operation,
    input: textOf(request),
    target: { refusal: notServed(operation) },
  };
}

const isForm = ({ method, url, headers }: Omit<Incoming, "form">): boolean =>
  method === "POST" &&
  url === "/" &&
  (headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false);

const textOf = ({ body }: Omit<Incoming, "form">): string => body.toString("utf8");

const notServed = (operation: string): Refusal =>
  new Refusal(
    "unknown-operation",
    `The demo account does not serve ${operation || "this request"}`,
  );
