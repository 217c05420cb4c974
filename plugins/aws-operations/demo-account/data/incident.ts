import { before, MINUTE_MS } from "./times.ts";

/** The new version of the checkout function, and what it did from then on. */
export interface Incident {
  readonly deployedAt: Date;
  readonly failingSince: Date;
}

/** It began shortly before the account was started, and nobody has repaired it. */
export const incidentBefore = (startedAt: Date): Incident => ({
  deployedAt: before(startedAt, 78 * MINUTE_MS),
  failingSince: before(startedAt, 75 * MINUTE_MS),
});
