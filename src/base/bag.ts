/** An object of which nothing is known yet. */
export type Bag = Readonly<Record<string, unknown>>;

/** Whether a value is what JSON calls an object. */
export function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
