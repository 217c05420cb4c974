/** How far before the end of a page a line may end that is not to be torn. */
const SLACK = 0.2;

/**
 * Where a text is cut so that its beginning has at most so many characters: after a line where one ends near there. One
 * character there always is, though it takes two places.
 */
export function cutAt(text: string, from: number, most: number): number {
  const end = from + Math.max(most, 1);
  if (end >= text.length) return text.length;
  // Looked for there alone: a text may be long, and all one line.
  const near = end - Math.floor(most * SLACK);
  const line = text.slice(near, end).lastIndexOf("\n") + 1;
  if (line > 0) return near + line;
  // Not between the halves of a character.
  if (!isHalved(text, end)) return end;
  return end - 1 > from ? end - 1 : end + 1;
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

function isHalved(text: string, at: number): boolean {
  return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xff_ff;
}
