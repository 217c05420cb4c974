import { ToolError } from "agentflow-mcp/plugin";

/** Reasons a request or a section can fail with; they are part of the tool's interface. */
export type AwsErrorCode =
  | "NO_CREDENTIALS"
  | "EXPIRED_TOKEN"
  | "BAD_CREDENTIALS"
  | "DEMO_CREDENTIALS"
  | "ACCESS_DENIED"
  | "CE_NOT_ENABLED"
  | "CE_NO_DATA"
  | "RIGHTSIZING_NOT_ENABLED"
  | "FORECAST_NO_HISTORY"
  | "BAD_REQUEST"
  | "THROTTLED"
  | "NO_ANOMALY_MONITOR"
  | "HEALTH_NEEDS_SUPPORT_PLAN"
  | "REPORT_NOT_READY"
  | "NOT_FOUND"
  | "PAGING_RESTARTED"
  | "TIMEOUT"
  | "UPSTREAM"
  | "SDK_MISSING"
  | "REQUEST_BUDGET_SPENT"
  | "CANCELLED";

/** Where the credentials of a request are from: what whoever renews them has to know. */
export interface CredentialsSource {
  /** The name that calls give them; undefined: the plugin's own. */
  readonly profile?: string;
  /** Keys in the plugin's settings, a profile of `~/.aws/config`, or whatever the SDK finds. */
  readonly kind: "keys" | "file" | "chain";
  /** As `~/.aws/config` names it. */
  readonly awsProfile?: string;
  readonly roleArn?: string;
}

/** What is known about a request when it fails. */
export interface RequestInfo {
  /** As people name it: `Cost Explorer`. */
  readonly service: string;
  /** As the API names it: `GetCostAndUsage`. */
  readonly operation: string;
  /** The IAM action: `ce:GetCostAndUsage`. */
  readonly action: string;
  /** Where it was sent. */
  readonly region: string;
  /** What each page costs, in hundredths of a US dollar. Default: nothing. */
  readonly priceInCents?: number;
  /** The dates as they were sent. */
  readonly interval?: { readonly Start: string; readonly End: string };
  /** Default: what the SDK finds. */
  readonly source?: CredentialsSource;
}

interface AwsFailure {
  readonly name: string;
  readonly message: string;
  /** HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** Code of a network error: `ECONNREFUSED`. */
  readonly networkCode: string | undefined;
  readonly requestId: string | undefined;
  readonly serverDate: string | undefined;
}

export function awsError(
  code: AwsErrorCode,
  message: string,
  options: { retryable?: boolean; cause?: unknown } = {},
): ToolError {
  return new ToolError(withoutKeyIds(message), { code, ...options });
}

/**
 * What a failed request means to the caller. AWS models few of its errors, so the same failure arrives as different
 * classes and under each service's own spelling: only `name` can be relied on.
 */
export function toAwsError(
  error: unknown,
  request: RequestInfo,
  conceal?: (text: string) => string,
): ToolError {
  if (isToolError(error)) return error;
  const failure = readFailure(error);
  const rule = rules.find(({ names }) => names.test(failure.name));
  const [code, message, retryable = false] = rule?.explain(failure, request) ?? [
    "UPSTREAM",
    unreachable(failure, request),
    isTransient(failure),
  ];
  // That an account is young is nothing that AWS support would have to look up.
  const hasId = failure.requestId !== undefined && code !== "FORECAST_NO_HISTORY";
  const id = hasId ? ` (AWS request ${failure.requestId})` : "";
  // Its cause is for the log, where a key is no better placed.
  const isClean = conceal === undefined || conceal(failure.message) === failure.message;
  const text = (conceal?.(message) ?? message) + id;
  return awsError(code, text, { retryable, ...(isClean && { cause: error }) });
}

export function isToolError(error: unknown): error is ToolError {
  return error instanceof Error && error.name === "ToolError" && "code" in error;
}

type Explanation = readonly [code: AwsErrorCode, message: string, retryable?: boolean];

