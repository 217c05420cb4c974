/** A list that clients are told of when it changes; `resources` stands for the templates, too. */
export type ListName = "tools" | "prompts" | "resources";
