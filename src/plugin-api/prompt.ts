/** One argument of a prompt. Arguments are strings, as MCP has them. */
export interface PromptArgument {
  readonly title?: string;
  readonly description?: string;
  /** Value when the caller gives none; makes the argument optional. */
  readonly default?: string;
  /**
   * What stands in the text when the caller gives none, usually an instruction
   * ("Call `aws_cost_analysis` first and use its answer."); makes the argument optional.
   */
  readonly whenAbsent?: string;
}

/** A prompt with more than its text. A bare string is the same as `{ template: string }`. */
export interface PromptDefinition {
  readonly title?: string;
  readonly description?: string;
  /**
   * The text. `{name}` is replaced by the argument `name` (a format suffix such as `{name:.2f}` is ignored),
   * `{{` and `}}` stand for one brace, every other brace stands for itself. Substituted once.
   */
  readonly template: string;
  /** Describes the arguments that the template names; one not listed here is required. */
  readonly arguments?: Readonly<Record<string, PromptArgument>>;
}
