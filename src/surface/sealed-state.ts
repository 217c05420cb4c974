import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Json } from "../plugin-api/index.ts";

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** A person may take a while to answer. */
const LIFETIME_MS = 60 * 60 * 1_000;

/** To whom and to what a state belongs; it opens for nothing else. */
export interface StateOwner {
  readonly principal: string;
  /** For example `tools/call delete_file`. */
  readonly target: string;
}

/** Seals what a plugin keeps between rounds: the client carries it, and can neither read nor change it. */
export class StateSealer {
  readonly #key: Buffer;

  /** Servers that share the load must share the secret; one alone makes its own. */
  constructor(secret: string | undefined) {
    this.#key =
      secret === undefined ? randomBytes(32) : createHash("sha256").update(secret).digest();
  }

  seal(state: Json, owner: StateOwner): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(ownerBytes(owner));
    const body = JSON.stringify({ state, expires: Date.now() + LIFETIME_MS });
    const sealed = Buffer.concat([cipher.update(body, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  /** Throws -32602 for a state that is not ours, not theirs, or too old. */
  open(text: string, owner: StateOwner): Json {
    try {
      const bytes = Buffer.from(text, "base64url");
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_BYTES))
        .setAAD(ownerBytes(owner))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const body = Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString("utf8");
      const { state, expires } = JSON.parse(body) as { state: Json; expires: number };
      if (expires > Date.now()) return state;
    } catch {
      // Told apart below by nothing: what was wrong is of use only to a forger.
    }
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Invalid or expired requestState", {
      reason: "invalid_request_state",
    });
  }
}

function ownerBytes({ principal, target }: StateOwner): Buffer {
  return Buffer.from(JSON.stringify([principal, target]));
}
