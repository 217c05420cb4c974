import { DEMO_ACCOUNT_ID } from "../../credentials.ts";

/** `T` with members that it always has here, whatever its type allows. */
export type With<T, K extends keyof T> = T & { readonly [P in K]-?: NonNullable<T[P]> };

/** A unique id as IAM makes them, from a name: `AIDA…`, 20 characters. */
export function uniqueId(prefix: "AIDA" | "AGPA" | "AROA" | "ANPA" | "AIPA", name: string): string {
  const letters = name.toUpperCase().replace(/[^A-Z2-7]/g, "");
  return `${prefix}DEMO${letters}`.slice(0, 20).padEnd(20, "7");
}

/** An access key id that says that it is none. */
export const keyId = (name: string): string =>
  `AKIADEMO${name.toUpperCase().replace(/[^A-Z2-7]/g, "")}`.slice(0, 20).padEnd(20, "7");

export const iamArn = (kind: "user" | "group" | "role", path: string, name: string): string =>
  `arn:aws:iam::${DEMO_ACCOUNT_ID}:${kind}${path}${name}`;

/** The instance profile of a role that programs on instances have, as EC2 and IAM name it. */
export const instanceProfile = (role: string): { readonly Arn: string; readonly Id: string } => ({
  Arn: `arn:aws:iam::${DEMO_ACCOUNT_ID}:instance-profile/${role}`,
  Id: uniqueId("AIPA", role),
});
