/**
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/**
 * Each round's own ratio: what slows the machine down for a while slows both halves of a pair.
 * @param {readonly number[]} values
 * @param {readonly number[]} base
 */
export function ratios(values, base) {
  return values.map((value, index) => value / (base[index] ?? NaN));
}
