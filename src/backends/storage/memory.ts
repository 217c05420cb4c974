import {
  newVersion,
  type Entry,
  type Metric,
  type StorageBackend,
  type Workflow,
} from "../../base/storage.ts";
import type { Json } from "../../plugin-api/index.ts";
import { byCodePoints } from "./code-points.ts";

/** As JSON, so that nobody shares a value with anybody. */
interface Kept {
  readonly text: string;
  readonly version: number;
  readonly expiresAt?: number;
}

/** Expired entries are let go at least this often, while new ones come. */
const SWEEP_MS = 60_000;

/** Above this the oldest go: whoever wants more than a glance has a database. */
const MAX_METRICS = 10_000;

/** Keeps everything as long as the process lives; of metrics, the last ones. */
export function createMemoryBackend(): StorageBackend {
  const namespaces = new Map<string, Map<string, Kept>>();
  const workflows = new Map<string, string>();
  let metrics: Metric[] = [];
  let sweptAt = Date.now();

  const isLive = ({ expiresAt }: Kept): boolean =>
    expiresAt === undefined || Date.now() < expiresAt;
  const find = (namespace: string, key: string): Kept | undefined => {
    const kept = namespaces.get(namespace)?.get(key);
    return kept !== undefined && isLive(kept) ? kept : undefined;
  };
  const liveKeys = (namespace: string): readonly string[] =>
    [...(namespaces.get(namespace) ?? [])].flatMap(([key, kept]) => (isLive(kept) ? [key] : []));
  const sweep = (): void => {
    if (Date.now() - sweptAt < SWEEP_MS) return;
    sweptAt = Date.now();
    for (const [namespace, entries] of namespaces) {
      for (const [key, kept] of entries) if (!isLive(kept)) entries.delete(key);
      if (entries.size === 0) namespaces.delete(namespace);
    }
  };

  return {
    initialize: async () => undefined,
    close: async () => undefined,

    get: async (namespace, key) => {
      const kept = find(namespace, key);
      if (kept === undefined) return undefined;
      const { text, ...rest } = kept;
      return { value: JSON.parse(text) as Json, ...rest } satisfies Entry;
    },
    put: async (namespace, key, value, { ifVersion, ttlMs } = {}) => {
      if (ifVersion !== undefined && (find(namespace, key)?.version ?? 0) !== ifVersion) {
        return undefined;
      }
      sweep();
      const version = newVersion();
      const text = JSON.stringify(value);
      const entries = namespaces.get(namespace) ?? new Map<string, Kept>();
      namespaces.set(namespace, entries);
      entries.set(key, {
        text,
        version,
        ...(ttlMs !== undefined && { expiresAt: Date.now() + ttlMs }),
      });
      return version;
    },
    delete: async (namespace, key, { ifVersion } = {}) => {
      const kept = find(namespace, key);
      if (kept === undefined || (ifVersion !== undefined && kept.version !== ifVersion)) {
        return false;
      }
      return namespaces.get(namespace)?.delete(key) ?? false;
    },
    keys: async (namespace, { prefix = "", after, limit }) =>
      liveKeys(namespace)
        .filter((key) => key.startsWith(prefix))
        .filter((key) => after === undefined || byCodePoints(key, after) > 0)
        .toSorted(byCodePoints)
        .slice(0, limit),
    count: async (namespace) => liveKeys(namespace).length,

    saveWorkflow: async (workflow) => void workflows.set(workflow.id, JSON.stringify(workflow)),
    loadWorkflow: async (id) => {
      const text = workflows.get(id);
      return text === undefined ? undefined : (JSON.parse(text) as Workflow);
    },
    listWorkflows: async ({ status, limit, offset }) =>
      [...workflows.values()]
        .map((text) => JSON.parse(text) as Workflow)
        .filter((workflow) => status === undefined || workflow.status === status)
        .toSorted((a, b) => b.createdAt - a.createdAt || byCodePoints(b.id, a.id))
        .slice(offset, offset + limit),
    deleteWorkflow: async (id) => workflows.delete(id),

    saveMetric: async (metric) => {
      metrics.push(structuredClone(metric));
      // Not with each one: that would copy all of them each time.
      if (metrics.length >= 2 * MAX_METRICS) metrics = metrics.slice(-MAX_METRICS);
    },
    getMetrics: async ({ name, start, end, limit }) =>
      metrics
        .filter(
          (metric) =>
            (name === undefined || metric.name === name) &&
            (start === undefined || metric.time >= start) &&
            (end === undefined || metric.time < end),
        )
        .toSorted((a, b) => b.time - a.time)
        .slice(0, limit)
        .map((metric) => structuredClone(metric)),
    deleteMetrics: async ({ before }) => {
      metrics = metrics.filter(({ time }) => time >= before);
    },
  };
}