interface Rule {
  /** Matches the error's name in every service's spelling. */
  readonly names: RegExp;
  explain(failure: AwsFailure, request: RequestInfo): Explanation;
}

const rules: readonly Rule[] = [
  {
    names: /^CredentialsProviderError$/,
    explain: (failure, { source = unnamed }) =>
      /sso session|aws sso login|token (is|has) expired/i.test(failure.message)
        ? expired({ source })
        : noCredentials(source, failure.message),
  },
  {
    names:
      /^(ExpiredToken(Exception)?|SSOTokenProviderFailure|TokenProviderError|UnauthorizedException)$/,
    explain: (_, request) => expired(request),
  },
  {
    names:
      /^(InvalidClientTokenId|UnrecognizedClient(Exception)?|AuthFailure|SignatureDoesNotMatch|InvalidSignature(Exception)?|IncompleteSignature(Exception)?|MissingAuthenticationToken(Exception)?|InvalidAccessKeyId|RequestTimeTooSkewed)$/,
    explain: (failure, { source = unnamed }) => [
      "BAD_CREDENTIALS",
      `AWS rejected the credentials${ofProfile(source)} (${failure.name}). Check the key pair and this machine's clock${skew(failure)}.`,
    ],
  },
  {
    // EC2 says the same of a session that has ended and of a clock that is wrong.
    names: /^RequestExpired$/,
    explain: (failure, request) => {
      const [code, text] = expired(request);
      const off = skew(failure);
      return off === ""
        ? [code, `${text} Or this machine's clock is wrong: to EC2 that looks the same.`]
        : [
            "BAD_CREDENTIALS",
            `AWS rejected the request as too old: set this machine's clock${off}.`,
          ];
    },
  },
  {
    names: /^(AccessDenied(Exception)?|UnauthorizedOperation|NotAuthorized|AuthorizationError)$/,
    explain: (failure, request) =>
      /not enabled for cost explorer/i.test(failure.message)
        ? notEnabled()
        : isOptIn(failure)
          ? notOptedIn()
          : denied(failure, request),
  },
  {
    names: /^DataUnavailable(Exception)?$/,
    explain: (failure, request) =>
      request.operation === "GetCostForecast"
        ? ["FORECAST_NO_HISTORY", "Not enough history for an AWS forecast."]
        : [
            "CE_NO_DATA",
            `No cost data for ${dates(request)} yet: "${cut(failure.message)}" ` +
              "After Cost Explorer has been enabled, data appear within about 24 h.",
          ],
  },
  {
    names: /^BillExpiration(Exception)?$/,
    explain: (failure) => ["CE_NO_DATA", `No cost data: "${cut(failure.message)}"`],
  },
  {
    names:
      /^(LimitExceeded|Throttl(ing|ed)|ThrottledException|ThrottlingException|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|ProvisionedThroughputExceeded)(Exception)?$/,
    explain: (_, request) => [
      "THROTTLED",
      `AWS is throttling ${request.operation}. Wait about 30 s, then call again.`,
      true,
    ],
  },
  {
    names:
      /^((InvalidNextToken|ExpiredNextToken|InvalidPaginationToken|RequestChanged)(Exception)?)$/,
    explain: lostPlace,
  },
  {
    names:
      /^(ValidationException|ValidationError|InvalidParameter(Value|Combination)?(Exception)?|SerializationException|UnresolvableUsageUnitException)$/,
    // EC2 has no name for a token that it no longer takes.
    explain: (failure, request) =>
      /pagination token/i.test(failure.message)
        ? lostPlace(failure, request)
        : isOptIn(failure)
          ? notOptedIn()
          : badRequest(failure, request),
  },
  {
    names: /^SubscriptionRequired(Exception)?$/,
    explain: () => [
      "HEALTH_NEEDS_SUPPORT_PLAN",
      "The AWS Health API needs the support plan Business Support+, Enterprise or Unified Operations (older: Business, Enterprise On-Ramp), " +
        "which this account does not have. What AWS knows of outages is unknown here, not nothing; its public status page is https://health.aws.amazon.com/health/status.",
    ],
  },
  {
    names: /^CredentialReport(NotReady|NotPresent|Expired)(Exception)?$/,
    explain: () => [
      "REPORT_NOT_READY",
      "IAM is still making the credential report, which takes up to some minutes. Call again in a minute.",
    ],
  },
  {
    names: /^(UnknownMonitor|NotFound|ResourceNotFound|NoSuchEntity)(Exception)?$/,
    explain: (failure, request) => ["NOT_FOUND", `${request.operation}: "${cut(failure.message)}"`],
  },
  {
    names: /^(TimeoutError|RequestTimeout(Exception)?)$/,
    explain: (_, request) => ["TIMEOUT", `${request.operation} did not answer in time.`, true],
  },
];

