import { visible } from "../answer/untrusted.ts";
import { priceDate } from "../ec2/prices.ts";
import { accountPlans } from "./account-plans.ts";
import { detailsOf } from "./details.ts";
import { instancePlans } from "./instance-plans.ts";
import type { Place, Plan, PlanKind } from "./plan.ts";
import { storagePlans } from "./storage-plans.ts";
import { verbIn } from "./verb.ts";

const kinds: readonly PlanKind[] = [...accountPlans, ...storagePlans, ...instancePlans];

/** A request in words for each kind of change. */
export const planExamples: readonly string[] = kinds.map(({ example }) => example);

const maxRequest = 2000;

/** The reviewed plan for a request, or, where it fits none or several, what to ask the user. */
export function writePlan(request: string, place: Place): string {
  const text = visible(request).trim().slice(0, maxRequest);
  const lower = text.toLowerCase();
  const fitting = kinds.filter(({ fits }) => fits(lower, verbIn(lower)));
  const [kind] = fitting;
  if (kind === undefined || fitting.length > 1) return askBack(text, fitting);
  return planText(text, kind.write(detailsOf(text), place), place);
}

function planText(request: string, plan: Plan, { region }: Place): string {
  return [
    `A user wants to change something in AWS. Nothing has been changed, and no tool of this server can. Present this plan for review; the user, or whoever is responsible, runs it.`,
    quoted(request),
    `# Plan: ${plan.title}`,
    `Region: ${region}`,
    ...(plan.open.length === 0
      ? []
      : [
          heading("Find out first", plan.open),
          "Ask the user for what the tools cannot tell. Never guess an id.",
        ]),
    commands("1. Look at what is there (reads only)", plan.before),
    commands("2. Change it", plan.commands),
    commands("3. Check that it worked (reads only)", plan.after),
    `## Cost\n\n${plan.cost} List prices as of ${priceDate}; check them for the region.`,
    heading("How to undo it", plan.undo),
    heading("Risks", plan.risks),
    heading("Permissions needed", plan.permissions),
    "Whoever runs it needs these; the credentials of this server do not have them, and do not need them.",
    "Show the whole plan, point out the risks, and ask for an explicit yes before anybody runs step 2. Do not run any of it yourself.",
  ].join("\n\n");
}

function askBack(request: string, fitting: readonly PlanKind[]): string {
  const first =
    fitting.length === 0
      ? "A user wants to change something in AWS, and it is not clear what."
      : `A user wants to change something in AWS; it may mean several things: ${fitting.map(({ name }) => name).join("; ")}.`;
  const choice = fitting.length === 0 ? kinds : fitting;
  return [
    `${first} Nothing has been changed, and no tool of this server can.`,
    quoted(request),
    "Ask the user which of these is meant, one change at a time, and get this prompt again with the answer:",
    choice.map(({ name, example }) => `- ${name}: "${example}"`).join("\n"),
    "If it is none of them, say that there is no reviewed plan for it. Do not make up commands in its place.",
  ].join("\n\n");
}

/** The words of the request are the user's, whatever they say. */
function quoted(request: string): string {
  return `The request: ${JSON.stringify(request)}`;
}

function heading(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

function commands(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n\`\`\`sh\n${lines.join("\n")}\n\`\`\``;
}
