import { jsonLength } from "../../base/json-length.ts";
import { isOver, type TaskRecord, type TaskStore } from "../../base/task.ts";

export interface MemoryTasksLimits {
  /** Most tasks at a time. */
  readonly max: number;
  /** Of all answers together. */
  readonly maxChars: number;
}

interface Entry {
  readonly record: TaskRecord;
  /** Of its answer. */
  readonly chars: number;
}

/** Expired ones are let go at least this often, while new ones come. */
const SWEEP_MS = 60_000;

/**
 * Keeps tasks as long as the process lives, within bounds. When they are reached, the oldest answer of whoever has most
 * goes; no principal's task takes the place of one whose principal has no more than it.
 */
export function createMemoryTasks(
  { max, maxChars }: MemoryTasksLimits,
  now: () => number = Date.now,
): TaskStore {
  /** Those that are over come in the order of their ends. */
  const entries = new Map<string, Entry>();
  let chars = 0;
  let sweptAt = now();

  const remove = (id: string): void => {
    chars -= entries.get(id)?.chars ?? 0;
    entries.delete(id);
  };
  const put = (record: TaskRecord): void => {
    const ends = isOver(record);
    if (ends) remove(record.id);
    const entry = { record, chars: ends ? jsonLength(record.outcome, maxChars) : 0 };
    entries.set(record.id, entry);
    chars += entry.chars;
  };
  const expired = (record: TaskRecord): boolean =>
    isOver(record) && now() >= record.createdAt + record.ttlMs;
  const sweep = (): void => {
    sweptAt = now();
    for (const { record } of entries.values()) if (expired(record)) remove(record.id);
  };
  /** Lets an answer go that may go: the oldest of whoever holds most. */
  const letGo = (
    weigh: (entry: Entry) => number,
    mayGo: (record: TaskRecord, held: (principal: string) => number) => boolean,
  ): boolean => {
    const sums = new Map<string, number>();
    const held = (principal: string): number => sums.get(principal) ?? 0;
    for (const entry of entries.values()) {
      const { principal } = entry.record;
      sums.set(principal, held(principal) + weigh(entry));
    }
    let found: TaskRecord | undefined;
    for (const { record } of entries.values()) {
      if (!isOver(record) || !mayGo(record, held)) continue;
      if (found === undefined || held(record.principal) > held(found.principal)) found = record;
    }
    if (found === undefined) return false;
    remove(found.id);
    return true;
  };
  const makePlace = (owner: string): boolean =>
    letGo(
      () => 1,
      ({ principal }, held) => principal === owner || held(principal) > held(owner),
    );
  const makeRoomBeside = (newest: string): boolean =>
    letGo(
      (entry) => entry.chars,
      ({ id }) => id !== newest,
    );

  return {
    create: async (record) => {
      if (entries.size >= max || now() - sweptAt > SWEEP_MS) sweep();
      if (entries.size >= max && !makePlace(record.principal)) return false;
      put(record);
      return true;
    },
    update: async (record) => {
      if (!entries.has(record.id)) return;
      put(record);
      let isFull = chars > maxChars;
      while (isFull) isFull = makeRoomBeside(record.id) && chars > maxChars;
    },
    load: async (id) => {
      const record = entries.get(id)?.record;
      if (record === undefined || !expired(record)) return record;
      remove(id);
      return undefined;
    },
    remove: async (id) => remove(id),
  };
}
