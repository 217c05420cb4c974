import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { Spelling, Spellings } from "./errors.ts";
import type { Protocol } from "./protocol.ts";

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

/** JSON with the error's code in a header. Timestamps are ISO 8601. */
export const restJson: Protocol = {
  spellings: SPELLINGS,
  success: (_operation, output) => answer(200, output),
  failure: ({ status, code, message, members }) =>
    answer(status, { ...members, message }, { "x-amzn-errortype": code }),
};
