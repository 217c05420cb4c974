import Table from "cli-table3";

/** Rows under a head, without the box-drawing that makes copied text ugly. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({
    head: [...head],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      top: "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      bottom: "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "",
    },
  });
  for (const row of rows) grid.push([...row]);
  return grid
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Text in which Markdown tables are drawn as tables and the rest is left as it is. */
export function drawMarkdown(markdown: string): string {
  const out: string[] = [];
  let rows: string[][] = [];
  const flush = (): void => {
    const [head, ...body] = rows;
    if (head !== undefined) out.push(table(head, body));
    rows = [];
  };
  for (const line of markdown.split("\n")) {
    if (!line.trimStart().startsWith("|")) {
      flush();
      out.push(line.replaceAll("**", ""));
      continue;
    }
    const cells = line
      .trim()
      .replace(/^\||\|$/gu, "")
      .split("|");
    const isRule = cells.every((cell) => /^\s*:?-+:?\s*$/u.test(cell));
    if (!isRule) rows.push(cells.map((cell) => cell.trim().replaceAll("**", "")));
  }
  flush();
  return out.join("\n");
}
