/** An error as AWS answers it: a code, a text and an HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members that the error has besides its text. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    status = 400,
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

export const validation = (message: string): AwsError =>
  new AwsError("ValidationException", message);

/** What every service can answer, each under a code and a status of its own. */
export type RefusalKind =
  | "unsigned"
  | "incomplete-signature"
  | "bad-signature"
  | "clock-skew"
  | "unknown-key"
  | "expired-token"
  | "access-denied"
  | "throttled"
  | "unknown-operation"
  /** A value of the wrong type, or a request that cannot be read at all. */
  | "malformed"
  /** A value out of its range. */
  | "invalid"
  | "bad-page-token"
  /** A page token that belongs to a request with other parameters. */
  | "request-changed";

/** How a service spells a refusal. */
export interface Spelling {
  readonly code: string;
  /** Default 400. */
  readonly status?: number;
  /** The service's own text, made of the usual one. */
  readonly message?: (text: string) => string;
  readonly members?: Readonly<Record<string, unknown>>;
}

export type Spellings = Readonly<Record<RefusalKind, Spelling>>;

/** An error that is spelled by the service whose request it refuses. */
export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.name = "Refusal";
    this.kind = kind;
  }

  spelled(spellings: Spellings): AwsError {
    const { code, status, message = (text) => text, members } = spellings[this.kind];
    return new AwsError(code, message(this.message), status, members);
  }
}
