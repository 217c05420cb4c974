import type { PromptDefinition } from "agentflow-mcp/plugin";
import { examplesOf } from "../categories.ts";
import { listCalls } from "./calls.ts";
import { dataOnly, notSaid } from "./phrases.ts";
import { dataField, type PromptParts, textPrompt } from "./text-prompt.ts";

export function securityAnalysisPrompt(parts: PromptParts): PromptDefinition {
  return textPrompt({
    title: "AWS security analysis",
    description: "Assesses a security concern and gives remediation steps.",
    arguments: {
      message: {
        title: "Concern",
        description: "What the user is worried about.",
        complete: examplesOf("AWS_SECURITY"),
      },
      security_data: {
        title: "Security scan results",
        description: "Answers of the tools about security, if there are some already.",
        required: false,
      },
      user_context: {
        title: "User permissions",
        description: "What the user may see and change.",
        required: false,
        complete: ["administrator", "may read only", "may change IAM", "may change networks"],
      },
    },
    write: ({ message = notSaid, security_data, user_context }) => {
      const calls = listCalls(
        [
          {
            tool: "aws_security_scan",
            for: "what outsiders and the internet can reach, and access that nobody uses",
          },
          {
            tool: "aws_iam_review",
            for: "who may do what: administrators, root user, MFA, keys, policies",
          },
          {
            tool: "aws_api_activity",
            arguments: { days: 7 },
            for: "who did what in the last week",
          },
        ],
        parts,
      );
      return `You are an AWS security specialist reviewing potential security issues.

Security Concern: ${message}
${dataField("Security Scan Results", security_data, `None yet. Call those of these that fit the concern, all if it is a general one, with the checks and regions that fit, and use the answers. Never ask for keys or passwords:\n\n${calls}\n`)}
User Permissions: ${user_context ?? "Not given. Ask what the user may change before you recommend commands to run."}

Assess the security situation and provide remediation steps:

1. **Assessment**: answer the concern first, then what was found, the worst first: who can do what, since when, and what it bears on.
2. **What is unknown**: what was not looked at, failed or was left out. That nothing was found there does not mean that there is nothing.
3. **Remediation**: for each finding the steps, what may break, and how to undo it; the lowest risk first among those that are equally urgent.
4. **Controls**: which controls of the frameworks have findings and which were not checked. Never say that a control or the account is compliant.

${dataOnly} Change nothing by yourself; give commands only for what the user may change.`;
    },
  });
}
