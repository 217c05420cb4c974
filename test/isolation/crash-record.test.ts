import { describe, expect, test } from "vitest";
import { CrashRecord } from "../../src/isolation/crash-record.ts";

const MINUTE = 60_000;

function record(): { crashes: CrashRecord; pass: (ms: number) => void } {
  let now = 0;
  return { crashes: new CrashRecord(() => now), pass: (ms) => (now += ms) };
}

describe("a plugin that crashes", () => {
  test("is started again at once, then after a second, and then not for five minutes", () => {
    const { crashes } = record();
    expect(crashes.crashed()).toEqual({ kind: "restart", afterMs: 0 });
    expect(crashes.crashed()).toEqual({ kind: "restart", afterMs: 1_000 });
    expect(crashes.crashed()).toEqual({ kind: "quarantine", forMs: 5 * MINUTE });
  });

  test("now and then only, is always started again", () => {
    const { crashes, pass } = record();
    for (let count = 0; count < 100; count++) {
      expect(crashes.crashed().kind).toBe("restart");
      pass(3 * MINUTE);
    }
  });

  test("on its trial after a quarantine, goes back there at once", () => {
    const { crashes, pass } = record();
    for (let count = 0; count < 3; count++) crashes.crashed();
    pass(60 * MINUTE);
    expect(crashes.crashed().kind).toBe("quarantine");
  });

  test("and has answered on its trial, begins anew", () => {
    const { crashes } = record();
    for (let count = 0; count < 3; count++) crashes.crashed();
    crashes.answered();
    expect(crashes.crashed()).toEqual({ kind: "restart", afterMs: 0 });
  });

  test("is not forgiven for the answers it gives between its crashes", () => {
    const { crashes } = record();
    crashes.crashed();
    crashes.answered();
    crashes.crashed();
    crashes.answered();
    expect(crashes.crashed().kind).toBe("quarantine");
  });
});
