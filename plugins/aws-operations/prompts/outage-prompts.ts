import type { PromptDefinition } from "agentflow-mcp/plugin";
import { examplesOf } from "../categories.ts";
import { region as regionName } from "../config/connection.ts";
import { listCalls } from "./calls.ts";
import { dataOnly, notSaid, planOnly } from "./phrases.ts";
import { askedProfile, profileArgument } from "./profile-argument.ts";
import { dataField, type PromptParts, textPrompt } from "./text-prompt.ts";

const publicStatus =
  "AWS's public status is at https://health.aws.amazon.com/health/status. Do not assume that AWS is at fault, nor that it is not.";

/** Longer ones are told in short: they become an argument of a call. */
const maxMessage = 300;

export function outageResponsePrompt(parts: PromptParts): PromptDefinition {
  return textPrompt({
    title: "AWS outage response",
    description: "Troubleshooting steps and escalation guidance for a service issue.",
    arguments: {
      message: {
        title: "Issue",
        description: "What the user reports, in their own words.",
        complete: examplesOf("AWS_OUTAGE"),
      },
      health_data: {
        title: "Service health",
        description:
          "Events of AWS Health, alarms and metrics of the services concerned, if there are some already.",
        required: false,
      },
      user_context: {
        title: "User environment",
        description: "Accounts, regions, services and recent changes.",
        required: false,
      },
    },
    write: ({ message = notSaid, health_data, user_context }) => {
      const calls = healthCalls({ message: message.slice(0, maxMessage) }, parts);
      return `You are an AWS incident response specialist. A user is reporting a service issue.

Issue: ${message}
${dataField("Service Health", health_data, `None yet. Ask for the error messages, times and regions that the user sees, and call what there is of these:\n\n${calls}\n\n${publicStatus}\n`)}
User Environment: ${user_context ?? "Not given. Ask for regions, services and what changed recently."}

Provide immediate troubleshooting steps and escalation guidance:

1. **Whose it is**: AWS's, the user's own, or not to be told yet, with the evidence and its times in UTC.
2. **Immediate steps**: what to do in the next minutes, the least risky first, each with what it should show and how to undo it.
3. **Escalation**: who has to know now, when to open a case with AWS Support and of which severity, what to put into it, and when to look again.
4. **What is unknown**: what failed or could not be read. That no event is listed does not mean that AWS is well.

${dataOnly} ${planOnly}`;
    },
  });
}

/** Whose an incident is: AWS's or one's own. */
export function incidentReviewPrompt(parts: PromptParts): PromptDefinition {
  const { config } = parts;
  const regions = [config.awsRegion, ...config.regions, ...config.outageConfig.healthCheckRegions];
  return textPrompt({
    title: "AWS incident: ours or AWS's?",
    description:
      "Finds out whether an incident is AWS's or one's own, from both sides' evidence, and what to do next.",
    arguments: {
      message: {
        title: "Incident",
        description: "What goes wrong, since when, in the user's own words.",
        complete: examplesOf("AWS_OUTAGE"),
      },
      service: {
        title: "Service",
        description: "The AWS service concerned, such as RDS.",
        required: false,
        complete: services,
      },
      region: {
        title: "Region",
        description: "Where, such as eu-west-1. Default: the configured regions.",
        required: false,
        complete: [...new Set(regions)],
      },
      profile: profileArgument(parts),
    },
    write: ({ message = notSaid, service, region, profile }) => {
      const asked = askedProfile(profile, parts);
      if ("problem" in asked) return asked.problem;
      if (region !== undefined && !regionName.safeParse(region).success) {
        return `An incident is to be looked into, but ${JSON.stringify(region)} does not look like a region, such as us-east-1. Ask the user where it happens, and get this prompt again.`;
      }
      const place = region === undefined ? {} : { regions: [region] };
      const calls = healthCalls(
        {
          message: message.slice(0, maxMessage),
          ...(service !== undefined && { services: [service] }),
          ...place,
          ...asked.arguments,
        },
        parts,
        { ...place, ...asked.arguments },
      );
      return `You are an AWS incident response specialist. Find out whether this incident is AWS's or the user's own.

Incident: ${message}
Service: ${service ?? "not given"}
Region: ${region ?? "not given"}

Call what there is of these, side by side, before you judge:

${calls}

${publicStatus}

Weigh both sides:

- It speaks for AWS: an open event for this service and region that began before the symptoms; several unrelated resources failing at once; nothing changed in the account.
- It speaks for us: the symptoms began right after a change of ours; only one resource, function or table is affected; a limit, a full disk, expired credentials or a security group explains it.
- Times decide: put the events, the changes and the symptoms on one time line, in UTC. What began after the symptoms is not their cause.

Write the review with these headings:

- **Verdict**: "AWS's", "ours" or "cannot tell", in one sentence, and how sure that is
- **Time Line**: what happened when, and where that is known from
- **Evidence**: what speaks for AWS, and what for us
- **Do Now**: the steps of the next minutes, the least risky first, each with what it should show
- **Escalation**: who has to know; whether to open a case with AWS Support, of which severity, and what to put into it
- **What Is Unknown**: what failed, was not asked or is not available. No event listed does not mean that AWS is well, and no alarm does not mean that we are

${dataOnly} ${planOnly}`;
    },
  });
}

/** What incidents are mostly about; any other name may be typed. */
const services = [
  "API Gateway",
  "CloudFront",
  "DynamoDB",
  "EC2",
  "ECS",
  "EKS",
  "ELB",
  "Lambda",
  "RDS",
  "Route 53",
  "S3",
  "SNS",
  "SQS",
];

function healthCalls(
  about: Readonly<Record<string, unknown>>,
  parts: PromptParts,
  where: { readonly regions?: readonly string[]; readonly profile?: string } = {},
): string {
  return listCalls(
    [
      {
        tool: "aws_service_health",
        arguments: about,
        for: "AWS's events and your own alarms, errors and latency",
      },
      {
        tool: "aws_api_activity",
        arguments: { days: 1, ...where },
        for: "what was changed in the account since yesterday",
      },
      {
        tool: "aws_account_status",
        arguments: { probe: true, ...(where.profile !== undefined && { profile: where.profile }) },
        for: "only if a call is refused: what is missing",
      },
    ],
    parts,
  );
}
