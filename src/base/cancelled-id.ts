import { isBag } from "./bag.ts";

/** The request that a message of MCP cancels, if it does. */
export function cancelledId(message: unknown): string | number | undefined {
  if (!isBag(message) || message["method"] !== "notifications/cancelled") return undefined;
  const { params } = message;
  const id = isBag(params) ? params["requestId"] : undefined;
  return isRequestId(id) ? id : undefined;
}

export function isRequestId(id: unknown): id is string | number {
  return typeof id === "string" || Number.isSafeInteger(id);
}
