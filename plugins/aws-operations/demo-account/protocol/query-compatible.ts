import type { Protocol } from "./protocol.ts";

/** Codes of the days when the service was asked with forms; any other lost its `Exception` only. */
const QUERY_CODES = new Map([
  ["ExpiredTokenException", "ExpiredToken"],
  ["InvalidSignatureException", "SignatureDoesNotMatch"],
  ["MissingRequiredParameterException", "MissingParameter"],
  ["UnrecognizedClientException", "InvalidClientTokenId"],
  ["ValidationException", "ValidationError"],
]);

/**
 * A protocol in which a service that used to answer forms in XML answers now: an error carries its
 * old code in a header, for callers that know it by that.
 */
export const queryCompatible = (protocol: Protocol): Protocol => ({
  ...protocol,
  failure: (error) => {
    const code = QUERY_CODES.get(error.code) ?? error.code.replace(/Exception$/, "");
    const type = error.status < 500 ? "Sender" : "Receiver";
    const answer = protocol.failure(error);
    const headers = { ...answer.headers, "x-amzn-query-error": `${code};${type}` };
    return { ...answer, headers };
  },
});
