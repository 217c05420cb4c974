import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import { Refusal, type AwsError, type Spellings } from "./errors.ts";
import type { Asked, Incoming, Protocol } from "./protocol.ts";

const CONTENT_TYPE = "application/x-amz-json-";

/**
 * JSON 1.0 and 1.1: `POST /` with the operation after the last dot of `X-Amz-Target`. Timestamps
 * are epoch seconds.
 */
export function awsJson(target: string, version: "1.0" | "1.1" = "1.1"): Protocol {
  const contentType = `${CONTENT_TYPE}${version}`;
  const answer = (status: number, members: object): Answer => ({
    status,
    contentType,
    body: stringify(members),
    requestId: randomUUID(),
  });
  return {
    spellings: SPELLINGS,
    asked: (request) => asked(request, target),
    success: (_operation, output) => answer(200, output),
    failure: ({ status, code, message, members }: AwsError) =>
      answer(status, { ...members, __type: code, Message: message }),
  };
}

function asked({ method, url, headers, body }: Incoming, prefix: string): Asked | undefined {
  const target = headers["x-amz-target"];
  const isJson = headers["content-type"]?.startsWith(CONTENT_TYPE) ?? false;
  if (method !== "POST" || url !== "/" || !isJson || typeof target !== "string") return undefined;
  const dot = target.lastIndexOf(".");
  if (dot === -1 || target.slice(0, dot) !== prefix) return undefined;
  return { operation: target.slice(dot + 1), ...parseJson(body) };
}

/** The input that a JSON body holds; an empty body holds an empty one. */
export function parseJson(body: Buffer): Pick<Asked, "input" | "problem"> {
  const text = body.toString("utf8");
  try {
    return { input: text === "" ? {} : JSON.parse(text) };
  } catch {
    return {
      input: text,
      problem: new Refusal("malformed", "The request body is not valid JSON"),
    };
  }
}

function stringify(members: object): string {
  return JSON.stringify(
    members,
    function timestamps(this: Record<string, unknown>, key, value: unknown) {
      // By the time a replacer sees a Date, toJSON has made a string of it; the holder still has it.
      const original = this[key];
      return original instanceof Date ? original.getTime() / 1000 : value;
    },
  );
}

const SPELLINGS: Spellings = {
  unsigned: { code: "MissingAuthenticationTokenException" },
  "incomplete-signature": { code: "IncompleteSignatureException" },
  "bad-signature": { code: "InvalidSignatureException" },
  "clock-skew": { code: "InvalidSignatureException" },
  "unknown-key": { code: "UnrecognizedClientException" },
  "expired-token": { code: "ExpiredTokenException" },
  "access-denied": { code: "AccessDeniedException" },
  throttled: { code: "ThrottlingException" },
  "unknown-operation": { code: "UnknownOperationException" },
  malformed: { code: "SerializationException" },
  invalid: { code: "ValidationException" },
  "bad-page-token": { code: "InvalidNextTokenException" },
  "request-changed": { code: "RequestChangedException" },
};
