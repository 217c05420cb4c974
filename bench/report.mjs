import { availableParallelism } from "node:os";
import { median, ratios } from "./statistics.mjs";

/**
 * A measured quantity: how it is read, and how it is written.
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {(value: T) => number} of NaN for what is not known
 * @property {number} digits
 */

/**
 * One line of a table with the values of all rounds.
 * @template T
 * @typedef {object} Row
 * @property {readonly string[]} labels
 * @property {readonly T[]} rounds
 * @property {readonly T[]} [base] of the same rounds; none for the baseline itself
 */

/**
 * A Markdown table: every quantity as its median with the extremes, and beside it the median of the rounds' ratios.
 * @template T
 * @param {readonly string[]} labels
 * @param {readonly Column<T>[]} columns
 * @param {readonly Row<T>[]} rows
 * @returns {string}
 */
export function table(labels, columns, rows) {
  const head = [...labels, ...columns.flatMap(({ title }) => [title, "× SDK"])];
  const lines = rows.map((row) => [
    ...row.labels,
    ...columns.flatMap((column) => cells(column, row)),
  ]);
  const rule = head.map((_, index) => (index < labels.length ? "---" : "--:"));
  return [head, rule, ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/**
 * @template T
 * @param {Column<T>} column
 * @param {Row<T>} row
 */
function cells({ of, digits }, { rounds, base }) {
  const values = rounds.map(of);
  if (base === undefined) return [spread(values, digits), ""];
  return [spread(values, digits), spread(ratios(values, base.map(of)), 2)];
}

/**
 * `median (least–most)`; the median alone where there was one round.
 * @param {readonly number[]} values
 * @param {number} digits
 */
export function spread(values, digits) {
  const text = (/** @type {number} */ value) => value.toFixed(digits);
  if (values.some(Number.isNaN)) return "–";
  const middle = text(median(values));
  if (values.length === 1) return middle;
  return `${middle} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}

/** All that a reader needs to know of the machine. */
export function machine() {
  return `Node ${process.versions.node}, ${availableParallelism()} cores`;
}
