import { faulty, tool } from "./_parts.mjs";

export default faulty("segfaults", {
  end: tool(async () => {
    process.kill(process.pid, "SIGSEGV");
    await new Promise(() => setTimeout(() => undefined, 60_000));
  }),
});
