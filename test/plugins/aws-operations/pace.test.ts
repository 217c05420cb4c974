import { expect, test } from "vitest";
import { Pace } from "../../../plugins/aws-operations/aws/pace.ts";

const never = new AbortController().signal;

/** Work whose beginning is written down, and that ends when it is told to. */
function work(begun: string[], name: string) {
  let end = nothing;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const send = async (): Promise<string> => {
    begun.push(name);
    await ended;
    return name;
  };
  return { send, end: () => end() };
}

test("so many begin at once; the others in the order in which they came, a second after an answer", async () => {
  const pace = new Pace(2);
  const begun: string[] = [];
  const all = ["a", "b", "c", "d"].map((name) => work(begun, name));
  const starts = performance.now();
  const results = all.map(({ send }) => pace.run(send, never));
  await expect.poll(() => begun).toEqual(["a", "b"]);
  all[0]?.end();
  await expect.poll(() => begun, { timeout: 5000 }).toEqual(["a", "b", "c"]);
  expect(performance.now() - starts).toBeGreaterThanOrEqual(1000);
  for (const { end } of all) end();
  expect(await Promise.all(results)).toEqual(["a", "b", "c", "d"]);
});

test("who leaves gives up the place, and takes nobody else's", async () => {
  const pace = new Pace(1);
  const begun: string[] = [];
  const [first, second, third] = ["a", "b", "c"].map((name) => work(begun, name));
  const running = pace.run(first?.send ?? fail, never);
  const leaving = new AbortController();
  const left = pace.run(second?.send ?? fail, leaving.signal);
  const last = pace.run(third?.send ?? fail, never);
  leaving.abort(new Error("left"));
  await expect(left).rejects.toThrow("left");
  third?.end();
  first?.end();
  await running;
  expect(await last).toBe("c");
  expect(begun).toEqual(["a", "c"]);
});

test("who leaves while what was begun hangs, leaves the place to the next", async () => {
  const pace = new Pace(1);
  const leaving = new AbortController();
  const hanging = pace.run(() => new Promise<never>(nothing), leaving.signal);
  const next = pace.run(() => Promise.resolve("next"), never);
  leaving.abort(new Error("left"));
  await expect(hanging).rejects.toThrow("left");
  expect(await next).toBe("next");
});

test("who has left already does not begin, and a failure frees the place, too", async () => {
  const pace = new Pace(1);
  const gone = AbortSignal.abort(new Error("gone"));
  await expect(pace.run(fail, gone)).rejects.toThrow("gone");
  await expect(pace.run(fail, never)).rejects.toThrow("fails");
  expect(await pace.run(() => Promise.resolve("next"), never)).toBe("next");
});

function fail(): Promise<never> {
  return Promise.reject(new Error("fails"));
}

function nothing(): void {}
