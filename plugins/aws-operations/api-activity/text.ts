import { gapLines } from "../answer/gaps.ts";
import { count, plain, table } from "../answer/markdown.ts";

import { fromOthers } from "../answer/untrusted.ts";
import { regionGapLines } from "../ec2/over-regions.ts";
import { regionFooter } from "../ec2/region-footer.ts";
import type { ActivitySections, ApiActivityOutput, CallRow, SummarySection } from "./output.ts";
import type { ActivityQuery } from "./query.ts";
import { nameOf } from "./sections.ts";

const titles: Readonly<Record<keyof ActivitySections, string>> = {
  summary: "Summary",
  adminActions: "Administrative actions",
  signIns: "Sign-ins",
  rootUse: "Use of the root user",
  errors: "Other calls that were denied or failed",
  otherCalls: "Other calls that succeeded",
};

/** Rows that the text shows; the data have more. */
const most = { admin: 10, signIns: 5, errors: 5, others: 6, tallies: 5 };

/** The answer in words: what stands out, the calls, who called how often, then what is not known. */
export function writeActivity(data: ApiActivityOutput, query: ActivityQuery): string {
  const { timestamp: _, meta, ...sections } = data;
  const { summary, adminActions, signIns, errors, otherCalls } = sections;
  const gaps = [
    ...gapLines(sections, titles),
    ...regionGapLines(
      { summary: summary?.status === "ok" ? summary : undefined },
      {
        summary: "Events",
      },
    ),
    ...meta.read.filter(({ complete }) => !complete).map(cutLine),
    ...meta.notes,
    ...unknownLine(summary),
    limits(query),
  ];
  const failed =
    signIns?.status === "ok"
      ? signIns.items.filter(({ outcome, mfa }) => outcome === "failed" || mfa === false)
      : [];
  const notAdmin = okCalls(errors).items.filter(({ admin }) => admin === undefined);
  const parts = [
    "## AWS API activity",
    headline(sections, isWhole(data)),
    ...listText(titles.adminActions, okCalls(adminActions), most.admin),
    ...listText("Sign-ins that failed or went without MFA", countOf(failed), most.signIns),
    ...listText(titles.errors, countOf(notAdmin), most.errors),
    ...listText(titles.otherCalls, okCalls(otherCalls), most.others),
    ...talliesText(summary),
    gaps.map((line) => `- ${line}`).join("\n"),
    regionFooter(meta, [windowOf(meta)]),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** That root did nothing is only said where all of it would have been seen. */
function rootFact(rootUse: ActivitySections["rootUse"], whole: boolean): string[] {
  if (rootUse?.status !== "ok") return [];
  if (rootUse.count > 0) return [`⚠ ${count(rootUse.count, "call")} by root`];
  return whole && rootUse.warnings === undefined ? ["none by root"] : [];
}

interface Listed {
  readonly count: number;
  readonly items: readonly CallRow[];
}

function okCalls(section: ActivitySections["errors"]): Listed {
  return section?.status === "ok" ? section : countOf([]);
}

function countOf(items: readonly CallRow[]): Listed {
  return { count: items.length, items };
}

function isWhole({ meta, summary }: ApiActivityOutput): boolean {
  const isRead = meta.read.length > 0 && meta.read.every(({ complete }) => complete);
  return isRead && summary?.status === "ok" && summary.failures === undefined;
}

function headline(
  { summary, adminActions, signIns, rootUse }: ActivitySections,
  whole: boolean,
): string {
  if (summary?.status !== "ok") return "";
  const { calls, failed, denied, unknown } = summary;
  if (calls === 0) {
    return whole
      ? "**No such calls.** Names count in their exact case, and a resource by the name or id that the service gives it."
      : "**No such calls in what could be read; see below for what could not.**";
  }
  const facts = [
    ...(adminActions?.status === "ok" ? [count(adminActions.count, "administrative action")] : []),
    ...rootFact(rootUse, whole),
    ...(signIns?.status === "ok"
      ? [`${count(signIns.failed, "failed sign-in")}, ${signIns.withoutMfa} without MFA`]
      : []),
    `${denied} denied`,
  ];
  const outcome = `${failed} of them failed${unknown > 0 ? `, ${unknown} unknown` : ""}`;
  const amount = `${whole ? "" : "at least "}${count(calls, "call")}`;
  return `**${facts.join("; ")}** in ${amount}, ${outcome}.`;
}

function listText(title: string, { count: all, items }: Listed, rows: number): string[] {
  if (all === 0) return [];
  const shown = items.slice(0, rows);
  const lines = table(
    ["When (UTC)", "Who", "Did", "To", "From", "Result"],
    shown.map((call) => [
      minuteOf(call.time),
      nameOf(call) + (call.account === undefined ? "" : ` (account ${call.account})`),
      `${call.service}:${call.event}`,
      call.details ?? call.resources.join(", "),
      [call.sourceIp ?? call.via ?? "", call.region].filter(Boolean).join(", "),
      resultOf(call),
    ]),
  );
  const more = all - shown.length;
  const rest = more > 0 ? `\n\n… and ${more} more${all > items.length ? "" : " in the data"}.` : "";
  return [`### ${title} (${all})`, fromOthers(lines + rest)];
}

function resultOf({ outcome, errorCode, mfa }: CallRow): string {
  if (outcome === "failed") return errorCode ?? outcome;
  return mfa === false ? "ok, without MFA" : outcome;
}

function talliesText(summary: ActivitySections["summary"]): string[] {
  if (summary?.status !== "ok" || summary.calls === 0) return [];
  const { byUser, byEvent, byError } = summary;
  const lines = [
    `By user: ${named(byUser)}.`,
    `By event: ${named(byEvent)}.`,
    ...(byError.length > 0
      ? [`By error: ${named(byError.map(({ code, calls }) => ({ name: code, calls })))}.`]
      : []),
  ];
  return [fromOthers(lines.join("\n\n"))];
}

function named(all: readonly { readonly name: string; readonly calls: number }[]): string {
  return all
    .slice(0, most.tallies)
    .map(({ name, calls }) => `${plain(name)} ${calls}`)
    .join(", ");
}

const reasons: Readonly<Record<string, string>> = {
  TIMEOUT: "the time ran out",
  CANCELLED: "the time ran out",
  THROTTLED: "AWS throttled",
};

function cutLine({
  region,
  events,
  readBackTo,
  stoppedBy,
}: ApiActivityOutput["meta"]["read"][number]) {
  const why =
    stoppedBy === undefined
      ? "there are more than are read at a time"
      : (reasons[stoppedBy] ?? `AWS did not go on answering (${stoppedBy})`);
  return `⚠ ${region}: ${count(events, "event")} read, back to ${minuteOf(readBackTo)} UTC only, since ${why}. What happened before is unknown.`;
}

function unknownLine(summary: SummarySection | undefined): string[] {
  if (summary?.status !== "ok" || summary.unknown === 0) return [];
  return [
    `${count(summary.unknown, "event")} could not be read in full: whether they succeeded is unknown.`,
  ];
}

function limits({ includeReads }: ActivityQuery): string {
  const reads = includeReads ? "" : " Calls that change nothing are left out (includeReads).";
  return `Management events only: reading and writing of data is not in it. Events arrive up to 15 minutes late.${reads}`;
}

function windowOf({ from, to }: ApiActivityOutput["meta"]): string {
  return `${minuteOf(from)} to ${minuteOf(to)} UTC`;
}

function minuteOf(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
