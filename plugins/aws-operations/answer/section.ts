import { z } from "zod";
import { isToolError } from "../aws/errors.ts";

const text = z.string();

// Named parts, so that a JSON Schema describes what recurs only once: clients show it to the model with each list of tools.
export const problem = z
  .object({ code: text, message: text, retryable: z.boolean() })
  .meta({ id: "Problem" });
const failed = z.object({ status: z.literal("error"), error: problem }).meta({ id: "Failed" });
const skipped = z.object({ status: z.literal("skipped"), reason: text }).meta({ id: "Skipped" });

/** A part of an answer that can fail or be left out without the others. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const ok = z.object({
    status: z.literal("ok"),
    warnings: z.array(text).optional(),
    ...shape,
  });
  return z.discriminatedUnion("status", [ok, failed, skipped]);
}

type FailedSection = z.infer<typeof failed>;
export type SkippedSection = z.infer<typeof skipped>;

/** Any section: what all have in common. */
export type AnySection =
  | { readonly status: "ok"; readonly warnings?: readonly string[] | undefined }
  | FailedSection
  | SkippedSection;

/** A section that has its data. */
export type Ok<Section> = Extract<Section, { readonly status: "ok" }>;

/** Sections by their names, each to be run. */
export type Runnable = Readonly<Record<string, () => Promise<AnySection>>>;

export type Settled<Runs extends Runnable> = {
  readonly [Name in keyof Runs]: NonNullable<Runs[Name]> extends () => Promise<infer Section>
    ? Section | FailedSection
    : never;
};

/** Runs the sections of an answer at the same time, each by its name. None fails because another does. */
export async function settleSections<Runs extends Runnable>(
  runs: Runs,
  onCrash: (section: string, error: unknown) => void,
): Promise<Settled<Runs>> {
  const running = Object.entries(runs).map(async ([name, run]) => {
    try {
      return [name, await run()] as const;
    } catch (error) {
      if (!isToolError(error)) onCrash(name, error);
      return [name, toFailure(error)] as const;
    }
  });
  return Object.fromEntries(await Promise.all(running)) as Settled<Runs>;
}

/** Whether nothing of what was tried came back. */
export function allFailed(sections: Readonly<Record<string, AnySection | undefined>>): boolean {
  const states = new Set(Object.values(sections).map((one) => one?.status));
  return states.has("error") && !states.has("ok");
}

function toFailure(error: unknown): FailedSection {
  const known = isToolError(error)
    ? { code: error.code, message: error.message, retryable: error.retryable }
    : {
        code: "INTERNAL",
        message: "This part failed. Details are in the server's log.",
        retryable: false,
      };
  return { status: "error", error: known };
}
