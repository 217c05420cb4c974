/** Messages of the 2026-07-28 protocol, written by hand so that no client library takes part in the load. */

export const protocolVersion = "2026-07-28";

const envelope = {
  "io.modelcontextprotocol/protocolVersion": protocolVersion,
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/**
 * @typedef {object} Message
 * @property {number} id
 * @property {string} method
 * @property {string} [name] of the tool, which HTTP repeats in a header
 * @property {string} json
 */

let lastId = 0;

/**
 * @param {string} method
 * @param {{ name?: string, arguments?: object }} [params]
 * @returns {Message}
 */
export function message(method, params = {}) {
  const id = ++lastId;
  const json = JSON.stringify({
    jsonrpc: "2.0",
    id,
    method,
    params: { ...params, _meta: envelope },
  });
  return { id, method, json, ...(params.name !== undefined && { name: params.name }) };
}

/**
 * Parses an answer and throws unless it is the result of the message.
 * @param {Message} sent
 * @param {string} text
 */
export function resultOf(sent, text) {
  const answer = JSON.parse(text);
  if (answer.id !== sent.id || answer.result === undefined || answer.result.isError === true) {
    throw new Error(`wrong answer to ${sent.method} ${sent.name ?? ""}: ${text.slice(0, 500)}`);
  }
  return answer.result;
}
