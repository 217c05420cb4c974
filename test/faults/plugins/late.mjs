import { faulty, SECRET, sleep, tool } from "./_parts.mjs";

export default faulty("late", {
  rejects: tool(() => Promise.reject(new Error(SECRET))),
  rejects_late: tool(
    async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await sleep(20);
      throw new Error(SECRET);
    },
    { config: { timeout: 0.3 } },
  ),
  resolves_late: tool(
    async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await sleep(20);
      return "too late";
    },
    { config: { timeout: 0.3 } },
  ),
});
