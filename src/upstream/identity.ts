import type { Connection } from "./connection.ts";

/** Who a server says it is. */
export interface Identity {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
}

export const UNKNOWN: Identity = { name: "a server without a name", version: "0.0.0" };

/** Its own words, bounded: they end up in lists and logs. */
export function identityOf({ client }: Connection): Identity {
  const server = client.getServerVersion();
  const { name, version } = server ?? UNKNOWN;
  const about = server?.description ?? client.getInstructions() ?? server?.title;
  return {
    name: name.slice(0, 128),
    version: version.slice(0, 64),
    ...(about !== undefined && { description: about.slice(0, 2_000) }),
  };
}
