import * as fc from "fast-check";

/** Whatever JSON may hold. */
export const junk = fc.anything({ maxDepth: 3, withNullPrototype: false, withBigInt: false });

/** Mostly what belongs in a place, sometimes junk. */
export const either = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: good, weight: 4 }, { arbitrary: junk, weight: 1 });
