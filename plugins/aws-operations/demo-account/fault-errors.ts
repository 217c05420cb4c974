import type { Caller } from "./access-keys.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { AwsError, Refusal } from "./protocol/errors.ts";
import { invalidToken, requestChanged } from "./protocol/page-tokens.ts";
import type { Service } from "./services/service.ts";
import { expiredToken, unknownKey } from "./sigv4.ts";

/** The request that a fault hits. */
interface Hit {
  readonly service: Service;
  readonly operation: string;
  readonly caller: Caller;
}

type MakeError = (fault: Fault, hit: Hit) => AwsError | Refusal;

/** The error a fault is answered with; undefined for a condition and a fault of the connection. */
export const faultError = (fault: Fault, hit: Hit): AwsError | Refusal | undefined =>
  ERRORS[fault.kind]?.(fault, hit) ?? hit.service.faults?.[fault.kind]?.(hit.operation);

const ERRORS: Partial<Record<FaultKind, MakeError>> = {
  throttle: ({ code, status }) => {
    const throttled = new Refusal("throttled", "Rate exceeded");
    return code === undefined ? throttled : new AwsError(code, throttled.message, status);
  },
  "expired-token": expiredToken,
  "bad-credentials": unknownKey,
  "access-denied": (_fault, { service, operation, caller }) => {
    const { action, resource } = service.permission(operation);
    const place = resource === undefined ? "" : ` on resource: ${resource}`;
    return new Refusal(
      "access-denied",
      `User: ${caller.arn} is not authorized to perform: ${action}${place} because no identity-based policy allows the ${action} action`,
    );
  },
  "clock-skew": () =>
    new Refusal("clock-skew", "Signature expired: the request is now more than 15 min. old"),
  "request-changed": requestChanged,
  "expired-page-token": invalidToken,
  error: ({ code, message, status }) =>
    new AwsError(code ?? "ValidationException", message ?? "Demo fault", status),
};
