import type { Client } from "../faults/clients/client.ts";
import { memory, openFiles } from "../faults/proc.ts";

/** The server at one moment, after a collection of its garbage. */
export interface Sample {
  /** Calls answered since the beginning. */
  readonly calls: number;
  readonly heapBytes: number;
  readonly rssMib: number;
  readonly files: number;
  /** Timers, sockets and the like that keep Node busy. */
  readonly resources: number;
}

/** Nothing may be at work meanwhile. */
export async function sample(client: Client, pid: number, calls: number): Promise<Sample> {
  const { text } = await client.call("look");
  const { heapUsed, resources } = JSON.parse(text) as {
    readonly heapUsed: number;
    readonly resources: Readonly<Record<string, number>>;
  };
  return {
    calls,
    heapBytes: heapUsed,
    rssMib: memory(pid).now,
    files: openFiles(pid),
    resources: Object.values(resources).reduce((sum, count) => sum + count, 0),
  };
}

/** Bytes of heap for each call, as a straight line through the samples has it. */
export function slope(samples: readonly Sample[]): number {
  const mean = (of: (one: Sample) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [calls, heap] = [mean((one) => one.calls), mean((one) => one.heapBytes)];
  const covariance = mean((one) => (one.calls - calls) * (one.heapBytes - heap));
  return covariance / mean((one) => (one.calls - calls) ** 2);
}
