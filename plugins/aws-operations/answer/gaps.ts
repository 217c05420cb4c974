import { accessAdvice } from "../aws/errors.ts";
import type { AnySection } from "./section.ts";

type Sections = Readonly<Record<string, AnySection | undefined>>;

/** Says what could not be had, and why: sections with the same reason together, and what was noticed on the way. */
export function gapLines(sections: Sections, titles: Readonly<Record<string, string>>): string[] {
  const reasons = new Map<string, { reason: string; names: string[] }>();
  const warnings: string[] = [];
  for (const [name, title] of Object.entries(titles)) {
    const one = sections[name];
    if (one === undefined) continue;
    if (one.status === "ok") {
      warnings.push(...(one.warnings ?? []));
      continue;
    }
    const reason =
      one.status === "error"
        ? `not available (${one.error.code}). ${one.error.message}`
        : `left out. ${one.reason}`;
    const key = withoutId(reason);
    const known = reasons.get(key) ?? { reason, names: [] };
    known.names.push(title);
    reasons.set(key, known);
  }
  const missing = [...reasons.values()].map(
    ({ reason, names }) => `${names.join(", ")}: ${reason}`,
  );
  return [...adviseOnce(missing), ...new Set(warnings)];
}

/** When nothing could be had: each reason once. */
export function failureOf(sections: Sections): {
  content: string;
  error: { code: string; message: string };
} {
  const errors = Object.values(sections).flatMap((one) =>
    one?.status === "error" ? [one.error] : [],
  );
  const messages = new Map(
    errors.toReversed().map(({ message }) => [withoutId(message), message] as const),
  );
  const content = adviseOnce([...messages.values()].toReversed()).join("\n\n");
  return { content, error: { code: errors[0]?.code ?? "UPSTREAM", message: content } };
}

/** The same reason, whichever request it was told of. */
function withoutId(text: string): string {
  return text.replace(/ \(AWS request [^)]*\)/, "");
}

/** What to do about a permission is the same for each of them. */
function adviseOnce(texts: readonly string[]): string[] {
  let told = false;
  return texts.map((text) => {
    if (!text.includes(accessAdvice)) return text;
    const short = told ? text.replace(` ${accessAdvice}`, "") : text;
    told = true;
    return short;
  });
}
