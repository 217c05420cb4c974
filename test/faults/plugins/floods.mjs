import { faulty, sleep, tool } from "./_parts.mjs";

const MIB = 1_048_576;

const text = "x".repeat(100);

export default faulty("floods", {
  long_text: tool(() => "x".repeat(30 * MIB)),
  many_blocks: tool(() => Array.from({ length: 200_000 }, () => ({ type: "text", text }))),
  deep: tool(() => {
    let data = {};
    for (let depth = 0; depth < 100_000; depth++) data = { data };
    return { content: [], data };
  }),
  notes: tool(async ({ count }, { progress, log, logToClient }) => {
    for (let done = 1; done <= count; done++) {
      progress(done, count, "on and on");
      if (done % 10 === 0) logToClient("info", "on and on");
      if (done % 20 === 0) log.info("on and on");
      if (done % 1_000 === 0) await sleep(0);
    }
    return "at last";
  }),
  prints: tool(async () => {
    const line = `${"n".repeat(1_000)}\n`;
    for (let count = 0; count < 5_000; count++) {
      if (!process.stdout.write(line)) {
        await new Promise((resolve) => process.stdout.once("drain", resolve));
      }
    }
    return "at last";
  }),
});
