import { setImmediate as turn } from "node:timers/promises";
import { deferred } from "../base/deferred.ts";
import { hostFailure } from "../base/failure.ts";
import { failed, type Outcome } from "../base/port.ts";
import type { Json } from "../plugin-api/index.ts";
import type { Call, Next, Stage } from "./call.ts";
import { Deadline } from "./deadline.ts";
import type { LiveTask } from "./live-task.ts";
import { softDeadlineMs } from "./policy.ts";
import type { Tasks } from "./tasks.ts";

/** Tells a plugin that nobody will bring the answers to what it asked with this state. */
export type Abandon = (plugin: string, state: Json | undefined) => void;

/**
 * Lets a call leave its request: when it says so, or when its soft deadline passes. The client gets a handle at once;
 * the call goes on under the long deadline, and its connection may close.
 */
export function createPromote(tasks: Tasks, abandon: Abandon): Stage {
  return async (call, next) => {
    const { policy } = call;
    if (!call.mayLeave) return next(call);
    const leaving = deferred<"leave">();
    const leave = (): void => leaving.resolve("leave");
    const inner: Call = { ...call, background: leave };
    const work = next(inner);
    const timer = setTimeout(leave, softDeadlineMs(policy, call.takesTasks));
    const first = await Promise.race([work, leaving.promise]);
    clearTimeout(timer);
    if (first === "leave") {
      // What has come with the request is heard first: a cancellation, after which nobody would hear of the task.
      await turn();
      const { principal, name: tool } = call;
      const { longDeadlineMs } = policy;
      const opening = tasks.open({
        tool,
        principal: principal.id,
        longDeadlineMs,
        abort: (reason) => call.abort(reason),
      });
      // A store that is slow does not hold back an answer that is ready.
      const task = await Promise.race([opening, work.then(() => turn("answered" as const))]);
      if (task === "answered") {
        void opening.then((late) => late && tasks.drop(late));
        return work;
      }
      if (task !== undefined && !call.signal.aborted) {
        call.detach((note) => task.note(note));
        call.deadline.restart(longDeadlineMs);
        void carryOn(inner, work, next, task, { tasks, abandon });
        return { kind: "left", task: task.record };
      }
      // Its client has left, or there is no room: it stays the request that it is.
      if (task !== undefined) await tasks.drop(task);
    }
    return work;
  };
}

/** Brings a task to its end, through as many rounds of questions as its plugin has. */
async function carryOn(
  call: Call,
  work: Promise<Outcome>,
  next: Next,
  task: LiveTask,
  { tasks, abandon }: { readonly tasks: Tasks; readonly abandon: Abandon },
): Promise<void> {
  const { longDeadlineMs } = call.policy;
  let outcome = await work;
  while (outcome.kind === "input_required" && Object.keys(outcome.requests).length > 0) {
    const { requests, state } = outcome;
    const missing = Object.values(requests).find(({ kind }) => !call.client[kind]);
    // A job's client answers when it comes for the result, and is asked then.
    if (missing !== undefined && call.takesTasks) {
      const text = `The tool needs an answer of the kind '${missing.kind}', which this client cannot give.`;
      task.finish(failed(hostFailure("cannot_ask", text)), "failed");
      abandon(call.plugin, state);
      return;
    }
    const answers = await tasks.ask(task, requests, state, longDeadlineMs);
    if (answers === undefined) {
      abandon(call.plugin, state);
      return;
    }
    outcome = await next({
      ...call,
      continued: true,
      inputs: answers,
      state,
      deadline: new Deadline(longDeadlineMs, { isLong: true }),
    });
  }
  if (outcome.kind === "reply") task.finish(outcome);
  else if (outcome.kind === "failure") {
    task.finish(outcome, outcome.failure.code === "shutting_down" ? "failed" : "completed");
  } else {
    const text = "The plugin gave an answer of the wrong kind.";
    task.finish(failed(hostFailure("invalid_result", text)), "failed");
  }
}
