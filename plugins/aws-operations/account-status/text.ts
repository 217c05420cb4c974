import { footer } from "../answer/footer.ts";
import { count, table } from "../answer/markdown.ts";
import type { AccountStatusOutput } from "./output.ts";

/** The answer in words: who is asking, what will work, what is missing, what it has cost. */
export function writeText(data: AccountStatusOutput): string {
  const { meta, tools, settings } = data;
  const parts = [
    "## AWS account status",
    verdict(data),
    `### Tools\n\n${table(
      ["Tool", "State", "Why"],
      tools.map(({ name, state, reason = "" }) => [name, state, reason]),
    )}`,
    servicesText(data),
    profilesText(data),
    costsText(data),
    settingsText(settings)
      .map((line) => `- ${line}`)
      .join("\n"),
    footer(meta),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function verdict({ identity, meta, settings }: AccountStatusOutput): string {
  const demo = settings.demo ? " These are the demo account's keys: its data are made up." : "";
  if (identity.status === "error") {
    return `**The credentials do not work (${identity.error.code}).** ${identity.error.message}${demo}`;
  }
  if (identity.status === "skipped") return "";
  const { accountId, arn, partition, credentials } = identity;
  return `**Signed in to account ${accountId} as ${arn}** (partition ${partition}, region ${meta.region}), by ${credentials}.${demo}`;
}

function servicesText({ services }: AccountStatusOutput): string {
  if (services.status !== "ok") {
    return services.status === "skipped" ? services.reason : "";
  }
  const { items, notProbed } = services;
  const failed = items.filter(({ message }) => message !== undefined);
  const working = items.filter(({ works }) => works).map(({ service }) => service);
  const lines = [
    ...(working.length > 0 ? [`Answering: ${working.join(", ")}.`] : []),
    ...failed.map(({ service, message = "", statements }) => {
      const where =
        statements.length > 0 ? ` (statement ${statements.join(", ")} of aws://iam-policy)` : "";
      return `${service}${where}: ${message}`;
    }),
    ...(notProbed.length > 0 ? [`Not probed: ${notProbed.join(", ")}.`] : []),
  ];
  return `### Services\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

function profilesText({ profiles }: AccountStatusOutput): string {
  if (profiles.length === 0) return "";
  const lines = profiles.map(({ name, region, credentials, accountId, problem }) => {
    const account = accountId === undefined ? "" : `, account ${accountId}`;
    return `- \`${name}\` (${region})${account}: ${credentials}.${problem === undefined ? "" : ` ⚠ ${problem}`}`;
  });
  return `### Profiles\n\n${lines.join("\n")}`;
}

function costsText({ costs }: AccountStatusOutput): string {
  const { sinceStart, today, dailyBudgetUsd, leftUsd = 0 } = costs;
  const budget =
    dailyBudgetUsd === undefined
      ? "no budget is set"
      : `$${leftUsd.toFixed(2)} of a budget of $${dailyBudgetUsd.toFixed(2)} a day is left`;
  return `${count(today.requests, "paid request")} today (UTC), $${today.usd.toFixed(2)}; ${sinceStart.requests} since the start, $${sinceStart.usd.toFixed(2)}; ${budget}.`;
}

function settingsText(settings: AccountStatusOutput["settings"]): string[] {
  const { endpoint, regions, healthCheckRegions, switchedOff, notActingYet, misspelt } = settings;
  const kept = notActingYet.map(({ setting, value }) => `${setting} (${value})`);
  return [
    `Regions asked by default: ${regions.join(", ")}; by aws_service_health: ${healthCheckRegions.join(", ")}.`,
    ...(endpoint === undefined ? [] : [`All requests go to ${endpoint}, not to AWS.`]),
    ...switchedOff.map(({ setting, tools }) => `${setting} is false: without ${tools.join(", ")}.`),
    `Kept, but nothing acts on them yet: ${kept.join(", ")}.`,
    ...misspelt,
  ];
}
