import type { STSClient } from "@aws-sdk/client-sts";

interface Recordable {
  readonly config: { readonly requestHandler: STSClient["config"]["requestHandler"] };
}

/** Keeps the body of each answer as it came over the wire. */
export function recordBodies(clients: readonly Recordable[]): string[] {
  const bodies: string[] = [];
  for (const { config } of clients) {
    const handler = config.requestHandler;
    const handle = handler.handle.bind(handler);
    handler.handle = async (...args: Parameters<typeof handle>) => {
      const result = await handle(...args);
      const chunks: Buffer[] = [];
      for await (const chunk of result.response.body as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      bodies.push(body.toString());
      result.response.body = body;
      return result;
    };
  }
  return bodies;
}
