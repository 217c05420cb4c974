import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { StorageError } from "../../base/storage.ts";

/** Finds out, without making anything, whether a file can be made here, with the folders that it takes. */
export async function checkFolderOf(file: string): Promise<void> {
  let folder = dirname(file);
  try {
    while (!(await exists(folder))) folder = dirname(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw notWritable(folder, cause);
  }
}

export function notWritable(path: string, cause: unknown): StorageError {
  const text = `${path} cannot be written to (${messageOf(cause)}). Give this user the right to, or set "server.dataDirectory" or "storage.file"`;
  return new StorageError("unusable", text, { cause });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}
