import { isBag, type Bag } from "../base/bag.ts";
import type { Problem } from "./problems.ts";
import { hasVariable } from "./variable.ts";

/** How addresses of each server begin, and what follows: `//user:password@host/database`. */
const SERVERS: Readonly<Record<string, { readonly form: RegExp; readonly example: string }>> = {
  postgres: {
    form: /^postgres(?:ql)?:\/\//u,
    example: "postgres://user@host:5432/database",
  },
  mongodb: {
    form: /^mongodb(?:\+srv)?:\/\/[^/]+\/[^?]/u,
    example: "mongodb://user@host:27017/database",
  },
};

/** What is wrong with the keys of `storage` together. */
export function storageProblems(value: unknown, raw: unknown): readonly Problem[] {
  const { backend = "sqlite", file, url } = storageOf(value);
  // What is no backend at all is said by the schema.
  if (typeof backend !== "string") return [];
  const server = Object.hasOwn(SERVERS, backend) ? SERVERS[backend] : undefined;
  return [
    ...(file !== undefined && backend !== "sqlite"
      ? [problemAt("file", `means nothing to "${backend}". Remove it`)]
      : []),
    ...(url !== undefined && server === undefined && ["sqlite", "memory"].includes(backend)
      ? [problemAt("url", `means nothing to "${backend}". Remove it, or set "backend"`)]
      : []),
    ...(server === undefined ? [] : urlProblems(url, storageOf(raw)["url"], backend, server)),
  ];
}

function urlProblems(
  url: unknown,
  raw: unknown,
  backend: string,
  { form, example }: (typeof SERVERS)[string],
): readonly Problem[] {
  const path = ["storage", "url"];
  if (url === undefined) {
    const text = `"${backend}" needs a "url". Give one, as "\${DATABASE_URL}" with ${example} in that variable`;
    return [{ path: ["storage"], text }];
  }
  if (typeof url !== "string") return [];
  // It is a secret: what was found is not shown.
  if (!form.test(url) || (backend === "postgres" && !URL.canParse(url))) {
    return [{ path, text: `is no address of a database. Write it as ${example}` }];
  }
  if (typeof raw === "string" && !hasVariable(raw) && /:\/\/[^/?#]*:[^/?#]*@/u.test(raw)) {
    const text =
      'has a password in it, which must come from the environment: write "${DATABASE_URL}" and set that variable';
    return [{ path, text }];
  }
  return [];
}

function problemAt(key: string, text: string): Problem {
  return { path: ["storage", key], text };
}

function storageOf(value: unknown): Bag {
  const storage = isBag(value) ? value["storage"] : undefined;
  return isBag(storage) ? storage : {};
}
