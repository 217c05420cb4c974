import { errorText, type Fault } from "./json-rpc-guard.ts";

export const VERSION_HEADER = "mcp-protocol-version";

/** The answer to a refused request. */
export function refusal(
  status: number,
  fault: Fault,
  revision: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(errorText(fault, revision), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

/** The revision that a request says it is written in, if it says one. */
export function revisionNamed({ headers }: Request): string | undefined {
  const named = headers.get(VERSION_HEADER)?.trim();
  return named !== undefined && /^\d{4}-\d{2}-\d{2}$/u.test(named) ? named : undefined;
}
