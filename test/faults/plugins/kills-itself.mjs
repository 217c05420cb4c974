import { faulty, tool } from "./_parts.mjs";

export default faulty("kills-itself", {
  end: tool(async () => {
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => setTimeout(() => undefined, 60_000));
  }),
});
