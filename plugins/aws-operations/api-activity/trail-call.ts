import type { Event } from "@aws-sdk/client-cloudtrail";
import { withoutKeyIds } from "../aws/errors.ts";
import { whyAdmin } from "./admin-actions.ts";
import { detailsOf } from "./details.ts";
import { isRecord, memberOf, textOf } from "./record.ts";

/** One call of AWS's API, as CloudTrail has it. Texts are as others have written them. */
export interface TrailCall {
  readonly time: string;
  /** Such as `StopInstances`. */
  readonly event: string;
  /** Such as `ec2`. */
  readonly service: string;
  /** A user, the session of a role, `root`, a service or an account. */
  readonly who: string;
  readonly kind: "root" | "user" | "role" | "service" | "account" | "unknown";
  readonly role?: string;
  /** If it is not this one's own. */
  readonly account?: string;
  readonly region: string;
  readonly sourceIp?: string;
  readonly userAgent?: string;
  /** The service that called for them. */
  readonly via?: string;
  readonly resources: readonly string[];
  /** What CloudTrail finds it by: not to be shown, there may be keys among them. */
  readonly resourceNames: readonly string[];
  readonly details?: string;
  /** Undefined if the record could not be read. */
  readonly ok?: boolean;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly isDenied: boolean;
  /** True if it changes nothing. */
  readonly reads: boolean;
  /** Of a sign-in with a password. */
  readonly mfa?: boolean;
  /** Why it is one of administration. */
  readonly admin?: string;
}

const longest = { agent: 120, message: 300 };

/** The calls of a page. An event whose record cannot be read is one of which less is known. */
export function callOf(event: Event, region: string): TrailCall {
  const record = recordIn(event);
  const identity = memberOf(record, "userIdentity");
  const { kind, who, role, account } = callerOf(identity, event, record);
  const name = event.EventName ?? textOf(record, "eventName") ?? "";
  const source = event.EventSource ?? textOf(record, "eventSource") ?? "";
  const service = source.replace(/\.amazonaws\.com(\.cn)?$/, "");
  const resourceNames = (event.Resources ?? []).flatMap(({ ResourceName }) => ResourceName ?? []);
  const admin = whyAdmin({ service, event: name, kind });
  const details = detailsOf(name, record);
  const sourceIp = textOf(record, "sourceIPAddress");
  const userAgent = textOf(record, "userAgent");
  const via = kind === "service" ? undefined : textOf(identity, "invokedBy");
  return {
    time: event.EventTime?.toISOString() ?? textOf(record, "eventTime") ?? "",
    event: name,
    service,
    who,
    kind,
    ...(role !== undefined && { role }),
    ...(account !== undefined && { account }),
    region,
    ...(sourceIp !== undefined && { sourceIp }),
    ...(userAgent !== undefined && { userAgent: cut(userAgent, longest.agent) }),
    ...(via !== undefined && { via }),
    resources: [...new Set(resourceNames.map(withoutKeyIds))],
    resourceNames,
    ...(details !== undefined && { details }),
    ...outcomeOf(record),
    reads: event.ReadOnly === "true",
    ...mfaOf(kind, record),
    ...(admin !== undefined && { admin }),
  };
}

/** The record, in which no key is whole. */
function recordIn({ CloudTrailEvent = "" }: Event): object | undefined {
  try {
    const record: unknown = JSON.parse(withoutKeyIds(CloudTrailEvent));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

type Caller = Pick<TrailCall, "kind" | "who" | "role" | "account">;

function callerOf(identity: object | undefined, event: Event, record: object | undefined): Caller {
  const name = event.Username ?? textOf(identity, "userName");
  const own = textOf(record, "recipientAccountId");
  const from = textOf(identity, "accountId");
  const isOther = own !== undefined && from !== undefined && own !== from;
  const account = isOther ? { account: from } : {};
  switch (textOf(identity, "type")) {
    case "Root":
      return { kind: "root", who: "root", ...account };
    case "IAMUser":
      return { kind: "user", who: name ?? "", ...account };
    case "AssumedRole": {
      const issuer = memberOf(memberOf(identity, "sessionContext"), "sessionIssuer");
      const role = textOf(issuer, "userName") ?? textOf(identity, "arn")?.split("/")[1];
      const session = name ?? textOf(identity, "principalId")?.split(":")[1] ?? "";
      return { kind: "role", who: session, ...(role !== undefined && { role }), ...account };
    }
    case "AWSService":
      return { kind: "service", who: textOf(identity, "invokedBy") ?? "AWS" };
    case "AWSAccount":
      return { kind: "account", who: from ?? "", ...account };
    case undefined:
      return name === "root" ? { kind: "root", who: name } : { kind: "unknown", who: name ?? "" };
    default:
      return { kind: "user", who: name ?? textOf(identity, "principalId") ?? "", ...account };
  }
}

/** Of what a service refuses, under each service's own name. */
const refusal = /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|Forbidden/i;

function outcomeOf(
  record: object | undefined,
): Pick<TrailCall, "ok" | "errorCode" | "errorMessage" | "isDenied"> {
  if (record === undefined) return { isDenied: false };
  const message = textOf(record, "errorMessage");
  const signIn = textOf(memberOf(record, "responseElements"), "ConsoleLogin");
  const errorCode =
    textOf(record, "errorCode") ?? (signIn === "Failure" ? "ConsoleLoginFailure" : undefined);
  if (errorCode === undefined && message === undefined) return { ok: true, isDenied: false };
  return {
    ok: false,
    errorCode: errorCode ?? "Error",
    ...(message !== undefined && { errorMessage: cut(shown(message), longest.message) }),
    isDenied: refusal.test(errorCode ?? ""),
  };
}

/** Without what only the account itself can decode. */
function shown(message: string): string {
  return message.replace(/\s*Encoded authorization failure message:[\s\S]*$/, "");
}

/** Whether a password was all that a sign-in took. For who comes from elsewhere, their own provider knows. */
function mfaOf(kind: TrailCall["kind"], record: object | undefined): Pick<TrailCall, "mfa"> {
  const used = textOf(memberOf(record, "additionalEventData"), "MFAUsed");
  if (used === undefined || (kind !== "user" && kind !== "root")) return {};
  return { mfa: used === "Yes" };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
