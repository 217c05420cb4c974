import type { Verb } from "./plan.ts";

const verbs: Readonly<Record<Verb, RegExp>> = {
  create: /\b(create|launch|spin up|set ?up|build|make|provision)\b/,
  remove: /\b(delete|terminate|remove|destroy|release|get rid of)\b/,
  resize:
    /\b(resize|right-?size|scale|grow|extend|enlarge|expand|increase|shrink|bigger|larger|smaller|upgrade|downgrade|convert|migrate|change|modify)\b/,
};

/** Also said of what is not to be made, only meant. */
const weakCreate = /\b(new|add|another)\b/;

/** What a request, in lower case, wants done; undefined if that is nothing or several things. */
export function verbIn(request: string): Verb | undefined {
  const found = (Object.keys(verbs) as Verb[]).filter((verb) => verbs[verb].test(request));
  if (found.length === 0) return weakCreate.test(request) ? "create" : undefined;
  return found.length === 1 ? found[0] : undefined;
}
