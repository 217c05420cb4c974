import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from "@modelcontextprotocol/server";
import { HostError } from "../base/errors.ts";

export interface GuardOptions {
  /** Address that the server listens on. */
  readonly host: string;
  readonly token: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/u;
const SHORTEST_TOKEN_BYTES = 32;

/** Refuses a configuration that would open the server to a network without a token. */
export function checkExposure({ host, token }: GuardOptions): void {
  if (token !== undefined && Buffer.byteLength(token) < SHORTEST_TOKEN_BYTES) {
    throw new HostError(
      "HTTP_TOKEN_WEAK",
      `server.http.token has ${Buffer.byteLength(token)} bytes; at least ${SHORTEST_TOKEN_BYTES} are needed. ` +
        "Make one: node -e \"console.log(crypto.randomBytes(32).toString('hex'))\"",
    );
  }
  if (token === undefined && !LOOPBACK.test(host)) {
    throw new HostError(
      "HTTP_TOKEN_REQUIRED",
      `${host} can be reached from other machines, and no token is set. Set AGENTFLOW_HTTP_TOKEN, or the ` +
        "variable that server.http.token names, to at least 32 random bytes, or listen on 127.0.0.1.",
    );
  }
}

/** Checks of a request, before anything of its body is read. */
export interface Guard {
  /** Host and Origin: whether it can come from a page that has no business here. */
  checkSource(request: IncomingMessage): Refusal | undefined;
  checkToken(request: IncomingMessage): Refusal | undefined;
}

export function createGuard(options: GuardOptions): Guard {
  const hosts = [...localhostAllowedHostnames(), options.host, ...options.allowedHosts];
  const origins = [...localhostAllowedOrigins(), ...options.allowedOrigins];
  const expected = options.token === undefined ? undefined : digest(options.token);
  const checkSource: Guard["checkSource"] = ({ headers }) => {
    if (!validateHostHeader(headers.host, hosts).ok) {
      return {
        status: 403,
        message: "Host not allowed. Add it to server.http.allowedHosts if it is yours.",
      };
    }
    if (!validateOriginHeader(headers.origin, origins).ok) {
      return {
        status: 403,
        message: "Origin not allowed. Add it to server.http.allowedOrigins if it is yours.",
      };
    }
    return undefined;
  };
  const checkToken: Guard["checkToken"] = ({ headers }) => {
    if (expected === undefined) return undefined;
    const given = /^Bearer (.+)$/iu.exec(headers.authorization ?? "")?.[1] ?? "";
    // Digests have one length, so that comparing them tells nothing of the token's.
    return timingSafeEqual(digest(given), expected)
      ? undefined
      : { status: 401, message: "A valid bearer token is needed." };
  };
  return { checkSource, checkToken };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
