/** A prompt's text, parsed once: literal text and the names of placeholders in turn. */
export interface Template {
  /** The names, in the order of their first use. */
  readonly placeholders: readonly string[];
  render(values: Readonly<Record<string, string>>): string;
}

// An escaped brace, or a placeholder with an optional format suffix as Python writes it: {amount:.2f}.
const TOKEN = /\{\{|\}\}|\{([A-Za-z_]\w*)(?:![rsa])?(?::[^{}]*)?\}/gu;

/** `{name}` is a placeholder, `{{` and `}}` are one brace, any other brace is itself. */
export function parseTemplate(text: string): Template {
  const parts: ({ readonly literal: string } | { readonly name: string })[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push({ literal: text.slice(from, match.index) });
    from = match.index + match[0].length;
    parts.push(match[1] === undefined ? { literal: match[0].charAt(0) } : { name: match[1] });
  }
  parts.push({ literal: text.slice(from) });
  const names = parts.flatMap((part) => ("name" in part ? [part.name] : []));
  return {
    placeholders: [...new Set(names)],
    // Values go in as they are: a value that looks like a placeholder is not substituted again.
    render: (values) =>
      parts.map((part) => ("name" in part ? own(values, part.name) : part.literal)).join(""),
  };
}

/** Not `values[name]`: every object has a `constructor`. */
function own(values: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(values, name) ? values[name] : undefined) ?? "";
}
