/** An element as a reader finds it, knowing nothing of what it means. */
export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** All text in the element, without that of its children. */
  readonly text: string;
}

const TOKEN = /<\?[^>]*\?>|<(\/?)([\w.:-]+)((?:\s[^>]*?)?)(\/?)>|([^<]+)/gy;
const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Reads a document; throws if it is not well-formed. */
export function parseXml(text: string): Element {
  const root = { name: "", children: [] as Element[], text: "" };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`not XML at ${at}: ${text.slice(at, at + 40)}`);
    const [, closing, name, , empty, characters] = match;
    const current = open.at(-1) ?? root;
    if (characters !== undefined) current.text += unescape(characters);
    else if (closing === "/") {
      if (current.name !== name) throw new Error(`</${name}> closes <${current.name}>`);
      open.pop();
    } else if (name !== undefined) {
      const element = { name, children: [] as Element[], text: "" };
      current.children.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  const [document] = root.children;
  if (open.length !== 1 || document === undefined) throw new Error("the document is not complete");
  return document;
}

const unescape = (text: string): string =>
  text.replace(/&(?:#x([0-9A-Fa-f]+)|(\w+));/g, (whole, code?: string, name?: string) =>
    code === undefined
      ? (ENTITIES.get(name ?? "") ?? whole)
      : String.fromCodePoint(Number.parseInt(code, 16)),
  );
