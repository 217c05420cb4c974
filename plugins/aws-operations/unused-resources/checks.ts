import { computeChecks } from "./compute-checks.ts";
import type { Check } from "./finding.ts";
import { storageChecks } from "./storage-checks.ts";

const all = { ...storageChecks, ...computeChecks };

export type CheckName = keyof typeof all;

/** What is looked for. */
export const checks: Readonly<Record<CheckName, Check>> = all;

export const checkNames = Object.keys(all) as [CheckName, ...CheckName[]];
