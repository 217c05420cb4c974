import { createHash } from "node:crypto";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { isInConsole, type Actor } from "../../data/trail/actors.ts";
import { uniqueId } from "../../data/iam/names.ts";
import { roleArn, roleId } from "../../data/iam/roles.ts";
import type { TrailEvent } from "../../data/trail/trail-event.ts";

/** The record of an event, as CloudTrail delivers it in JSON. */
export function recordOf(event: TrailEvent): object {
  const { actor, error, time } = event;
  return {
    eventVersion: "1.11",
    userIdentity: identityOf(event),
    eventTime: seconds(time),
    eventSource: sourceOf(event),
    eventName: event.name,
    awsRegion: event.region,
    sourceIPAddress: actor.sourceIp,
    userAgent: actor.userAgent,
    ...(error?.code === undefined ? {} : { errorCode: error.code }),
    ...(error === undefined ? {} : { errorMessage: error.message }),
    requestParameters: event.request ?? null,
    responseElements: error?.code === undefined ? (event.response ?? null) : null,
    ...(event.additional === undefined ? {} : { additionalEventData: event.additional }),
    requestID: createHash("sha256").update(event.id).digest("hex").slice(0, 32),
    eventID: event.id,
    readOnly: event.isReadOnly ?? false,
    eventType: event.service === "signin" ? "AwsConsoleSignIn" : "AwsApiCall",
    managementEvent: true,
    recipientAccountId: DEMO_ACCOUNT_ID,
    eventCategory: "Management",
    ...(isInConsole(actor) && event.service !== "signin"
      ? { sessionCredentialFromConsole: "true" }
      : {}),
  };
}

export const sourceOf = ({ service }: TrailEvent): string => `${service}.amazonaws.com`;

/** The name under which LookupEvents finds an actor; services have none. */
export function usernameOf(actor: Actor): string | undefined {
  switch (actor.kind) {
    case "root":
      return "root";
    case "user":
      return actor.name;
    case "role":
      return actor.session;
    case "service":
      return undefined;
  }
}

/** Sign-ins are not signed with a key, and services sign with none of the account's. */
export function accessKeyOf({ actor, service }: TrailEvent): string | undefined {
  if (service === "signin" || actor.kind === "root" || actor.kind === "service") return undefined;
  return actor.kind === "user" ? userKey(actor) : uniqueId("ASIA", actor.session);
}

const userKey = (actor: Extract<Actor, { kind: "user" }>): string =>
  uniqueId(isInConsole(actor) ? "ASIA" : "AKIA", actor.name);

function identityOf(event: TrailEvent): object {
  const { actor, time } = event;
  const accessKeyId = accessKeyOf(event);
  const signed = accessKeyId === undefined ? {} : { accessKeyId };
  const account = { accountId: DEMO_ACCOUNT_ID };
  switch (actor.kind) {
    case "root":
      return {
        type: "Root",
        principalId: DEMO_ACCOUNT_ID,
        arn: `arn:aws:iam::${DEMO_ACCOUNT_ID}:root`,
        ...account,
      };
    case "user":
      return {
        type: "IAMUser",
        principalId: uniqueId("AIDA", actor.name),
        arn: `arn:aws:iam::${DEMO_ACCOUNT_ID}:user/${actor.name}`,
        ...account,
        ...signed,
        userName: actor.name,
      };
    case "role": {
      const principalId = roleId(actor.role);
      return {
        type: "AssumedRole",
        principalId: `${principalId}:${actor.session}`,
        arn: `arn:aws:sts::${DEMO_ACCOUNT_ID}:assumed-role/${actor.role}/${actor.session}`,
        ...account,
        ...signed,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            principalId,
            arn: roleArn(actor.role),
            ...account,
            userName: actor.role,
          },
          attributes: { creationDate: seconds(time), mfaAuthenticated: "false" },
        },
      };
    }
    case "service":
      return { type: "AWSService", invokedBy: actor.host };
  }
}

const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