const unnamed: CredentialsSource = { kind: "chain" };

function ofProfile({ profile }: CredentialsSource): string {
  return profile === undefined ? "" : ` of profile "${profile}"`;
}

function lostPlace(failure: AwsFailure, request: RequestInfo): Explanation {
  return [
    "PAGING_RESTARTED",
    `AWS lost the place in the pages of ${request.operation} (${failure.name}), also after one restart. Call again.`,
  ];
}

function badRequest(failure: AwsFailure, request: RequestInfo): Explanation {
  return [
    "BAD_REQUEST",
    `${request.service} rejected the request: "${cut(failure.message)}".` +
      (request.interval === undefined
        ? ""
        : ` Effective request: Start=${request.interval.Start}, End=${request.interval.End} (exclusive).`),
  ];
}

function noCredentials(source: CredentialsSource, said: string): Explanation {
  const { kind, profile, awsProfile } = source;
  const inFile = awsProfile ?? process.env["AWS_PROFILE"];
  if (/multi-factor/i.test(said)) {
    const text = `The AWS profile "${inFile ?? "default"}" asks for a second factor, which a server cannot give: use SSO, or keys that were made with it.`;
    return ["NO_CREDENTIALS", text];
  }
  if (kind === "file") {
    const text =
      `No AWS credentials found${profile === undefined ? "" : ` for profile "${profile}"`}: is "${awsProfile}" in ~/.aws/config or ~/.aws/credentials? ` +
      `For SSO, run \`aws sso login --profile ${awsProfile}\`.`;
    return ["NO_CREDENTIALS", text];
  }
  const where = inFile === undefined ? "profile" : `profile "${inFile}" (is it in ~/.aws/config?)`;
  return [
    "NO_CREDENTIALS",
    "No AWS credentials found. Set AWS_PROFILE or AWS_ACCESS_KEY_ID/AWS_SECRET_ACCESS_KEY for the server process, " +
      `or run \`aws sso login --profile ${inFile ?? "<profile>"}\`. ` +
      `Checked: env, ${where}, SSO, process, container, instance.`,
  ];
}

function expired({
  source = unnamed,
  operation,
}: Partial<Pick<RequestInfo, "source" | "operation">>): Explanation {
  const { kind, profile, roleArn } = source;
  if (roleArn !== undefined && operation !== undefined && operation !== "AssumeRole") {
    const text = `The session of ${roleArn}${ofProfile(source)} has expired. The role is assumed anew with the next request.`;
    return ["EXPIRED_TOKEN", text, true];
  }
  if (kind === "keys") {
    const text = `The temporary keys${ofProfile(source)} in the plugin's settings have expired. Replace them there and restart the server.`;
    return ["EXPIRED_TOKEN", text];
  }
  const inFile = source.awsProfile ?? process.env["AWS_PROFILE"] ?? "default";
  return [
    "EXPIRED_TOKEN",
    `The AWS session for profile "${profile ?? inFile}" has expired. Run \`aws sso login --profile ${inFile}\`, then call again. ` +
      "Temporary keys in a file: renew them and call again; in the environment: renew them and restart the server.",
  ];
}

