import type { Allowance } from "./allowance.ts";

export interface ThrottledLines<Line extends readonly unknown[]> {
  send(...line: Line): void;
  /** Says what was left out last. */
  end(): void;
}

/** Passes lines on, as many as `allowance` has; the others are only counted, which is told with the next that passes. */
export function throttleLines<Line extends readonly unknown[]>(
  allowance: Allowance,
  pass: (...line: Line) => void,
  tellLeftOut: (count: number) => void,
): ThrottledLines<Line> {
  let leftOut = 0;
  const tell = (): void => {
    if (leftOut > 0) tellLeftOut(leftOut);
    leftOut = 0;
  };
  return {
    send: (...line) => {
      if (!allowance.take()) {
        leftOut += 1;
        return;
      }
      tell();
      pass(...line);
    },
    end: tell,
  };
}
