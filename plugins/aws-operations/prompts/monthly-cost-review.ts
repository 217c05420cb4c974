import type { PromptDefinition } from "agentflow-mcp/plugin";
import {
  addDays,
  type Day,
  isDay,
  lastOfMonth,
  monthOf,
  monthsAway,
  toDay,
} from "../cost-explorer/periods.ts";
import { type AdvisedCall, listCalls } from "./calls.ts";
import { dataOnly, planOnly, sameDays } from "./phrases.ts";
import { askedProfile, profileArgument } from "./profile-argument.ts";
import { type PromptParts, textPrompt } from "./text-prompt.ts";

/** Cost Explorer has as many months, and the current one. */
const keptMonths = 13;
const anomaliesKeptDays = 90;

/** A month of costs, gone through as people do who answer for them. */
export function monthlyCostReviewPrompt(parts: PromptParts): PromptDefinition {
  const today = (): Day => toDay(parts.clock());
  return textPrompt({
    title: "AWS monthly cost review",
    description:
      "Goes through the costs of a month: what was spent, what changed and why, surprises, budgets, the outlook, and what could be saved.",
    arguments: {
      month: {
        title: "Month",
        description: "Such as 2026-10. Default: the last month that is over.",
        required: false,
        complete: (typed) => recentMonths(today()).filter((month) => month.startsWith(typed)),
      },
      profile: profileArgument(parts),
    },
    write: ({ month, profile }) => {
      const asked = askedProfile(profile, parts);
      if ("problem" in asked) return asked.problem;
      const reviewed = month ?? monthOf(monthsAway(today(), -1));
      if (!isDay(`${reviewed}-01`)) return again(`"${reviewed}" is no month, such as 2026-10`);
      if (reviewed > monthOf(today())) return again(`${reviewed} has not begun yet`);
      const calls = callsFor(`${reviewed}-01`, today()).map((call) => ({
        ...call,
        arguments: { ...call.arguments, ...asked.arguments },
      }));
      return `You are an AWS billing expert going through the costs of ${reviewed} with the people who answer for them.

Call these and use their answers, side by side where you can:

${listCalls(calls, parts)}

Where an answer shows a cost that nobody expected, look into it: \`aws_cost_analysis\` with the service in \`services\` and "groupBy":"USAGE_TYPE". Cost Explorer charges for each request; every answer says what it cost.

Write the review with these headings:

- **Summary**: what ${reviewed} cost, how much more or less than before, and the one reason that matters most
- **Cost Breakdown**: table of the largest services with amount, share and change
- **What Changed**: the drivers behind it, in amounts and percent; emphasize every increase above 20% and every spike
- **Surprises**: anomalies, days above the threshold, budgets that are exceeded or will be
- **Outlook**: where this month and the next are heading, with the range of the forecast
- **Savings**: what could be given up or committed to, each with estimated monthly saving, effort, risk (Low/Medium/High) and first step; the lowest risk first
- **Next Steps**: at most five, each with who should take it
- **What Is Missing**: what failed, was skipped or is switched off, and what that leaves open

Be specific with amounts, and keep the currency that each has in the answers. ${sameDays} Estimates are to be called estimates. ${dataOnly} ${planOnly}`;
    },
  });
}

function callsFor(first: Day, today: Day): AdvisedCall[] {
  const month = monthOf(first);
  const end = lastOfMonth(first);
  const isOpen = month === monthOf(today);
  const back = recentMonths(today).indexOf(month);
  const months = Math.min(keptMonths, Math.max(6, (back === -1 ? keptMonths : back) + 2));
  const days = { start: first, end };
  const hasAnomalies = !isOpen && end >= addDays(today, -anomaliesKeptDays);
  return [
    {
      tool: "aws_cost_analysis",
      arguments: isOpen ? { analysis: "overview" } : { analysis: "breakdown", ...days },
      for: `what ${month} cost, and on what`,
    },
    {
      tool: "aws_cost_compare",
      arguments: isOpen
        ? { comparison: month }
        : { baseline: monthOf(monthsAway(first, -1)), comparison: month },
      for: "what changed against the month before, and what drove it",
    },
    {
      tool: "aws_cost_analysis",
      arguments: { analysis: "forecast", months },
      for: "how costs developed, and where they are heading",
    },
    {
      tool: "aws_cost_analysis",
      arguments: { analysis: "alerts", ...(hasAnomalies && days) },
      for: "budgets as they are now, and anomalies",
    },
    {
      tool: "aws_commitments",
      arguments: { recommend: true },
      for: "how well commitments are used, and what AWS would buy",
    },
    {
      tool: "aws_unused_resources",
      arguments: { regions: ["all"] },
      for: "what is paid for and not used",
    },
  ];
}

/** The newest first. */
function recentMonths(today: Day): string[] {
  return Array.from({ length: keptMonths + 1 }, (_, index) => monthOf(monthsAway(today, -index)));
}

function again(problem: string): string {
  return `A review of a month's AWS costs is wanted, but ${problem}. Ask the user which month is meant, and get this prompt again.`;
}
