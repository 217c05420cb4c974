import { faulty, tool } from "./_parts.mjs";

const short = { config: { timeout: 0.5 } };

export default faulty("blocks", {
  loop: tool(() => {
    for (;;);
  }, short),
  loop_in_writer: tool(
    () => {
      for (;;);
    },
    { ...short, annotations: { readOnlyHint: false } },
  ),
  backtrack: tool(({ text }) => String(/^(a+)+$/u.test(text)), short),
  checked: tool(() => "fits", {
    ...short,
    inputSchema: {
      type: "object",
      properties: { text: { type: "string", pattern: "^(a+)+$" } },
      required: ["text"],
    },
  }),
  block: tool(({ ms }) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
    return "done";
  }),
  ignore_signal: tool(() => new Promise(() => setInterval(() => undefined, 1_000)), short),
});
