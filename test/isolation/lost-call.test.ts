import { describe, expect, test } from "vitest";
import { ChannelClosedError, ChannelFullError } from "../../src/isolation/channel.ts";
import { FrameTooLongError } from "../../src/isolation/framing.ts";
import { lost, notRun } from "../../src/isolation/lost-call.ts";
import { UnavailableError } from "../../src/isolation/supervisor.ts";

describe("a call that the plugin has not seen", () => {
  test.each<[string, Error, object]>([
    [
      "arguments that are too long",
      new FrameTooLongError(20, 10),
      { code: "arguments_too_large", retryable: false },
    ],
    [
      "a process that does not read",
      new ChannelFullError(),
      { code: "plugin_unavailable", retryable: true },
    ],
    [
      "a process that is gone",
      new ChannelClosedError(),
      { code: "plugin_unavailable", retryable: true },
    ],
    [
      "a plugin in quarantine",
      new UnavailableError("crashed", 1_500.5),
      {
        code: "plugin_unavailable",
        retryable: true,
        retryAfterMs: 1_501,
        message: "The plugin 'one' cannot be used now. Try again in 2 s.",
      },
    ],
    [
      "a plugin that cannot be had for now",
      new UnavailableError("stopping"),
      { message: "The plugin 'one' cannot be used now. Try again in a moment." },
    ],
    [
      "a plugin that does not load",
      new Error("secret"),
      { code: "plugin_unavailable", retryable: false },
    ],
  ])("may be made again, whatever its tool does: %s", (_why, error, expected) => {
    const failure = notRun("one", error);
    expect(failure).toMatchObject({ notStarted: true, ...expected });
    expect(failure.message).not.toContain("secret");
    expect(failure.detail).toBe(error.message);
  });
});

describe("a call whose process has ended under it", () => {
  const reason = "ended with code 1";
  test("was to blame if it was the only one", () => {
    expect(lost({ how: "crashed", reason, callsAtWork: 1 })).toMatchObject({
      code: "plugin_crashed",
      transient: true,
      detail: "the process ended with code 1",
    });
  });

  test.each([
    ["others were at work there", { how: "crashed", reason, callsAtWork: 2 }],
    ["the host ended it", { how: "killed", reason, callsAtWork: 1 }],
    ["the host stopped it", { how: "stopped", reason, callsAtWork: 1 }],
  ] as const)("may have been a bystander: %s", (_why, end) => {
    const failure = lost(end);
    expect(failure).toMatchObject({ code: "plugin_restarted", bystander: true, retryable: true });
    expect(failure.notStarted).toBeUndefined();
  });
});
