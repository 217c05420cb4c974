import type { ClientCapabilities } from "@modelcontextprotocol/client";
import type { Bag } from "../base/bag.ts";
import type { ClientAbilities, InputAnswer, InputRequest } from "../plugin-api/index.ts";

/** A question as MCP has it, in a request of its own or within a result. */
export interface WireQuestion {
  readonly method: string;
  readonly params?: object | undefined;
}

/** As the host asks it; undefined for what it does not know. */
export function toInputRequest({ method, params }: WireQuestion): InputRequest | undefined {
  const { _meta: _own, ...fields } = (params ?? {}) as Bag;
  switch (method) {
    case "elicitation/create": {
      const { mode, message, url, requestedSchema } = fields;
      const request =
        mode === "url"
          ? { kind: "url", message, url }
          : { kind: "form", message, schema: requestedSchema };
      return request as InputRequest;
    }
    case "sampling/createMessage":
      return { ...fields, kind: "sampling" } as unknown as InputRequest;
    case "roots/list":
      return { kind: "roots" };
    default:
      return undefined;
  }
}

/** An answer as the server is to get it. */
export function toWireAnswer(request: InputRequest, answer: InputAnswer): Bag {
  const isForm = request.kind === "form" || request.kind === "url";
  // Whoever says nothing has at least not agreed.
  return isForm && answer.action === undefined ? { ...answer, action: "cancel" } : answer;
}

/** What a server gets whose question nobody can answer, where the protocol has a word for it. */
export function refusal(method: string): Bag | undefined {
  return method === "elicitation/create" ? { action: "decline" } : undefined;
}

export function canAnswer(client: ClientAbilities, request: InputRequest): boolean {
  return client[request.kind];
}

/** What a client can be asked, as it is declared to a server. */
export function capabilitiesOf({
  form,
  url,
  sampling,
  roots,
}: ClientAbilities): ClientCapabilities {
  return {
    ...((form || url) && { elicitation: { ...(form && { form: {} }), ...(url && { url: {} }) } }),
    ...(sampling && { sampling: {} }),
    ...(roots && { roots: {} }),
  };
}
