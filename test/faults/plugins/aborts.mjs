import { faulty, tool } from "./_parts.mjs";

export default faulty("aborts", {
  end: tool(async () => {
    process.abort();
    await new Promise(() => setTimeout(() => undefined, 60_000));
  }),
});
