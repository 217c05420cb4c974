import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { createMcpHandler } from "@modelcontextprotocol/server";

/** Connects a client of the 2026 era to a handler of requests, over no network. */
export async function connectInProcess({
  fetch,
}: ReturnType<typeof createMcpHandler>): Promise<Client> {
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
      fetch: (url, init) => fetch(new Request(url, init)),
    }),
  );
  return client;
}
