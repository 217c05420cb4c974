import type { Caller } from "./access-keys.ts";
import type { Fault } from "./faults.ts";
import { AwsError } from "./protocol/errors.ts";
import { invalidToken, requestChanged } from "./protocol/page-tokens.ts";
import { noData } from "./services/cost-explorer/commitments.ts";
import { notEnabled } from "./services/cost-explorer/cost-explorer.ts";
import { noHistory } from "./services/cost-explorer/forecast.ts";
import { subscriptionRequired } from "./services/health/health.ts";
import type { Service } from "./services/service.ts";
import { expiredToken } from "./sigv4.ts";

const THROTTLES = {
  ce: "LimitExceededException",
  budgets: "ThrottlingException",
  sts: "Throttling",
  health: "ThrottlingException",
  cloudtrail: "ThrottlingException",
  monitoring: "ThrottlingException",
} as const;

/** The error a fault is answered with; undefined for a fault of the connection. */
export function faultError(
  fault: Fault,
  service: Service,
  operation: string,
  caller: Caller,
): AwsError | undefined {
  const isJson = service.protocol === "json";
  const status = isJson ? 400 : 403;
  switch (fault.kind) {
    case "throttle":
      return new AwsError(fault.code ?? THROTTLES[service.signingName], "Rate exceeded");
    case "expired-token":
      return expiredToken(service.protocol);
    case "access-denied": {
      const { action, resource } = service.permission(operation);
      return new AwsError(
        isJson ? "AccessDeniedException" : "AccessDenied",
        `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        status,
      );
    }
    case "clock-skew":
      return new AwsError(
        isJson ? "InvalidSignatureException" : "SignatureDoesNotMatch",
        "Signature expired: the request is now more than 15 min. old",
        status,
      );
    case "data-unavailable":
      return operation === "GetCostForecast" ? noHistory() : noData();
    case "not-enabled":
      return notEnabled();
    case "subscription-required":
      return subscriptionRequired();
    case "request-changed":
      return requestChanged();
    case "expired-page-token":
      return invalidToken();
    case "error":
      return new AwsError(
        fault.code ?? "ValidationException",
        fault.message ?? "Demo fault",
        fault.status ?? 400,
      );
    case "http":
    case "slow":
    case "hang":
    case "reset":
    case "truncated":
    case "empty":
    case "wrong-content-type":
    case "no-monitors":
      return undefined;
  }
}
