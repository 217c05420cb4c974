import { randomBytes } from "node:crypto";
import {
  DEMO_ACCESS_KEY_ID,
  DEMO_ACCOUNT_ID,
  DEMO_SECRET_ACCESS_KEY,
  DEMO_SESSION_KEY_PREFIX,
  DEMO_USER_ARN,
  DEMO_USER_ID,
} from "./credentials.ts";

/** Who signed a request. */
export interface Caller {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

export interface AccessKey {
  readonly secretAccessKey: string;
  /** Absent for a key that does not expire. */
  readonly session?: { readonly token: string; readonly expiresAt: Date };
  readonly caller: Caller;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const DEMO_USER: AccessKey = {
  secretAccessKey: DEMO_SECRET_ACCESS_KEY,
  caller: { arn: DEMO_USER_ARN, userId: DEMO_USER_ID, account: DEMO_ACCOUNT_ID },
};

/** An expired key is remembered for a while, since AWS tells it from one that never was. */
const REMEMBERED_MS = 24 * 3_600_000;

/** The keys whose signatures are accepted: the demo user's, and those that AssumeRole gives out. */
export class AccessKeys {
  readonly #keys = new Map([[DEMO_ACCESS_KEY_ID, DEMO_USER]]);

  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  issue(caller: Caller, expiresAt: Date): TemporaryCredentials {
    this.#forget(expiresAt.getTime() - REMEMBERED_MS);
    const accessKeyId = `${DEMO_SESSION_KEY_PREFIX}${randomBytes(6).toString("hex").toUpperCase()}`;
    const secretAccessKey = `DEMO/session/${randomBytes(20).toString("base64url").slice(0, 27)}`;
    const token = `DEMO//session/${randomBytes(120).toString("base64")}`;
    this.#keys.set(accessKeyId, { secretAccessKey, session: { token, expiresAt }, caller });
    return { accessKeyId, secretAccessKey, sessionToken: token };
  }

  #forget(expiredBefore: number): void {
    for (const [id, { session }] of this.#keys) {
      if (session !== undefined && session.expiresAt.getTime() < expiredBefore) {
        this.#keys.delete(id);
      }
    }
  }
}
