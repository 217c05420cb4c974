import type { IncomingMessage, ServerResponse } from "node:http";

/** What a page needs to send, and to read. */
const REQUEST_HEADERS =
  "authorization, content-type, accept, last-event-id, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name";
const RESPONSE_HEADERS = "mcp-session-id, www-authenticate";

/**
 * Lets a web page read the answer, once its origin has been found allowed. A preflight is answered here, before the
 * token is asked for: browsers send none with it. True if the request has been answered.
 */
export function answerCors(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Vary", "Origin");
  response.setHeader("Access-Control-Expose-Headers", RESPONSE_HEADERS);
  const asked = request.headers["access-control-request-method"];
  if (request.method !== "OPTIONS" || asked === undefined) return false;
  const extra = request.headers["access-control-request-headers"] ?? "";
  response.writeHead(204, {
    "Access-Control-Allow-Methods": "POST, GET, DELETE",
    // Tools may ask for headers of their own, `Mcp-Param-…`; which, only the page knows.
    "Access-Control-Allow-Headers": extra === "" ? REQUEST_HEADERS : `${REQUEST_HEADERS}, ${extra}`,
    "Access-Control-Max-Age": "600",
  });
  response.end();
  return true;
}
