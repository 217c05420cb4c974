/** What goes wrong before a request is on its way. */
const UNREACHABLE = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether a fetch failed before the server could see anything of the request. */
export function isUnreachable(error: unknown): boolean {
  const code = causeCode(error);
  return code !== undefined && (UNREACHABLE.has(code) || isCertificateFault(code));
}

/** Whether a fetch failed at all, at whatever point. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && error.cause !== undefined;
}

/** The code of what made a fetch fail, such as `ECONNREFUSED`. */
export function causeCode(error: unknown): string | undefined {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  const { code, errors } = (cause ?? {}) as {
    readonly code?: unknown;
    readonly errors?: readonly unknown[];
  };
  if (typeof code === "string") return code;
  // Several addresses were tried.
  return errors === undefined ? undefined : causeCode({ cause: errors[0] });
}

function isCertificateFault(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/u.test(code);
}
