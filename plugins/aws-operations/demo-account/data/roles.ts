import { MANAGEMENT, PRODUCTION, STAGING } from "./catalogue.ts";

/** A role that users and roles of the management account may assume. */
export interface Role {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly maxSessionSeconds: number;
  /** What its trust policy asks callers to know. */
  readonly externalId?: string;
}

const HOUR_SECONDS = 3_600;

const role = (
  account: string,
  name: string,
  more: Partial<Pick<Role, "externalId" | "maxSessionSeconds">> = {},
): Role => ({
  arn: `arn:aws:iam::${account}:role/${name}`,
  id: `AROADEMO${account.slice(0, 4)}EXAMPLE00`,
  name,
  account,
  maxSessionSeconds: HOUR_SECONDS,
  ...more,
});

export const ROLES: readonly Role[] = [
  role(MANAGEMENT.id, "demo-auditor", { maxSessionSeconds: 12 * HOUR_SECONDS }),
  role(PRODUCTION.id, "demo-operations"),
  role(STAGING.id, "demo-operations"),
  role(PRODUCTION.id, "demo-partner", { externalId: "demo-external-id" }),
];
