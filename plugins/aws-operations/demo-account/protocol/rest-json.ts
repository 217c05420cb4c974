import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import { parseJson } from "./aws-json.ts";
import type { Spelling, Spellings } from "./errors.ts";
import type { Asked, Incoming, Protocol } from "./protocol.ts";

/** Method and path of an operation, such as `GET /findingv2/{id}`. */
type RouteTemplate = `${"GET" | "POST"} /${string}`;

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
}

/**
 * An operation by method and path, its input in the path, the query and a JSON body. Timestamps
 * are ISO 8601.
 */
export function restJson(operations: Readonly<Record<string, RouteTemplate>>): Protocol {
  const routes = Object.entries(operations).map(([operation, template]): Route => {
    const [method = "", path = ""] = template.split(" ");
    const pattern = path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    return { operation, method, path: new RegExp(`^${pattern}$`) };
  });
  return {
    spellings: SPELLINGS,
    asked: (request) => asked(request, routes),
    success: (_operation, output) => answer(200, output),
    failure: ({ status, code, message, members }) =>
      answer(status, { ...members, message }, { "x-amzn-errortype": code }),
  };
}

function asked({ method, url, body }: Incoming, routes: readonly Route[]): Asked | undefined {
  const [path = "", query = ""] = url.split("?");
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match === null) continue;
    const { input, problem } = parseJson(body);
    if (problem !== undefined) return { operation: route.operation, input, problem };
    const named = { ...Object.fromEntries(new URLSearchParams(query)), ...decoded(match.groups) };
    return { operation: route.operation, input: { ...(input as object), ...named } };
  }
  return undefined;
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

const answer = (
  status: number,
  members: object,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(members),
  requestId: randomUUID(),
  headers,
});

const BAD_TOKEN: Spelling = {
  code: "ValidationException",
  message: () => "Invalid nextToken",
  members: { reason: "other" },
};

const SPELLINGS: Spellings = {
  unsigned: { code: "MissingAuthenticationTokenException", status: 403 },
  "incomplete-signature": { code: "IncompleteSignatureException", status: 403 },
  "bad-signature": { code: "InvalidSignatureException", status: 403 },
  "clock-skew": { code: "InvalidSignatureException", status: 403 },
  "unknown-key": { code: "UnrecognizedClientException", status: 403 },
  "expired-token": { code: "ExpiredTokenException", status: 403 },
  "access-denied": { code: "AccessDeniedException", status: 403 },
  throttled: { code: "ThrottlingException", status: 429 },
  "unknown-operation": { code: "UnknownOperationException", status: 404 },
  malformed: { code: "SerializationException" },
  invalid: { code: "ValidationException", members: { reason: "fieldValidationFailed" } },
  "bad-page-token": BAD_TOKEN,
  "request-changed": BAD_TOKEN,
};
