import type { Fault, Transport } from "./fault.ts";

/** What came of a fault on one transport. */
export interface Cell {
  /** Empty: it was contained. Undefined: it does not apply, or was not run. */
  readonly wrong: readonly string[] | undefined;
}

export type Row = Readonly<Record<Transport, Cell>> & { readonly fault: Fault };

function verdict({ fault }: Row, { wrong }: Cell): string {
  if (wrong === undefined) return "–";
  if (wrong.length === 0) return "contained";
  return fault.needs === undefined ? "not" : `not without ${fault.needs}`;
}

function cells(row: Row): readonly Cell[] {
  return [row.stdio, row.HTTP];
}

/** Whether nothing got out of hand that need not have. */
export function isGood(row: Row): boolean {
  return (
    row.fault.needs !== undefined || cells(row).every(({ wrong }) => (wrong ?? []).length === 0)
  );
}

/** As Markdown, so that it can stand in the documentation as it is. */
export function printTable(rows: readonly Row[]): void {
  const lines = rows.map((row) => {
    const { fault } = row;
    return [fault.id, fault.what, verdict(row, row.stdio), verdict(row, row.HTTP)];
  });
  const table = [["fault", "what", "stdio", "HTTP"], ...lines];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...table.map((line) => line[at]?.length ?? 0)));
  const print = (line: readonly string[]): void =>
    console.log(`| ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`);
  const [head = [], ...body] = table;
  print(head);
  print(widths.map((width) => "-".repeat(width)));
  for (const line of body) print(line);
  const contained = rows.filter((row) => cells(row).every(({ wrong }) => !wrong?.length));
  console.log(`\n${contained.length} of ${rows.length} faults contained`);
}
