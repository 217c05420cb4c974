export const silent = () => undefined;

/** Of whom nothing can be asked. */
export const ABILITIES = { form: false, url: false, sampling: false, roots: false };

/**
 * Whoever calls straight into the host, as a transport would.
 * @param {AbortSignal} [signal]
 */
export function caller(signal = new AbortController().signal) {
  return {
    principal: { id: "local" },
    client: ABILITIES,
    inputs: {},
    takesTasks: false,
    wantsProgress: false,
    signal,
    progress: silent,
    logToClient: silent,
  };
}
