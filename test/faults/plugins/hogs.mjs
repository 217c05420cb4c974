import { faulty, sleep, tool } from "./_parts.mjs";

const MIB = 1_048_576;

export default faulty("hogs", {
  heap: tool(() => {
    const kept = [];
    for (;;) kept.push({ text: `${kept.length}`.repeat(10), list: [kept.length] });
  }),
  buffers: tool(async () => {
    const kept = [];
    // Bounded, so that a limit that does not hold does not take the machine along.
    for (let taken = 0; taken < 1_024; taken += 16) {
      kept.push(Buffer.alloc(16 * MIB, 1));
      await sleep(20);
    }
    return `took ${kept.length * 16} MiB`;
  }),
});
