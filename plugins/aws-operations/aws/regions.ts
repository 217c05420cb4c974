/** Regions that are asked at a time: more would only wait for the same sockets. */
const most = 6;

/** Asks several regions, a few at a time, each by its name. What fails in one is for `ask` to say. */
export async function inRegions<T>(
  regions: readonly string[],
  ask: (region: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const answers = new Map<string, T>();
  const waiting = [...new Set(regions)];
  const order = [...waiting];
  const work = async (): Promise<void> => {
    for (let region = waiting.shift(); region !== undefined; region = waiting.shift()) {
      answers.set(region, await ask(region));
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, waiting.length) }, work));
  return new Map(
    order.flatMap((region) => {
      const answer = answers.get(region);
      return answer === undefined ? [] : [[region, answer] as const];
    }),
  );
}
