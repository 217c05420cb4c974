/** What every tool of the benchmark says of itself, whoever serves it. */
export const toolDescription = "Says back the text it is given.";

/**
 * `echo_0001`, `echo_0002`, …
 * @param {number} count
 * @returns {string[]}
 */
export function toolNames(count) {
  return Array.from({ length: count }, (_, index) => `echo_${String(index + 1).padStart(4, "0")}`);
}
