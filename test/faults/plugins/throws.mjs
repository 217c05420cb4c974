import { faulty, SECRET, tool } from "./_parts.mjs";

const shapes = {
  null: () => null,
  undefined: () => undefined,
  text: () => SECRET,
  symbol: () => Symbol(SECRET),
  frozen: () => Object.freeze(new Error(SECRET)),
  getter: () =>
    Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error(SECRET);
      },
    }),
  unprintable: () => ({
    toString() {
      throw new Error(SECRET);
    },
  }),
  proxy: () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error(SECRET);
        },
      },
    ),
  cycle: () => {
    const error = new Error(SECRET);
    error.cause = error;
    return error;
  },
};

export default faulty("throws", {
  throw_at_once: tool(({ shape }) => {
    throw shapes[shape]();
  }),
  throw_later: tool(async ({ shape }) => {
    await null;
    throw shapes[shape]();
  }),
});
