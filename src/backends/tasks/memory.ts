import { isOver, type TaskRecord, type TaskStore } from "../../base/task.ts";

/** Expired ones are let go at least this often, while new ones come. */
const SWEEP_MS = 60_000;

/** Keeps tasks as long as the process lives, at most `max` of them. */
export function createMemoryTasks(max: number, now: () => number = Date.now): TaskStore {
  const records = new Map<string, TaskRecord>();
  let sweptAt = now();
  const expired = (record: TaskRecord): boolean =>
    isOver(record) && now() >= record.createdAt + record.ttlMs;
  const sweep = (): void => {
    sweptAt = now();
    for (const record of records.values()) if (expired(record)) records.delete(record.id);
  };
  return {
    create: async (record) => {
      if (records.size >= max || now() - sweptAt > SWEEP_MS) sweep();
      if (records.size >= max) return false;
      records.set(record.id, record);
      return true;
    },
    update: async (record) => void (records.has(record.id) && records.set(record.id, record)),
    load: async (id) => {
      const record = records.get(id);
      if (record === undefined || !expired(record)) return record;
      records.delete(id);
      return undefined;
    },
    remove: async (id) => void records.delete(id),
  };
}
