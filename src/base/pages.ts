/** How far before the end of a page a line may end that is not to be torn. */
const SLACK = 0.2;

/** Where a text is cut so that its beginning has at most so many characters: after a line where one ends near there. */
export function cutAt(text: string, from: number, most: number): number {
  const end = from + most;
  if (end >= text.length) return text.length;
  const line = text.lastIndexOf("\n", end - 1) + 1;
  if (line > from + most * (1 - SLACK)) return line;
  // Not between the halves of a character.
  return isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}

/** The pages of a text, each at most so many characters long; together they are the text. */
export function pagesOf(text: string, most: number): readonly string[] {
  const pages: string[] = [];
  for (let from = 0; from < text.length || pages.length === 0;) {
    const to = cutAt(text, from, most);
    pages.push(text.slice(from, to));
    from = to;
  }
  return pages;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc_00 && code <= 0xdf_ff;
}
