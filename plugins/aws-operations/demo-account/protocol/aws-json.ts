import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { Spellings } from "./errors.ts";
import type { Protocol } from "./protocol.ts";

/** JSON 1.0 and 1.1. Timestamps are epoch seconds. */
export function awsJson(version: "1.0" | "1.1"): Protocol {
  const answer = (status: number, members: object): Answer => ({
    status,
    contentType: `application/x-amz-json-${version}`,
    body: stringify(members),
    requestId: randomUUID(),
  });
  return {
    spellings: SPELLINGS,
    success: (_operation, output) => answer(200, output),
    failure: ({ status, code, message, members }) =>
      answer(status, { ...members, __type: code, Message: message }),
  };
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
