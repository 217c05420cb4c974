import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MODULE = new URL("../../dist/src/isolation/collect-when-quiet.js", import.meta.url).href;
/** A small process, as those of plugins are, in which V8 has no reason of its own: `collected()` waits for the next collection. */
const PRELUDE = `
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { collectWhenQuiet } from ${JSON.stringify(MODULE)};
let count = 0;
new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) {
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) count += 1;
  }
}).observe({ entryTypes: ["gc"] });
async function collected() {
  for (const before = count; count === before; ) await sleep(5);
}
`;

/** What a program prints that ends by itself. */
async function printed(program: string): Promise<string> {
  const args = ["--input-type=module", "--eval", `${PRELUDE}\n${program}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 });
  return stdout;
}

test("garbage is collected when nothing has been asked for a while, and then all goes on", async () => {
  expect(
    await printed(`
      collectWhenQuiet(() => false, 10);
      await collected();
      await sleep(50);
      console.log("goes on");
    `),
  ).toBe("goes on\n");
});

test("garbage is collected again after something has been asked again", async () => {
  expect(
    await printed(`
      const asked = collectWhenQuiet(() => false, 10);
      await collected();
      asked();
      await collected();
      console.log("again");
    `),
  ).toBe("again\n");
});

test("garbage is not collected before what goes on has ended", async () => {
  expect(
    await printed(`
      let looks = 0;
      collectWhenQuiet(() => ++looks < 5, 10);
      while (looks < 4) await sleep(5);
      console.log(count);
      await collected();
      console.log(looks);
    `),
  ).toBe("0\n5\n");
});

test("garbage of a large heap is left to V8", async () => {
  expect(
    await printed(`
      const large = Array.from({ length: 1_500_000 }, (_, index) => ({ index }));
      // Until V8 has done its own part.
      for (let before = -1; before !== count; await sleep(300)) before = count;
      const before = count;
      let looks = 0;
      collectWhenQuiet(() => { looks += 1; return false; }, 10);
      while (looks === 0) await sleep(5);
      await sleep(100);
      console.log(count - before, large.length);
    `),
  ).toBe("0 1500000\n");
});
