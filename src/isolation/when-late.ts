/**
 * Does something when the time is up, but not before what has arrived meanwhile is read: it may be this process that was
 * too busy to notice. Returns its own undo.
 */
export function whenLate(milliseconds: number, act: () => void): () => void {
  let reading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (reading = setImmediate(act)), milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
}
