import { inputRequired, type InputRequiredResult } from "@modelcontextprotocol/server";
import type { InputRequest } from "../plugin-api/index.ts";

type SdkRequest = ReturnType<
  | typeof inputRequired.elicit
  | typeof inputRequired.elicitUrl
  | typeof inputRequired.createMessage
  | typeof inputRequired.listRoots
>;

/** What a plugin wants to ask, as the SDK asks it: in the result of 2026-07-28, by requests of its own before. */
export function toInputRequired(
  requests: Readonly<Record<string, InputRequest>>,
  requestState: string | undefined,
): InputRequiredResult {
  const entries = Object.entries(requests).map(([key, request]) => [key, toSdk(request)] as const);
  return inputRequired({
    inputRequests: Object.fromEntries(entries),
    ...(requestState !== undefined && { requestState }),
  });
}

function toSdk(request: InputRequest): SdkRequest {
  switch (request.kind) {
    case "form":
      return inputRequired.elicit({
        message: request.message,
        requestedSchema: request.schema as never,
      });
    case "url":
      return inputRequired.elicitUrl({ message: request.message, url: request.url });
    case "sampling": {
      const { kind: _kind, ...params } = request;
      return inputRequired.createMessage(params as never);
    }
    case "roots":
      return inputRequired.listRoots();
  }
}
