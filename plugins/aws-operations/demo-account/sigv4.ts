import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { AccessKey, Caller } from "./access-keys.ts";
import { ENABLED_REGIONS } from "./data/regions.ts";
import { Refusal } from "./protocol/errors.ts";

/** A service as a signature's scope names it. */
export type SigningName =
  | "access-analyzer"
  | "budgets"
  | "ce"
  | "cloudtrail"
  | "ec2"
  | "health"
  | "iam"
  | "monitoring"
  | "sts";

export interface SignedRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface CredentialScope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export interface SignatureRules {
  readonly findKey: (accessKeyId: string) => AccessKey | undefined;
  readonly service: SigningName;
  /** The regions in which the service takes requests of this account. */
  readonly regions: readonly string[];
  readonly now: Date;
}

interface Authorization {
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const MAX_SKEW_MS = 15 * 60_000;

/** The scope a request claims, whether or not its signature holds. */
export function claimedScope(headers: IncomingHttpHeaders): CredentialScope | undefined {
  return parseAuthorization(headers.authorization)?.scope;
}

/** Who signed, and for which region. Throws what AWS would answer unless it is as `rules` ask. */
export function verifySignature(
  request: SignedRequest,
  rules: SignatureRules,
): { readonly caller: Caller; readonly region: string } {
  if (request.headers.authorization === undefined) {
    throw new Refusal("unsigned", "Missing Authentication Token");
  }
  const authorization = parseAuthorization(request.headers.authorization);
  if (authorization === undefined) throw incomplete();
  const { scope, signedHeaders } = authorization;
  if (!coversRequiredHeaders(request.headers, signedHeaders)) throw incomplete();

  const timestamp = headerValue(request.headers, "x-amz-date");
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined || !timestamp.startsWith(scope.date)) throw incomplete();
  const key = rules.findKey(scope.accessKeyId);
  // A session token cannot belong to a permanent key pair, nor can a temporary one do without.
  if (key === undefined || request.headers["x-amz-security-token"] !== key.session?.token) {
    throw unknownKey();
  }
  if (key.session !== undefined && key.session.expiresAt <= rules.now) throw expiredToken();
  if (scope.service !== rules.service) {
    throw bad(`Credential should be scoped to correct service: '${rules.service}'. `);
  }
  if (!rules.regions.includes(scope.region)) {
    // What serves every region takes a key for unknown where the account has not enabled one.
    throw rules.regions === ENABLED_REGIONS
      ? unknownKey()
      : bad(`Credential should be scoped to a valid region, not '${scope.region}'. `);
  }
  if (Math.abs(rules.now.getTime() - signedAt) > MAX_SKEW_MS) {
    throw skewed(timestamp, signedAt, rules.now);
  }
  const expected = sign(request, signedHeaders, scope, key.secretAccessKey);
  if (!isSame(expected, authorization.signature)) {
    throw bad(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  return { caller: key.caller, region: scope.region };
}

/** The signature of `request` in hexadecimal, computed from the AWS specification alone. */
export function sign(
  request: SignedRequest,
  signedHeaders: readonly string[],
  scope: CredentialScope,
  secretAccessKey: string,
): string {
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const canonical = canonicalRequest(request, signedHeaders);
  const timestamp = headerValue(request.headers, "x-amz-date");
  const toSign = [ALGORITHM, timestamp, scopeText, sha256(canonical)].join("\n");
  const key = [scope.date, scope.region, scope.service, "aws4_request"].reduce<Buffer>(
    (previous, part) => hmac(previous, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return hmac(key, toSign).toString("hex");
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path = "/", query = ""] = splitOnce(request.url, "?");
  const headers = signedHeaders.map((name) => `${name}:${headerValue(request.headers, name)}\n`);
  return [
    request.method,
    // Every service but S3 encodes the path a second time.
    path.split("/").map(encodeRfc3986).join("/") || "/",
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  return query
    .split("&")
    .map((pair) => splitOnce(pair, "=").map((part) => encodeRfc3986(decode(part))))
    .map(([name = "", value = ""]) => [name, value] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function parseAuthorization(header: string | undefined): Authorization | undefined {
  const match =
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header ?? "",
    );
  if (match === null) return undefined;
  const [, credential = "", signedHeaders = "", signature = ""] = match;
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split("/");
  if (!accessKeyId || !date || !region || !service) return undefined;
  if (terminator !== "aws4_request" || rest.length > 0) return undefined;
  const scope = { accessKeyId, date, region, service };
  return { scope, signedHeaders: signedHeaders.split(";"), signature };
}

function coversRequiredHeaders(headers: IncomingHttpHeaders, signed: readonly string[]): boolean {
  const present = Object.keys(headers);
  return (
    signed.includes("host") &&
    signed.every((name) => present.includes(name)) &&
    present.every((name) => !name.startsWith("x-amz-") || signed.includes(name))
  );
}

/** `20150830T123600Z` as epoch milliseconds. */
function parseTimestamp(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

const formatTimestamp = (time: number): string =>
  new Date(time).toISOString().replace(/\.\d{3}|[-:]/g, "");

const bad = (message: string): Refusal => new Refusal("bad-signature", message);

const incomplete = (): Refusal =>
  new Refusal("incomplete-signature", "The request signature does not conform to AWS standards.");

export const unknownKey = (): Refusal =>
  new Refusal("unknown-key", "The security token included in the request is invalid.");

export const expiredToken = (): Refusal =>
  new Refusal("expired-token", "The security token included in the request is expired");

function skewed(timestamp: string, signedAt: number, now: Date): Refusal {
  const server = formatTimestamp(now.getTime());
  const isLate = signedAt < now.getTime();
  const limit = formatTimestamp(now.getTime() + (isLate ? -MAX_SKEW_MS : MAX_SKEW_MS));
  return new Refusal(
    "clock-skew",
    isLate
      ? `Signature expired: ${timestamp} is now earlier than ${limit} (${server} - 15 min.)`
      : `Signature not yet current: ${timestamp} is still later than ${limit} (${server} + 15 min.)`,
  );
}

function headerValue(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name] ?? "";
  const text = Array.isArray(value) ? value.join(",") : value;
  return text.trim().replace(/ {2,}/g, " ");
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

function isSame(expected: string, actual: string): boolean {
  return (
    expected.length === actual.length && timingSafeEqual(Buffer.from(expected), Buffer.from(actual))
  );
}
