import {
  accountName,
  budgets,
  change,
  dearestDay,
  expected,
  growth,
  isCoverable,
  isCredit,
  isEc2,
  isEc2Other,
  isNat,
  isPaidBack,
  largest,
  october,
  overDays,
  percent,
  savingsPlan,
  september,
  spentOn,
  spike,
  thisMonth,
  usd,
} from "./cost-facts.ts";
import type { Question } from "./question.ts";

const analysis = "aws_cost_analysis";
const compare = "aws_cost_compare";
const commitments = "aws_commitments";

const octoberDays = { analysis: "breakdown", ...october };

export const billingQuestions: readonly Question[] = [
  {
    question: "Why is my AWS bill so high this month?",
    call: [analysis, {}],
    text: [
      usd(spentOn(thisMonth)),
      `${usd(growth())} more`,
      `EC2 - Other ${change(growth(isEc2Other))}`,
    ],
    data: { analysisType: "overview", currentMonth: { status: "ok", end: "2026-11-20" } },
    next: analysis,
  },
  {
    question: "Show me cost breakdown by service",
    call: [analysis, { analysis: "breakdown" }],
    text: largest(thisMonth, ({ service }) => service, 10).flat(),
    data: { analysisType: "breakdown", serviceBreakdown: { groupBy: "SERVICE" } },
  },
  {
    question: "What's driving the EC2 costs?",
    call: [analysis, { analysis: "breakdown", services: ["EC2"], groupBy: "USAGE_TYPE" }],
    text: [
      usd(spentOn(thisMonth, isEc2)),
      ...largest(thisMonth, ({ usageType }) => usageType, 3, isEc2).flat(),
      `EU-NatGateway-Bytes ${change(growth(isNat))}`,
    ],
  },
  {
    question: "Set up a budget alert",
    call: [analysis, { analysis: "alerts", message: "Set up a budget alert" }],
    text: budgets.map(({ name }) => name),
    data: { budgetAlerts: { status: "ok", count: budgets.length } },
    next: "aws_change_plan",
  },
  {
    question: "Compare costs with last month",
    call: [compare, { comparison: "2026-11" }],
    text: [usd(spentOn(overDays)), usd(growth()), change(growth(isEc2Other))],
  },
  {
    question: "How much did we spend in October?",
    call: [analysis, octoberDays],
    text: [usd(spentOn(october)), "2026-10-01 to 2026-10-31"],
    data: { period: { status: "ok", partial: false } },
  },
  {
    question: "What did each team cost in October?",
    call: [analysis, { ...octoberDays, groupBy: "TAG:Team" }],
    text: largest(october, ({ team }) => team || "(untagged)", 5).flat(),
  },
  {
    question: "Which of our accounts costs the most?",
    call: [analysis, { ...octoberDays, groupBy: "LINKED_ACCOUNT" }],
    text: largest(october, ({ account }) => account, 3).flatMap(([id, amount]) => [
      `${accountName(id)} (${id})`,
      amount,
    ]),
  },
  {
    question: "In which regions do we spend our money?",
    call: [analysis, { ...octoberDays, groupBy: "REGION" }],
    text: largest(october, ({ region }) => region, 5).flat(),
  },
  {
    question: "How much tax did we pay in October?",
    call: [analysis, { ...octoberDays, groupBy: "RECORD_TYPE" }],
    text: ["Tax", usd(spentOn(october, ({ recordType }) => recordType === "Tax"))],
  },
  {
    question: "How much of the bill do credits hide?",
    call: [analysis, octoberDays],
    text: [usd(spentOn(october, (line) => !isPaidBack(line))), usd(spentOn(october, isCredit))],
  },
  {
    question: "What would October have cost without credits?",
    call: [analysis, { ...octoberDays, credits: "exclude" }],
    text: [usd(spentOn(october, (line) => !isPaidBack(line)))],
    data: { meta: { headline: "beforeCredits" } },
  },
  {
    question: "What does S3 cost us in Ireland?",
    call: [analysis, { ...octoberDays, services: ["S3"], regions: ["eu-west-1"] }],
    text: [
      usd(
        spentOn(
          october,
          ({ service, region }) =>
            service === "Amazon Simple Storage Service" && region === "eu-west-1",
        ),
      ),
    ],
    data: { meta: { filters: { regions: ["eu-west-1"] } } },
  },
  {
    question: "What do we pay for AWS Support?",
    call: [analysis, { ...octoberDays, services: ["AWS Support (Business)"] }],
    text: [usd(spentOn(october, ({ service }) => service === "AWS Support (Business)"))],
  },
  {
    question: "What did we spend yesterday?",
    call: [analysis, { start: "2026-11-19", end: "2026-11-19" }],
    text: [usd(spentOn({ start: "2026-11-19", end: "2026-11-19" }))],
  },
  {
    question: "Which day of this month was the most expensive?",
    call: [analysis, { analysis: "alerts" }],
    text: [`${dearestDay(thisMonth).amount} on ${dearestDay(thisMonth).day}`],
  },
  {
    question: "How did our costs develop over the last half year?",
    call: [analysis, { analysis: "trends", months: 6 }],
    text: [usd(spentOn(september)), usd(spentOn(october)), "2026-05", "2026-11 (up to 2026-11-20"],
    data: { trends: { status: "ok" } },
  },
  {
    question: "What will this month cost in the end?",
    call: [analysis, { analysis: "forecast" }],
    text: [
      usd(spentOn(overDays)),
      usd(expected({ start: "2026-11-20", end: "2026-11-30" })),
      "80 % range",
    ],
    data: { forecast: { status: "ok", method: "aws" } },
  },
  {
    question: "What should we plan for December?",
    call: [analysis, { analysis: "forecast" }],
    text: [`2026-12 | ${usd(expected({ start: "2026-12-01", end: "2026-12-31" }))}`],
  },
  {
    question: "Is anything unusual in our spending?",
    call: [analysis, { analysis: "anomalies" }],
    text: [usd(spike.impact), `${spike.start} to ${spike.end}`, "eu-west-1, EU-NatGateway-Bytes"],
    data: { anomalies: { status: "ok", items: [{ start: spike.start, end: spike.end }] } },
    next: analysis,
  },
  {
    question: "What did the NAT gateway cost during the spike?",
    call: [
      analysis,
      {
        analysis: "breakdown",
        start: spike.start,
        end: spike.end,
        services: ["EC2 - Other"],
        groupBy: "USAGE_TYPE",
      },
    ],
    text: [`EU-NatGateway-Bytes | ${usd(spentOn(spike, isNat))}`],
  },
  {
    question: "Are we over budget?",
    call: [analysis, { analysis: "alerts" }],
    text: budgets.flatMap((budget) => [
      budget.name,
      budget.kind === "cost"
        ? percent(budget.actual, budget.limit)
        : `${budget.actualPercent.toFixed(1)} %`,
    ]),
    data: { budgetAlerts: { status: "ok", count: budgets.length } },
  },
  {
    question: "Why did October cost more than September?",
    call: [compare, { baseline: "2026-09", comparison: "2026-10" }],
    text: [
      usd(spentOn(september)),
      usd(spentOn(october)),
      usd(spentOn(october) - spentOn(september)),
      "InstanceUsage:db.r6g.large",
    ],
  },
  {
    question: "Which team's costs changed most from September to October?",
    call: [compare, { baseline: "2026-09", comparison: "2026-10", groupBy: "TAG:Team" }],
    text: largest(october, ({ team }) => team || "(untagged)", 3).flat(),
  },
  {
    question: "Are our Savings Plans used up?",
    call: [commitments, { kind: "savings_plans", months: 1 }],
    text: [
      percent(savingsPlan(october).used, savingsPlan(october).fee),
      usd(savingsPlan(october).fee - savingsPlan(october).used),
    ],
  },
  {
    question: "Should we buy a Savings Plan?",
    call: [commitments, { recommend: true }],
    text: [
      "A Compute Savings Plan",
      `${usd(spentOn({ start: "2026-10-21", end: "2026-11-19" }, isCoverable))} on demand in the last 30 days`,
    ],
  },
  {
    question: "Do we have any reserved instances?",
    call: [commitments, { kind: "reservations" }],
    text: [/EC2 \| 0\.0 % of [\d,]+ h \| nothing reserved/],
  },
];
