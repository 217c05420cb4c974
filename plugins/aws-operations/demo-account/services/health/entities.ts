import { createHash } from "node:crypto";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { HealthEvent } from "../../data/health-events.ts";

/** Health's own name for an affected resource. */
export function entityArn({ arn, region }: HealthEvent, value: string): string {
  const id = createHash("sha256").update(`${arn} ${value}`).digest("base64url").slice(0, 20);
  return `arn:aws:health:${region}:${DEMO_ACCOUNT_ID}:entity/${id}`;
}
