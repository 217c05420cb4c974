import { xml } from "./answer.ts";
import type { Spellings } from "./errors.ts";
import type { Protocol } from "./protocol.ts";
import { asNamed, toXml, type XmlStyle } from "./xml.ts";

const STYLE: XmlStyle = { item: "member", element: asNamed };

/** The answers of services that take forms: XML in a namespace of the service. */
export function awsQuery(namespace: string): Protocol {
  return {
    spellings: SPELLINGS,
    success: (operation, output) =>
      xml(
        200,
        (requestId) =>
          `<${operation}Response xmlns="${namespace}">\n` +
          `  <${operation}Result>${toXml(output, STYLE)}</${operation}Result>\n` +
          `  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>\n` +
          `</${operation}Response>\n`,
      ),
    failure: ({ status, code, message, members }) =>
      xml(
        status,
        (requestId) =>
          `<ErrorResponse xmlns="${namespace}">\n` +
          `  <Error>${toXml({ Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message, ...members }, STYLE)}</Error>\n` +
          `  <RequestId>${requestId}</RequestId>\n` +
          `</ErrorResponse>\n`,
      ),
  };
}

const SPELLINGS: Spellings = {
  unsigned: {
    code: "MissingAuthenticationToken",
    status: 403,
    message: () => "Request is missing Authentication Token",
  },
  "incomplete-signature": { code: "IncompleteSignature", status: 403 },
  "bad-signature": { code: "SignatureDoesNotMatch", status: 403 },
  "clock-skew": { code: "SignatureDoesNotMatch", status: 403 },
  "unknown-key": { code: "InvalidClientTokenId", status: 403 },
  "expired-token": { code: "ExpiredToken", status: 403 },
  "access-denied": { code: "AccessDenied", status: 403 },
  throttled: { code: "Throttling" },
  "unknown-operation": { code: "InvalidAction" },
  malformed: { code: "MalformedInput" },
  invalid: { code: "ValidationError" },
  "bad-page-token": { code: "ValidationError", message: () => "Invalid Marker." },
  "request-changed": { code: "ValidationError", message: () => "Invalid Marker." },
};
