import type { Answer } from "./answer.ts";
import type { AwsError } from "./errors.ts";

const JSON_TYPE = "application/x-amz-json-1.0";

/** Codes of the days when the service was asked with forms; any other lost its `Exception` only. */
const QUERY_CODES = new Map([
  ["ExpiredTokenException", "ExpiredToken"],
  ["InvalidSignatureException", "SignatureDoesNotMatch"],
  ["MissingRequiredParameterException", "MissingParameter"],
  ["UnrecognizedClientException", "InvalidClientTokenId"],
  ["ValidationException", "ValidationError"],
]);

/**
 * An answer in JSON 1.0 of a service that used to answer forms in XML: an error carries its old
 * code in a header, for callers that know it by that.
 */
export function asQueryCompatible(answer: Answer, error: AwsError | undefined): Answer {
  const jsonAnswer = { ...answer, contentType: JSON_TYPE };
  if (error === undefined) return jsonAnswer;
  const code = QUERY_CODES.get(error.code) ?? error.code.replace(/Exception$/, "");
  const type = error.status < 500 ? "Sender" : "Receiver";
  return { ...jsonAnswer, headers: { "x-amzn-query-error": `${code};${type}` } };
}
