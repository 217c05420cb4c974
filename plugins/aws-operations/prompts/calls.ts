import type { PromptParts } from "./text-prompt.ts";

/** A call that a prompt advises. */
export interface AdvisedCall {
  readonly tool: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** What it answers. */
  readonly for: string;
}

/** A list of the calls whose tools there are: `- aws_cost_analysis with {"analysis":"trends"}: how costs developed`. */
export function listCalls(
  calls: readonly AdvisedCall[],
  { offers }: Pick<PromptParts, "offers">,
): string {
  return calls
    .filter(({ tool }) => offers(tool))
    .map(
      ({ tool, arguments: args = {}, for: purpose }) =>
        `- \`${tool}\` with ${JSON.stringify(args)}: ${purpose}`,
    )
    .join("\n");
}
