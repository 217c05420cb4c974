/** Writes to the real stdout; false means wait for `drain`. */
export type ProtocolWrite = (text: string) => boolean;

let protocolWrite: ProtocolWrite | undefined;
let endProtocol: NodeJS.WriteStream["end"] = process.stdout.end.bind(process.stdout);

/** Ends the real stdout, and tells when everything has left. */
export function endStdout(done: () => void): void {
  endProtocol(done);
}

/**
 * Keeps stdout for the protocol: from now on `console.log` and `process.stdout.write` go to stderr, and only what this
 * returns still reaches the client. Call it before any plugin's code runs.
 */
export function guardStdout(): ProtocolWrite {
  if (protocolWrite !== undefined) return protocolWrite;
  const { stdout, stderr } = process;
  const original = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // What `end` is given would pass the guard, and what it ends is the protocol's.
  const end = stdout.end.bind(stdout);
  endProtocol = end;
  stdout.end = (...args: unknown[]) => {
    const [last] = args;
    if (typeof last === "string" || last instanceof Uint8Array) stderr.write(last);
    return stdout;
  };
  let corked = false;
  protocolWrite = (text) => {
    // Answers that become ready together leave in one system call.
    if (!corked) {
      corked = true;
      stdout.cork();
      process.nextTick(() => {
        corked = false;
        stdout.uncork();
      });
    }
    return original(text);
  };
  return protocolWrite;
}
