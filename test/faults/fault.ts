import type { Era } from "../helpers/era.ts";
import type { Scene } from "./scene.ts";
import type { ServerSetup } from "./server-process.ts";

export type Transport = "stdio" | "HTTP";

/** One thing that goes wrong, and what must come of it. */
export interface Fault extends Omit<ServerSetup, "http" | "plugins"> {
  /** As in the fault list; several rows may share it. */
  readonly id: string;
  readonly what: string;
  readonly plugins?: readonly string[];
  /** Default: both. */
  readonly on?: Transport;
  /** Default: one of them on each transport. */
  readonly eras?: readonly Era[];
  /** The server is to end in it, so nobody looks at it afterwards. */
  readonly ends?: boolean;
  /** How much the host may grow at most, in MiB. */
  readonly growth?: number;
  /** Cannot be had without this; that it is not contained then is known, and said. */
  readonly needs?: "a sandbox";
  /** Throws if it is not contained. */
  run(scene: Scene): Promise<void>;
}
