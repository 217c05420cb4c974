import { AwsError } from "../../protocol/errors.ts";
import { list, structure, text, type Infer } from "../../protocol/shape.ts";

export const filterList = list(structure({ Name: text(), Value: list(text()) }), { max: 50 });

type Filters = Infer<typeof filterList>;

/** Where the values of a filter are in an item: the names of the members on the way, with dots. */
export type FilterPaths = Readonly<Record<string, string>>;

const MAX_VALUES = 200;

/**
 * The test that all filters make together: each asks for one of its values, in which `*` and `?`
 * stand for any text and any character.
 */
export function filterOf(filters: Filters, paths: FilterPaths): (item: object) => boolean {
  const known = new Map(Object.entries(paths));
  const tests = filters.map(({ Name = "", Value = [] }) => {
    if (Value.length > MAX_VALUES) {
      throw new AwsError(
        "FilterLimitExceeded",
        "The maximum number of filter values specified on a single call is 200",
      );
    }
    const valuesOf = reader(Name, known);
    return (item: object) =>
      valuesOf(item).some((value) => Value.some((pattern) => matches(pattern, value)));
  });
  return (item) => tests.every((test) => test(item));
}

function reader(
  name: string,
  known: ReadonlyMap<string, string>,
): (item: object) => readonly string[] {
  const path = known.get(name);
  if (path !== undefined) return (item) => valuesAt(item, path.split("."));
  if (name === "tag-key") return (item) => tagsOf(item).map(({ Key }) => Key);
  if (name === "tag-value") return (item) => tagsOf(item).map(({ Value }) => Value);
  if (name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return (item) => tagsOf(item).flatMap((tag) => (tag.Key === key ? [tag.Value] : []));
  }
  throw new AwsError("InvalidParameterValue", `The filter '${name}' is invalid`);
}

/** The values at a path, through every item of the lists on the way. */
function valuesAt(value: unknown, path: readonly string[]): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name !== undefined) return valuesAt((value as Record<string, unknown>)[name], rest);
  if (value instanceof Date) return [value.toISOString()];
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

function tagsOf(item: object): readonly Tag[] {
  const { Tags, TagSet } = item as { readonly Tags?: Tag[]; readonly TagSet?: Tag[] };
  return Tags ?? TagSet ?? [];
}

/** Linear in time: a pattern comes from outside, and a regular expression could take for ever. */
function matches(pattern: string, value: string): boolean {
  let at = 0;
  let star: { readonly pattern: number; value: number } | undefined;
  let index = 0;
  while (index < value.length) {
    const isEscaped = pattern[at] === "\\";
    const expected = isEscaped ? pattern[at + 1] : pattern[at];
    if (expected === "*" && !isEscaped) {
      star = { pattern: at, value: index };
      at += 1;
    } else if ((expected === "?" && !isEscaped) || expected === value[index]) {
      at += isEscaped ? 2 : 1;
      index += 1;
    } else if (star !== undefined) {
      star.value += 1;
      index = star.value;
      at = star.pattern + 1;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
