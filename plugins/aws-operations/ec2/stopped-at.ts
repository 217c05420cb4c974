import type { Instance } from "@aws-sdk/client-ec2";

/** When a stopped instance was stopped: only a sentence says so, and not always. */
export function stoppedAt({ State, StateTransitionReason = "" }: Instance): Date | undefined {
  if (State?.Name !== "stopped") return undefined;
  const [, day, time] =
    /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:GMT|UTC)\)/.exec(StateTransitionReason) ?? [];
  const date = new Date(`${day}T${time}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
