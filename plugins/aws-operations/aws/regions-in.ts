/** The names of regions that stand in a text, each once. */
export function regionsIn(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/\b[a-z]{2}(?:-[a-z]+){1,2}-\d\b/g))];
}
