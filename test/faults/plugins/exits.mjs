import { faulty, tool } from "./_parts.mjs";

export default faulty("exits", {
  end: tool(async () => {
    process.exit(0);
    await new Promise(() => setTimeout(() => undefined, 60_000));
  }),
});
