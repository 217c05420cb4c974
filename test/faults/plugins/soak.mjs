// Every way for a call to go wrong that leaves its plugin alive, and one that does not.
import { faulty, sleep, tool } from "./_parts.mjs";

export default faulty("soak", {
  echo: tool((args) => ({ content: [], data: args })),
  throws: tool(() => {
    throw new Error("on purpose");
  }),
  odd: tool(() => 10n),
  late: tool(
    async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "too late";
    },
    { config: { timeout: 0.2 } },
  ),
  long: tool(() => "x".repeat(150_000)),
  notes: tool(async (_, { progress, log }) => {
    for (let done = 1; done <= 20; done++) {
      progress(done, 20);
      log.debug("on and on");
      await sleep(1);
    }
    return "noted";
  }),
  loop: tool(
    () => {
      for (;;);
    },
    { config: { timeout: 0.2 } },
  ),
});
