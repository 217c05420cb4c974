import { faulty, sleep, tool } from "./_parts.mjs";

export default faulty("races", {
  nap: tool(async ({ ms }) => {
    await sleep(ms);
    return "slept";
  }),
  short_nap: tool(
    async ({ ms }) => {
      await sleep(ms);
      return "slept";
    },
    { config: { timeout: 0.02 } },
  ),
});
