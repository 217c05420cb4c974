import type { Bag } from "../base/bag.ts";

/**
 * Objects that cross the contract may spell their known fields in camelCase or in the originals' snake_case.
 * These helpers read both; nothing past `runtime/` needs to know.
 */

export function snake(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether a value can have members: objects and functions. */
export function hasMembers(value: unknown): value is Bag {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** The member under its camelCase name, else under its snake_case one. */
export function member(value: unknown, name: string): unknown {
  if (!hasMembers(value)) return undefined;
  return value[name] ?? value[snake(name)];
}

/** The member as a function bound to its owner. */
export function method(
  value: unknown,
  name: string,
): ((...args: readonly unknown[]) => unknown) | undefined {
  const found = member(value, name);
  if (typeof found !== "function") return undefined;
  return (...args) => (found as (...all: readonly unknown[]) => unknown).apply(value, [...args]);
}

/** The value of a member that is a property, or a method without parameters, asynchronous or not. */
export async function readData(value: unknown, name: string): Promise<unknown> {
  const found = member(value, name);
  return typeof found === "function" ? method(value, name)?.() : found;
}

/** Its known fields also answer to their snake_case names, for authors who read them so; only the camelCase ones are listed. */
export function inBothSpellings<T extends object>(bag: T, known: readonly string[]): T {
  for (const name of known) {
    const alias = snake(name);
    if (alias === name || alias in bag) continue;
    const get = (): unknown => (bag as Bag)[name];
    Object.defineProperty(bag, alias, { get, enumerable: false, configurable: true });
  }
  return bag;
}

/** The same object, whose known fields also have their camelCase names; what is read is what it says at that time. */
export function inCamelCase(value: Bag, known: readonly string[]): Bag {
  const names = known.filter((name) => !(name in value) && snake(name) in value);
  if (names.length === 0) return value;
  const getters = names.map((name) => [name, { get: () => value[snake(name)], enumerable: true }]);
  return Object.create(value, Object.fromEntries(getters) as PropertyDescriptorMap) as Bag;
}

/** A copy in which the known fields have their camelCase names; unknown keys pass unchanged. */
export function canonical(value: Bag, known: readonly string[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  const camelOf = new Map(known.map((name) => [snake(name), name]));
  for (const [key, field] of Object.entries(value)) {
    const name = camelOf.get(key) ?? key;
    // Where both spellings are given, the camelCase one wins.
    if (
      name === key ? field !== undefined || !Object.hasOwn(copy, name) : value[name] === undefined
    ) {
      copy[name] = field;
    }
  }
  return copy;
}
