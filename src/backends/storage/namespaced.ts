import type { StorageService } from "../../base/port.ts";
import { jsonFits } from "../../base/json-length.ts";
import { StorageError, type StorageBackend } from "../../base/storage.ts";
import { ToolError } from "../../plugin-api/index.ts";

export interface NamespaceLimits {
  /** Longest value as JSON, in characters. */
  readonly maxValueChars: number;
  /** Most keys of one plugin. */
  readonly maxKeys: number;
}

const PAGE = 1_000;
/** Counting takes a while where there is much. Several hosts may thereby go over the limit by so many keys each. */
const RECOUNT_AFTER = 100;

/** What one plugin keeps: a namespace of its own, within bounds. What fails is an error that a client may read. */
export function createNamespaced(
  backend: StorageBackend,
  namespace: string,
  { maxValueChars, maxKeys }: NamespaceLimits,
): StorageService {
  /** Keys that may be put without counting. */
  let room = 0;
  const takeRoom = async (key: string): Promise<void> => {
    if (room <= 0) {
      if ((await backend.get(namespace, key)) !== undefined) return;
      room = Math.min(maxKeys - (await backend.count(namespace)), RECOUNT_AFTER);
    }
    if (room <= 0) {
      const text = `the plugin has ${maxKeys} keys already. Delete some, or raise "storage.maxKeys".`;
      throw new StorageError("refused", text);
    }
    room -= 1;
  };
  return {
    get: (key) => forClients(async () => (await backend.get(namespace, key))?.value),
    set: (key, value) =>
      forClients(async () => {
        if (!jsonFits(value, maxValueChars)) {
          const text = `the value is longer than ${maxValueChars} characters as JSON. Store less at a time, or raise "storage.maxValueChars".`;
          throw new StorageError("refused", text);
        }
        await takeRoom(key);
        await backend.put(namespace, key, value);
      }),
    delete: (key) => forClients(async () => void (await backend.delete(namespace, key))),
    keys: (prefix) =>
      forClients(async () => {
        const all: string[] = [];
        for (;;) {
          const after = all.at(-1);
          const page = await backend.keys(namespace, {
            prefix,
            limit: PAGE,
            ...(after !== undefined && { after }),
          });
          all.push(...page);
          if (page.length < PAGE) return all;
        }
      }),
  };
}

/** The operator reads the whole of it in the log; a client is not told of paths and hosts. */
async function forClients<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    throw cause.code === "refused"
      ? new ToolError(`It cannot be stored: ${cause.message}`, { code: "storage_refused", cause })
      : new ToolError(
          cause.code === "full"
            ? "It could not be stored: there is no room for more."
            : "What the plugin has stored cannot be reached.",
          { code: "storage_unavailable", retryable: cause.code === "unavailable", cause },
        );
  }
}
