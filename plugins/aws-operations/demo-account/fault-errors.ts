import { DEMO_USER_ARN } from "./credentials.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { AwsError, Refusal } from "./protocol/errors.ts";
import { invalidToken, requestChanged } from "./protocol/page-tokens.ts";
import type { Service } from "./services/service.ts";

type MakeError = (fault: Fault, service: Service, operation: string) => AwsError | Refusal;

/** The error a fault is answered with; undefined for a condition and a fault of the connection. */
export const faultError = (
  fault: Fault,
  service: Service,
  operation: string,
): AwsError | Refusal | undefined =>
  ERRORS[fault.kind]?.(fault, service, operation) ?? service.faults?.[fault.kind]?.(operation);

const ERRORS: Partial<Record<FaultKind, MakeError>> = {
  throttle: ({ code, status }) => {
    const throttled = new Refusal("throttled", "Rate exceeded");
    return code === undefined ? throttled : new AwsError(code, throttled.message, status);
  },
  "expired-token": () =>
    new Refusal("expired-token", "The security token included in the request is expired"),
  "bad-credentials": () =>
    new Refusal("unknown-key", "The security token included in the request is invalid."),
  "access-denied": (_fault, service, operation) => {
    const { action, resource } = service.permission(operation);
    const place = resource === undefined ? "" : ` on resource: ${resource}`;
    return new Refusal(
      "access-denied",
      `User: ${DEMO_USER_ARN} is not authorized to perform: ${action}${place} because no identity-based policy allows the ${action} action`,
    );
  },
  "clock-skew": () =>
    new Refusal("clock-skew", "Signature expired: the request is now more than 15 min. old"),
  "request-changed": requestChanged,
  "expired-page-token": invalidToken,
  error: ({ code, message, status }) =>
    new AwsError(code ?? "ValidationException", message ?? "Demo fault", status),
};
