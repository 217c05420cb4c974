import { DEMO_ACCOUNT_ID } from "../../credentials.ts";

/** `T` with members that it always has here, whatever its type allows. */
export type With<T, K extends keyof T> = T & { readonly [P in K]-?: NonNullable<T[P]> };

/** A unique id as IAM makes them, from a name: 20 characters that nobody takes for a real one. */
export function uniqueId(
  prefix: "AGPA" | "AIDA" | "AIPA" | "AKIA" | "ANPA" | "AROA" | "ASIA",
  name: string,
): string {
  const letters = name.replace(/[^a-z0-9]/g, "").slice(0, 5);
  return `${prefix}DEMO${letters.toUpperCase().padEnd(5, "0")}EXAMPLE`;
}

export const iamArn = (kind: "user" | "group" | "role", path: string, name: string): string =>
  `arn:aws:iam::${DEMO_ACCOUNT_ID}:${kind}${path}${name}`;

/** The instance profile of a role that programs on instances have, as EC2 and IAM name it. */
export const instanceProfile = (role: string): { readonly Arn: string; readonly Id: string } => ({
  Arn: `arn:aws:iam::${DEMO_ACCOUNT_ID}:instance-profile/${role}`,
  Id: uniqueId("AIPA", role),
});
