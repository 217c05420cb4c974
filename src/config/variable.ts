/** `${NAME}` or `${NAME:-default}`; with a second `$` before it, a literal. */
export const VARIABLE = /\$(\$?)\{([A-Za-z_]\w*)(?::-([^}]*))?\}/gu;

export function hasVariable(text: string): boolean {
  return text.search(VARIABLE) !== -1;
}
