import type { PromptArgument } from "agentflow-mcp/plugin";
import type { PromptParts } from "./text-prompt.ts";

export function profileArgument({ config }: Pick<PromptParts, "config">): PromptArgument {
  const names = Object.keys(config.profiles);
  return {
    title: "Profile",
    description: "Which account, by the name that the operator gave it. Default: the plugin's own.",
    required: false,
    complete: names,
  };
}

/** The profile as an argument of calls; a problem for one that there is not, since another account would answer. */
export function askedProfile(
  profile: string | undefined,
  { config }: Pick<PromptParts, "config">,
): { readonly arguments: { readonly profile?: string } } | { readonly problem: string } {
  if (profile === undefined) return { arguments: {} };
  if (Object.hasOwn(config.profiles, profile)) return { arguments: { profile } };
  const names = Object.keys(config.profiles);
  const known = names.length === 0 ? "none" : names.join(", ");
  return {
    problem: `There is no profile ${JSON.stringify(profile)} (there are: ${known}). Ask the user which account is meant, and get this prompt again; without a profile it is the plugin's own account. Do not call any tool before.`,
  };
}
