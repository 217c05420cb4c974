import { xml } from "./answer.ts";
import type { Spelling, Spellings } from "./errors.ts";
import type { Protocol } from "./protocol.ts";
import { asNamed, toXml, type XmlStyle } from "./xml.ts";

/** EC2's own kind of query: lists of `item`, no result element, errors of a shape of their own. */
export function ec2Query(
  version: string,
  /**
   * Elements that are not their member's name with a small first letter, by the member's name or
   * the end of its path, such as `Volumes.State`.
   */
  elements: ReadonlyMap<string, string>,
): Protocol {
  const style: XmlStyle = {
    item: "item",
    element: (path) => {
      for (let from = 0; from < path.length; from += 1) {
        const known = elements.get(path.slice(from).join("."));
        if (known !== undefined) return known;
      }
      const name = asNamed(path);
      return name.charAt(0).toLowerCase() + name.slice(1);
    },
  };
  const namespace = `http://ec2.amazonaws.com/doc/${version}/`;
  return {
    spellings: SPELLINGS,
    success: (operation, output) =>
      xml(
        200,
        (requestId) =>
          `${DECLARATION}<${operation}Response xmlns="${namespace}">` +
          `<requestId>${requestId}</requestId>${toXml(output, style)}</${operation}Response>`,
      ),
    failure: ({ status, code, message }) =>
      xml(
        status,
        (requestId) =>
          `${DECLARATION}<Response><Errors><Error>` +
          toXml({ Code: code, Message: message }, AS_NAMED) +
          `</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      ),
  };
}

const DECLARATION = `<?xml version="1.0" encoding="UTF-8"?>\n`;
const AS_NAMED: XmlStyle = { item: "item", element: asNamed };

const NOT_VALIDATED: Spelling = {
  code: "AuthFailure",
  status: 401,
  message: () => "AWS was not able to validate the provided access credentials",
};
const EXPIRED: Spelling = { code: "RequestExpired", message: () => "Request has expired." };
const BAD_TOKEN: Spelling = {
  code: "InvalidParameterValue",
  message: () => "Unable to parse pagination token",
};

const SPELLINGS: Spellings = {
  unsigned: {
    code: "MissingParameter",
    message: () => "The request must contain the parameter AWSAccessKeyId",
  },
  "incomplete-signature": NOT_VALIDATED,
  "bad-signature": NOT_VALIDATED,
  "clock-skew": EXPIRED,
  "unknown-key": NOT_VALIDATED,
  // Unlike everywhere else, a session that has ended and a clock that is wrong look the same.
  "expired-token": EXPIRED,
  "access-denied": {
    code: "UnauthorizedOperation",
    status: 403,
    message: (text) => `You are not authorized to perform this operation. ${text}`,
  },
  throttled: {
    code: "RequestLimitExceeded",
    status: 503,
    message: () => "Request limit exceeded.",
  },
  "unknown-operation": { code: "InvalidAction" },
  malformed: { code: "InvalidParameterValue" },
  invalid: { code: "InvalidParameterValue" },
  "bad-page-token": BAD_TOKEN,
  "request-changed": BAD_TOKEN,
};
