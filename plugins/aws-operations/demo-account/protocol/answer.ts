import { randomUUID } from "node:crypto";
import type { AwsError } from "./errors.ts";

/** How a service talks: JSON 1.1 with `X-Amz-Target`, or a form answered in XML. */
export type Protocol = "json" | "query";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = "application/x-amz-json-1.1";
const XML_TYPE = "text/xml";
const STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

export function success(protocol: Protocol, operation: string, output: object): Answer {
  const requestId = randomUUID();
  if (protocol === "json") {
    return { status: 200, contentType: JSON_TYPE, body: toJson(output), requestId };
  }
  const body =
    `<${operation}Response xmlns="${STS_NAMESPACE}">\n` +
    `  <${operation}Result>${toXml(output)}</${operation}Result>\n` +
    `  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>\n` +
    `</${operation}Response>\n`;
  return { status: 200, contentType: XML_TYPE, body, requestId };
}

export function failure(protocol: Protocol, error: AwsError): Answer {
  const requestId = randomUUID();
  const { status, code, message } = error;
  if (protocol === "json") {
    const body = JSON.stringify({ __type: code, Message: message });
    return { status, contentType: JSON_TYPE, body, requestId };
  }
  const type = status < 500 ? "Sender" : "Receiver";
  const body =
    `<ErrorResponse xmlns="${STS_NAMESPACE}">\n` +
    `  <Error>${toXml({ Type: type, Code: code, Message: message })}</Error>\n` +
    `  <RequestId>${requestId}</RequestId>\n` +
    `</ErrorResponse>\n`;
  return { status, contentType: XML_TYPE, body, requestId };
}

export function html(status: number, title: string): Answer {
  const body =
    `<html>\r\n<head><title>${status} ${title}</title></head>\r\n` +
    `<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: "text/html", body, requestId: randomUUID() };
}

/** JSON 1.1 carries timestamps as epoch seconds. */
function toJson(output: object): string {
  return JSON.stringify(
    output,
    function timestamps(this: Record<string, unknown>, key, value: unknown) {
      // By the time a replacer sees a Date, toJSON has made a string of it; the holder still has it.
      const original = this[key];
      return original instanceof Date ? original.getTime() / 1000 : value;
    },
  );
}

function toXml(members: object): string {
  return Object.entries(members)
    .map(([name, value]: [string, unknown]) => `<${name}>${contentOf(value)}</${name}>`)
    .join("");
}

function contentOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" && value !== null ? toXml(value) : escapeXml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
