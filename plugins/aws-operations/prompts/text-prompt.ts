import type { PromptArgument, PromptDefinition } from "agentflow-mcp/plugin";
import { fromOthers, visible } from "../answer/untrusted.ts";
import type { AWSOperationsConfig } from "../config/index.ts";

/** What the prompts are written with. */
export interface PromptParts {
  readonly config: AWSOperationsConfig;
  /** Whether there is such a tool, and it is switched on. */
  readonly offers: (tool: string) => boolean;
  readonly clock: () => Date;
}

interface TextPrompt<Name extends string> {
  readonly title: string;
  readonly description: string;
  readonly arguments: Readonly<Record<Name, PromptArgument>>;
  readonly write: (args: Readonly<Partial<Record<Name, string>>>) => string;
}

/** A prompt that is one text. An argument that is blank counts as absent; what nobody could see is taken out of the others. */
export function textPrompt<Name extends string>({
  write,
  ...definition
}: TextPrompt<Name>): PromptDefinition {
  return {
    ...definition,
    messages: (args) => {
      const given = Object.entries(args)
        .map(([name, text]) => [name, readable(text)] as const)
        .filter(([, text]) => text !== "");
      const text = write(Object.fromEntries(given) as Partial<Record<Name, string>>);
      return [{ role: "user", content: { type: "text", text } }];
    },
  };
}

/** Data with its label: in a block that nothing in it can close, or what to do where there is none. */
export function dataField(label: string, data: string | undefined, whenAbsent: string): string {
  return data === undefined ? `${label}: ${whenAbsent}` : `${label}:\n\n${fromOthers(data)}\n`;
}

function readable(text: string): string {
  return text.split(/\r?\n/).map(visible).join("\n").trim();
}