/** Which of its errors AWS says it with is not documented. */
function isOptIn({ message }: AwsFailure): boolean {
  return /opt-?in only/i.test(message);
}

function notOptedIn(): Explanation {
  return [
    "RIGHTSIZING_NOT_ENABLED",
    "Rightsizing recommendations are not enabled for this account. Enable them in the payer account's Cost Explorer preferences, which is free; the first come after about 24 h.",
  ];
}

function notEnabled(): Explanation {
  return [
    "CE_NOT_ENABLED",
    "Cost Explorer is not enabled for this account. Enable it in Billing → Cost Explorer (for a member account: in the " +
      "payer account); data appear after about 24 h.",
  ];
}

/** The same for each action that is not allowed. */
export const accessAdvice =
  "Add it to its policy (the plugin's README has the JSON). " +
  "A service control policy of the organisation, or IAM access to billing being switched off, has the same effect.";

function denied(failure: AwsFailure, request: RequestInfo): Explanation {
  const who = /arn:aws[\w-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+/.exec(failure.message)?.[0];
  const role = request.operation === "AssumeRole" ? request.source?.roleArn : undefined;
  if (role !== undefined) {
    const text =
      `${who ?? "The caller"} may not assume ${role}. Its policy must allow sts:AssumeRole on the role, and the role's trust ` +
      "policy must name it, with the same external id if it asks for one.";
    return ["ACCESS_DENIED", text];
  }
  return [
    "ACCESS_DENIED",
    `${who ?? "The caller"} may not call ${request.action}. ${accessAdvice}`,
  ];
}

function unreachable(failure: AwsFailure, request: RequestInfo): string {
  if (failure.status === undefined) {
    const reason = failure.networkCode ?? failure.name;
    return `AWS ${request.service} is unreachable (${reason}) for ${request.operation}.`;
  }
  if (failure.status >= 400 && failure.status < 500) {
    return `AWS ${request.service} refused ${request.operation}: ${failure.name} (HTTP ${failure.status}).`;
  }
  return `AWS ${request.service} answered garbage or failed on ${request.operation} (HTTP ${failure.status}).`;
}

/** No answer, a server error, or an answer that could not be read: the same request may work next time. */
function isTransient(failure: AwsFailure): boolean {
  const { status } = failure;
  if (status === undefined)
    return failure.networkCode !== undefined || failure.name === "SyntaxError";
  return status < 400 || status === 408 || status === 429 || status >= 500;
}

function readFailure(error: unknown): AwsFailure {
  const source = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number; requestId?: string };
    $response?: { statusCode?: number; headers?: Record<string, string> };
  };
  return {
    name: typeof source.name === "string" ? source.name : "Error",
    message: typeof source.message === "string" ? source.message : "",
    status: source.$metadata?.httpStatusCode ?? source.$response?.statusCode,
    networkCode: typeof source.code === "string" ? source.code : undefined,
    requestId: source.$metadata?.requestId,
    serverDate: source.$response?.headers?.["date"],
  };
}

function dates(request: RequestInfo): string {
  return request.interval === undefined
    ? "the period"
    : `${request.interval.Start} up to, not including, ${request.interval.End}`;
}

function skew(failure: AwsFailure): string {
  const server = Date.parse(failure.serverDate ?? "");
  const seconds = Math.round((Date.now() - server) / 1000);
  const size = Math.abs(seconds);
  if (Number.isNaN(server) || size < 60) return "";
  return ` (${Math.round(size / 60)} min ${seconds < 0 ? "behind" : "ahead of"} AWS)`;
}

/** AWS may echo the whole request. */
function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

/** Key ids may stand in what AWS answers; they are nobody's business in a chat: `AKIA…`. */
export function withoutKeyIds(text: string): string {
  return text.replaceAll(/\b(A[KS]IA)[A-Z0-9]{12,}\b/g, "$1…");
}
