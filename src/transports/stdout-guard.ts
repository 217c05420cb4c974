/** Writes to the real stdout; false means wait for `drain`. */
export type ProtocolWrite = (text: string) => boolean;

let protocolWrite: ProtocolWrite | undefined;

/**
 * Keeps stdout for the protocol: from now on `console.log` and `process.stdout.write` go to stderr, and only what this
 * returns still reaches the client. Call it before any plugin's code runs.
 */
export function guardStdout(): ProtocolWrite {
  if (protocolWrite !== undefined) return protocolWrite;
  const { stdout, stderr } = process;
  const original = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
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
