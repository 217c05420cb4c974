import { count } from "./markdown.ts";
import type { Meta } from "./meta.ts";

/** The last line of a text: whose account it is about, what else there is to know, how old the data are and what they cost. */
export function footer(meta: Meta, facts: readonly string[] = []): string {
  const { accountId, profile, asOf, ceRequests, estimatedApiCostUsd } = meta;
  const all = [
    ...(accountId === undefined ? [] : [`Account ${accountId}`]),
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    ...facts,
    `data as of ${asOf.slice(0, 16).replace("T", " ")} UTC`,
    ceRequests === 0
      ? "no paid requests"
      : `${count(ceRequests, "paid request")}, ${about(estimatedApiCostUsd)}`,
  ];
  return `_${all.join("; ")}._`;
}

function about(usd: number): string {
  return usd < 0.005 ? "less than $0.01" : `about $${usd.toFixed(2)}`;
}
