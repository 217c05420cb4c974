import { BoundedMap, type Bounds } from "../../base/bounded-map.ts";
import { answerNotKept, type DedupRecord, type DedupStore } from "../../base/dedup.ts";
import { deferred, type Deferred } from "../../base/deferred.ts";
import { jsonLength } from "../../base/json-length.ts";

interface UnderWay {
  readonly fingerprint: string;
  readonly ended: Deferred<void>;
}

/** Remembers calls as long as the process lives, within bounds; the oldest that are over go first. */
export function createMemoryDedup(bounds: Bounds): DedupStore {
  const underWay = new Map<string, UnderWay>();
  const over = new BoundedMap<DedupRecord>(bounds, () => performance.now());
  const end = (id: string): void => {
    underWay.get(id)?.ended.resolve();
    underWay.delete(id);
  };
  return {
    take: async (id, fingerprint) => {
      const known = over.get(id) ?? underWay.get(id);
      if (known !== undefined) return known;
      if (underWay.size >= bounds.maxEntries) return "full";
      underWay.set(id, { fingerprint, ended: deferred() });
      return "taken";
    },
    finish: async (id, outcome, keepMs) => {
      const { fingerprint = "" } = underWay.get(id) ?? {};
      const at = Date.now();
      const chars = jsonLength(outcome, bounds.maxChars);
      if (!over.set(id, { fingerprint, end: { outcome, at } }, chars, keepMs)) {
        over.set(id, { fingerprint, end: { outcome: answerNotKept(), at } }, 0, keepMs);
      }
      end(id);
    },
    release: async (id) => end(id),
    ended: async (id) => underWay.get(id)?.ended.promise,
  };
}
