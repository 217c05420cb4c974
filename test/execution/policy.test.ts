import { describe, expect, test } from "vitest";
import type { ToolManifest } from "../../src/base/manifest.ts";
import { effectivePolicy } from "../../src/execution/policy.ts";

function tool(
  settings: ToolManifest["settings"],
  annotations: ToolManifest["annotations"] = {},
): ToolManifest {
  return { name: "t", inputSchema: { type: "object" }, annotations, permissions: [], settings };
}

describe("the policy of a tool", () => {
  test("without a word from anybody: 30 s, one attempt", () => {
    expect(effectivePolicy(tool({})).policy).toMatchObject({
      timeoutMs: 30_000,
      deadlineMs: 35_000,
      retryCount: 0,
    });
  });

  test("the deadline covers the start of a plugin, all attempts and waits, but ends before clients give up at 60 s", () => {
    const short = effectivePolicy(tool({ timeoutMs: 2_000, retryCount: 2 }));
    expect(short.policy.deadlineMs).toBe(11_150);
    const long = effectivePolicy(tool({ timeoutMs: 30_000, retryCount: 3 }));
    expect(long.policy.deadlineMs).toBe(50_000);
  });

  test("the operator's word wins over the author's", () => {
    const settings = { timeoutMs: 1_000, retryCount: 0, deadlineMs: 4_000 };
    const { policy } = effectivePolicy(
      tool({ timeoutMs: 2_000, retryCount: 2, deadlineMs: 9_000 }),
      { overrides: [{ source: "operator", settings }] },
    );
    expect(policy).toMatchObject({ timeoutMs: 1_000, retryCount: 0, deadlineMs: 4_000 });
  });

  test.each([
    [{}, true, false],
    [{ readOnlyHint: true }, true, true],
    [{ idempotentHint: true }, true, true],
    [{ idempotentHint: false }, false, false],
    [{ destructiveHint: true }, false, false],
    [{ destructiveHint: true, idempotentHint: true }, false, true],
    [{ readOnlyHint: true, idempotentHint: false }, true, true],
  ])("%o: errors repeat %s, timeouts repeat %s", (annotations, errors, timeouts) => {
    expect(effectivePolicy(tool({ retryCount: 1 }, annotations)).policy).toMatchObject({
      retriesErrors: errors,
      retriesTimeouts: timeouts,
    });
  });
});
