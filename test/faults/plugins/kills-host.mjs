import { faulty, tool } from "./_parts.mjs";

export default faulty("kills-host", {
  end: tool(async () => {
    process.kill(process.ppid, "SIGKILL");
    await new Promise(() => setTimeout(() => undefined, 60_000));
  }),
});
