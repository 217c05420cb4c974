import { faulty, tool } from "./_parts.mjs";

const values = {
  bigint: () => 10n,
  nan: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  minus_infinity: () => Number.NEGATIVE_INFINITY,
  cycle: () => {
    const loop = {};
    loop.self = loop;
    return loop;
  },
  // eslint-disable-next-line no-sparse-arrays
  sparse: () => [1, , 3],
  undefined_item: () => [undefined],
  symbol: () => Symbol("s"),
  function: () => () => undefined,
  to_json_throws: () => ({
    toJSON() {
      throw new Error("not me");
    },
  }),
  half_character: () => "\ud800",
  invalid_date: () => new Date(Number.NaN),
  map: () => new Map([["a", 1]]),
  date: () => new Date(0),
};

export default faulty("odd-values", {
  give: tool(({ kind }) => ({ content: [], data: { value: values[kind]() } })),
  give_nothing: tool(() => undefined),
  break_promise: tool(() => ({ content: [], data: { count: "many" } }), {
    outputSchema: {
      type: "object",
      properties: { count: { type: "number" } },
      required: ["count"],
    },
  }),
});
