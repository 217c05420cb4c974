/** How a protocol writes what JSON would write by itself. */
export interface XmlStyle {
  /** The element around each item of a list. */
  readonly item: string;
  /** The element of a member, given its path: the names of the members it stands in, and its own. */
  readonly element: (path: readonly string[]) => string;
}

/**
 * The members of an object as XML: dates in ISO 8601, bytes in base64, a Map as `entry` elements.
 * Undefined members are left out.
 */
export function toXml(members: object, style: XmlStyle, path: readonly string[] = []): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const own = [...path, name];
      return element(style.element(own), content(value, style, own));
    })
    .join("");
}

function content(value: unknown, style: XmlStyle, path: readonly string[]): string {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => element(style.item, content(item, style, path))).join("");
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) {
    return [...(value as Map<unknown, unknown>)]
      .map(([key, item]) => element("entry", toXml({ key, value: item }, style, path)))
      .join("");
  }
  if (typeof value === "object" && value !== null) return toXml(value, style, path);
  return escapeXml(String(value));
}

/** Elements named as their members. */
export const asNamed = (path: readonly string[]): string => path.at(-1) ?? "";

const element = (name: string, inner: string): string => `<${name}>${inner}</${name}>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // As they are, a reader would take them for a line break of its own system.
  "\r": "&#xD;",
};

/** Characters that XML 1.0 cannot carry, not even escaped. */
// oxlint-disable-next-line no-control-regex
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(NOT_XML, "\u{FFFD}")
    .replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
