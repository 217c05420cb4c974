import { visible } from "./untrusted.ts";

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(header), `|${" --- |".repeat(header.length)}`, ...rows.map(line)].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(escapeCell).join(" | ")} |`;
}

/** Names come from AWS and from tags: they may hold anything. */
export function plain(text: string): string {
  const clean = visible(text);
  return clean.length > 60 ? `${clean.slice(0, 59)}…` : clean;
}

/** `3 days`, `1 day`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function escapeCell(text: string): string {
  return plain(text).replaceAll("|", String.raw`\|`);
}
