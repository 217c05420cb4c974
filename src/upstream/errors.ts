import { messageOf } from "../base/errors.ts";

/** What was asked certainly never reached the server, or was refused before anything was done. */
export class UnsentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnsentError";
  }
}

/** The server has forgotten the session, and with it the request; the next connection may take it. */
export class SessionGoneError extends UnsentError {
  constructor() {
    super("the server has ended the session");
    this.name = "SessionGoneError";
  }
}

/** Longest message of a server, in bytes: far over the longest result that is delivered. */
export const MAX_MESSAGE_BYTES = 16_777_216;

/** The server said more at a time than the host takes. */
export class MessageTooLongError extends Error {
  constructor() {
    super(`sent a message longer than ${MAX_MESSAGE_BYTES} bytes`);
    this.name = "MessageTooLongError";
  }
}

interface ConnectErrorOptions extends ErrorOptions {
  /** The next try will hardly do better: somebody has to mend something. Default false. */
  readonly isHopeless?: boolean;
  /** What the next try may do otherwise: not ask for the revision, or wait longer for the answer. */
  readonly hint?: "initialize" | "ask_longer";
}

/** A connection could not be made. The message follows the server's name, for the operator. */
export class ConnectError extends Error {
  /** For clients, in lower_snake_case. */
  readonly code: string;
  readonly isHopeless: boolean;
  readonly hint: ConnectErrorOptions["hint"];

  constructor(code: string, message: string, options: ConnectErrorOptions = {}) {
    super(message, options);
    this.name = "ConnectError";
    this.code = code;
    this.isHopeless = options.isHopeless ?? false;
    this.hint = options.hint;
  }
}

const LONGEST_REASON = 300;

/** An error for the operator, in one line: without the list of issues that the SDK's validator puts behind its own words. */
export function reasonOf(error: unknown): string {
  const [words = ""] = messageOf(error).split(/:?\s*\[\s*\{/u, 1);
  return words.replace(/\s+/gu, " ").slice(0, LONGEST_REASON);
}

/** Marks an error that a transport made up for an answer that will not come. No server can send a symbol. */
export const ANSWER_LOST = Symbol("answer lost");
