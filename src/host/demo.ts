import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { HostError, messageOf } from "../base/errors.ts";

/** A plugin's demo at work: an embedded stand-in for the service that the plugin talks to. */
export interface Demo {
  /** Configuration to merge into the plugin's own: endpoint, keys. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Put on every result. */
  readonly notice?: string;
  stop(): Promise<void>;
}

const READY_MS = 15_000;
const STOP_MS = 2_000;

/**
 * Starts a demo program as a process of its own. It prints one line of JSON, `{ config, notice }`, and runs until its
 * stdin ends, so that it never outlives the host.
 */
export async function startDemo(id: string, file: string): Promise<Demo> {
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const line = await firstLine(child);
    const { config, notice } = JSON.parse(line) as Partial<Demo>;
    if (typeof config !== "object" || config === null) throw new Error("it printed no 'config'");
    return { config, ...(notice !== undefined && { notice }), stop: () => stop(child) };
  } catch (cause) {
    child.kill("SIGKILL");
    throw new HostError("DEMO_FAILED", `The demo of '${id}' did not start: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it said nothing within ${READY_MS / 1_000} s`)),
      READY_MS,
    );
    const settle = (run: () => void): void => {
      clearTimeout(timer);
      run();
    };
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code) => settle(() => reject(new Error(`it ended with code ${code}`))));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).once("line", (line) => settle(() => resolve(line)));
    }
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exited;
  clearTimeout(timer);
}
