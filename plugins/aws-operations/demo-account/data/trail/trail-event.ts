import { createHash } from "node:crypto";
import type { Actor } from "./actors.ts";

interface TrailResource {
  /** Such as `AWS::EC2::Instance`. */
  readonly type: string;
  readonly name: string;
}

/** What an actor did: everything about an event but when and where. */
export interface Deed {
  readonly actor: Actor;
  /** The service, without `.amazonaws.com`. */
  readonly service: string;
  readonly name: string;
  readonly isReadOnly?: boolean;
  readonly resources?: readonly TrailResource[];
  readonly request?: object;
  readonly response?: object;
  readonly error?: { readonly code?: string; readonly message: string };
  /** For sign-ins: `additionalEventData`. */
  readonly additional?: object;
}

export interface TrailEvent extends Deed {
  readonly id: string;
  readonly time: Date;
  readonly region: string;
}

/** The same deed at the same time in the same place has the same id in every process. */
export function happened(deed: Deed, time: Date, region: string): TrailEvent {
  const key = [deed.name, time.toISOString(), region, deed.actor.sourceIp].join(" ");
  const hex = createHash("sha256").update(key).digest("hex");
  const id = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return { ...deed, id: [...id, hex.slice(20, 32)].join("-"), time, region };
}
