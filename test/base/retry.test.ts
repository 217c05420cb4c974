import { describe, expect, test } from "vitest";
import { withRetries, type RetryRule } from "../../src/base/retry.ts";
import { classifyError } from "../../src/base/transient.ts";

function rule(more: Partial<RetryRule> = {}): RetryRule {
  return {
    retries: 3,
    signal: new AbortController().signal,
    remainingMs: () => 10_000,
    classify: classifyError,
    random: () => 0,
    ...more,
  };
}

const throttled = (): Error =>
  Object.assign(new Error("slow down"), { name: "ThrottlingException" });

describe("repeating what passes by itself", () => {
  test("a transient error is followed by another attempt, up to the count", async () => {
    const attempts: number[] = [];
    const work = withRetries(async (attempt) => {
      attempts.push(attempt);
      throw throttled();
    }, rule());
    await expect(work).rejects.toThrow("slow down");
    expect(attempts).toEqual([1, 2, 3, 4]);
  });

  test("the first success ends it", async () => {
    const work = withRetries(async (attempt) => {
      if (attempt < 3) throw throttled();
      return attempt;
    }, rule());
    await expect(work).resolves.toBe(3);
  });

  test.each([
    ["an ordinary error", new Error("no")],
    ["a TypeError", new TypeError("x is not a function")],
    ["something that is no error", "no"],
    ["null", null],
  ])("%s is thrown as it is, after one attempt", async (_name, thrown) => {
    let attempts = 0;
    const work = withRetries(async () => {
      attempts += 1;
      throw thrown;
    }, rule());
    await expect(work).rejects.toBe(thrown);
    expect(attempts).toBe(1);
  });

  test("the error of the last attempt is the one that is thrown", async () => {
    const work = withRetries(async (attempt) => {
      throw attempt === 1 ? throttled() : new Error(`attempt ${attempt}`);
    }, rule());
    await expect(work).rejects.toThrow("attempt 2");
  });

  test("a wait that does not fit before the deadline ends it at once", async () => {
    let attempts = 0;
    const asked = Object.assign(new Error("later"), { status: 429, retryAfterMs: 60_000 });
    const work = withRetries(async () => {
      attempts += 1;
      throw asked;
    }, rule());
    await expect(work).rejects.toBe(asked);
    expect(attempts).toBe(1);
  });

  test("an abort ends the wait, and no further attempt begins", async () => {
    const controller = new AbortController();
    let attempts = 0;
    const work = withRetries(
      async () => {
        attempts += 1;
        setTimeout(() => controller.abort(), 5);
        throw Object.assign(new Error("later"), { status: 503, retryAfterMs: 5_000 });
      },
      rule({ signal: controller.signal }),
    );
    await expect(work).rejects.toThrow("later");
    expect(attempts).toBe(1);
  });
});

describe("what counts as passing by itself", () => {
  test.each([
    ["a reset connection", { code: "ECONNRESET" }, true],
    ["one nested as a cause", { message: "fetch failed", cause: { code: "ECONNREFUSED" } }, true],
    ["429", { status: 429 }, true],
    ["503 in an AWS error", { $metadata: { httpStatusCode: 503 } }, true],
    ["a throttling name", { name: "TooManyRequestsException" }, true],
    ["a ToolError that says so", { retryable: true }, true],
    [
      "a ToolError that denies it, whatever else it carries",
      { retryable: false, status: 503 },
      false,
    ],
    ["400", { status: 400 }, false],
    ["access denied", { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } }, false],
    ["an error that is its own cause", circular(), false],
    ["undefined", undefined, false],
  ])("%s", (_name, error, transient) => {
    expect(classifyError(error).transient).toBe(transient);
  });

  test.each([
    ["seconds", "7", 7_000],
    ["a negative number", "-7", undefined],
    ["words", "soon", undefined],
  ])("Retry-After as %s", (_name, header, expected) => {
    const error = { status: 429, response: { status: 429, headers: { "retry-after": header } } };
    expect(classifyError(error).retryAfterMs).toBe(expected);
  });

  test("Retry-After as a date is the time until then", () => {
    const headers = new Headers({ "retry-after": new Date(Date.now() + 60_000).toUTCString() });
    const { retryAfterMs } = classifyError({ status: 503, headers });
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

function circular(): object {
  const error: { cause?: object } = {};
  error.cause = error;
  return error;
}
