import { readFileSync } from "node:fs";

const PAGE_BYTES = 4_096;

/** Bytes of memory that a process occupies now; 0 when it is gone, undefined where only the process itself can tell. */
export function residentMemory(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ");
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
