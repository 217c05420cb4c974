import type { StorageService } from "../../base/port.ts";
import type { Json } from "../../plugin-api/index.ts";

/** Storage that lives as long as the process. Each plugin gets one of its own. */
export function createMemoryStorage(): StorageService {
  const values = new Map<string, Json>();
  return {
    get: async (key) => structuredClone(values.get(key)),
    set: async (key, value) => void values.set(key, structuredClone(value)),
    delete: async (key) => void values.delete(key),
    keys: async (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)).toSorted(),
  };
}
