import { readFileSync } from "node:fs";

/**
 * Memory of a process in MiB, with what it shares divided among those who share it; NaN where there is no Linux `/proc`.
 * @param {number | undefined} pid
 */
export function proportionalMib(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(?<kib>\d+)/mu.exec(text)?.groups?.["kib"]) / 1_024;
  } catch {
    return NaN;
  }
}
