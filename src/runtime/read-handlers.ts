import type { Handler } from "../plugin-api/index.ts";
import type { Quarantined } from "../base/manifest.ts";
import type { LiveHandler } from "./live-plugin.ts";
import { member, method } from "./spelling.ts";

const DEFAULT_PRIORITY = 5;

export interface ReadHandlers {
  readonly handlers: readonly LiveHandler[];
  readonly quarantined: readonly Quarantined[];
}

/** Reads `getHandlers()` and puts them in the order in which they are asked. */
export function readHandlers(entries: readonly unknown[]): ReadHandlers {
  const handlers: LiveHandler[] = [];
  const quarantined: Quarantined[] = [];
  entries.forEach((entry, index) => {
    const canHandle = method(entry, "canHandle");
    const handle = method(entry, "handle");
    if (canHandle === undefined || handle === undefined) {
      const missing = canHandle === undefined ? "canHandle(intent)" : "handle(request)";
      quarantined.push({
        kind: "handler",
        name: nameOf(entry, index),
        reason: `has no ${missing}`,
      });
      return;
    }
    handlers.push({
      priority: priorityOf(entry),
      canHandle: canHandle as Handler["canHandle"],
      handle: handle as Handler["handle"],
    });
  });
  // Sorting keeps the order of equals.
  return { handlers: handlers.toSorted((a, b) => b.priority - a.priority), quarantined };
}

function priorityOf(entry: unknown): number {
  const value = method(entry, "getPriority")?.() ?? member(entry, "priority");
  return typeof value === "number" && Number.isFinite(value) ? value : DEFAULT_PRIORITY;
}

function nameOf(entry: unknown, index: number): string {
  const name = (entry as { constructor?: { name?: unknown } } | null | undefined)?.constructor
    ?.name;
  return typeof name === "string" && name !== "Object" ? name : `#${index + 1}`;
}
