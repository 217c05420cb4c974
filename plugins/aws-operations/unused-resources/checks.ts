import { computeChecks } from "./compute-checks.ts";
import type { Check } from "./finding.ts";
import { storageChecks } from "./storage-checks.ts";

const all = { ...storageChecks, ...computeChecks };

export type CheckName = keyof typeof all;

/** What is looked for. */
export const checks: Readonly<Record<CheckName, Check>> = all;

/** What is said of each section: of the checks, and of what Cost Explorer knows. */
export const topics: Readonly<Record<CheckName | "rightsizing", Pick<Check, "title" | "advice">>> =
  {
    ...all,
    rightsizing: {
      title: "Instances larger than what they do",
      advice:
        "Look at their memory as well, which AWS does not see without an agent; then resize or terminate them.",
    },
  };

export const topicNames = Object.keys(topics) as (keyof typeof topics)[];

export const checkNames = Object.keys(all) as [CheckName, ...CheckName[]];
