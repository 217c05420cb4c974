import type { SigningName } from "./sigv4.ts";

/** One request as the demo account saw it. Members are filled in while it is served. */
export interface RequestLogEntry {
  /** When the request had arrived, ISO 8601, by the real clock. */
  readonly time: string;
  /** Signing name of the service asked for; undefined if the request named none. */
  readonly service: SigningName | undefined;
  /** Operation as the request named it; empty if it named none. */
  readonly operation: string;
  readonly signatureOk: boolean;
  /** Service, region and key that the signature claims. */
  readonly scope:
    | { readonly service: string; readonly region: string; readonly accessKeyId: string }
    | undefined;
  /** The SDK's `amz-sdk-request` header, such as `attempt=1; max=1`. */
  readonly attempt: string | undefined;
  /** The caller's port: equal ports are one connection. */
  readonly connectionPort: number | undefined;
  /** The parsed request, the raw text if it could not be parsed. */
  readonly body: unknown;
  /** HTTP status answered; undefined while nothing has been. */
  readonly status: number | undefined;
  /** Error code answered; undefined for a success. */
  readonly errorCode: string | undefined;
  /** Kind of the injected fault that hit this request. */
  readonly fault: string | undefined;
  /** The connection closed before the answer was complete. */
  readonly aborted: boolean;
}

export type OpenEntry = { -readonly [K in keyof RequestLogEntry]: RequestLogEntry[K] };

// A demo may run for days; its log may not grow for days.
const MAX_ENTRIES = 2_000;

export function remember(log: RequestLogEntry[], entry: RequestLogEntry): void {
  log.push(entry);
  if (log.length > MAX_ENTRIES) log.splice(0, log.length - MAX_ENTRIES);
}
