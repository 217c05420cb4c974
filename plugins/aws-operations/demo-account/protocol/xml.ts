/** How a protocol writes what JSON would write by itself. */
export interface XmlStyle {
  /** The element around each item of a list. */
  readonly item: string;
  /** The element of a member, given the name of the member it stands in. */
  readonly element: (name: string, parent: string) => string;
}

/**
 * The members of an object as XML: dates in ISO 8601, bytes in base64, a Map as `entry` elements.
 * Undefined members are left out.
 */
export function toXml(members: object, style: XmlStyle, parent = ""): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) =>
      element(style.element(name, parent), content(value as unknown, style, name)),
    )
    .join("");
}

function content(value: unknown, style: XmlStyle, name: string): string {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => element(style.item, content(item, style, name))).join("");
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) {
    return [...(value as Map<unknown, unknown>)]
      .map(([key, item]) => element("entry", toXml({ key, value: item }, style, name)))
      .join("");
  }
  if (typeof value === "object" && value !== null) return toXml(value, style, name);
  return escapeXml(String(value));
}

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
