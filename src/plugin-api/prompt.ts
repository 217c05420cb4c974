import type { ContentBlock } from "./content.ts";
import type { CallContext } from "./context.ts";
import type { InputRequired } from "./input.ts";
import type { Completer, Metadata } from "./metadata.ts";

/** One argument of a prompt. Arguments are strings, as MCP has them. */
export interface PromptArgument {
  readonly title?: string;
  readonly description?: string;
  /** Whether the caller must give it. Default: true, unless there is a `default` or `whenAbsent`. */
  readonly required?: boolean;
  /** Value when the caller gives none; makes the argument optional. */
  readonly default?: string;
  /**
   * What stands in the text when the caller gives none, usually an instruction
   * ("Call `aws_cost_analysis` first and use its answer."); makes the argument optional.
   */
  readonly whenAbsent?: string;
  readonly complete?: Completer;
}

export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly content: ContentBlock;
}

/** A prompt with more than its text. A bare string is the same as `{ template: string }`. */
export interface PromptDefinition extends Metadata {
  readonly title?: string;
  readonly description?: string;
  /**
   * The text. `{name}` is replaced by the argument `name` (a format suffix such as `{name:.2f}` is ignored),
   * `{{` and `}}` stand for one brace, every other brace stands for itself. Substituted once.
   */
  readonly template?: string;
  /** Writes the messages instead, for prompts with pictures, resources or several turns. */
  messages?(
    args: Readonly<Record<string, string>>,
    context: CallContext,
  ): readonly PromptMessage[] | InputRequired | Promise<readonly PromptMessage[] | InputRequired>;
  /**
   * Describes the arguments. With a `template`, one that it names and that is not listed here is required; with
   * `messages`, these are all there are.
   */
  readonly arguments?: Readonly<Record<string, PromptArgument>>;
}
