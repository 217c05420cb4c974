import type { PromptDefinition } from "agentflow-mcp/plugin";
import { planExamples, writePlan } from "../change-plan/write-plan.ts";
import { region as regionName } from "../config/connection.ts";
import { type PromptParts, textPrompt } from "./text-prompt.ts";

const profileName = /^[\w.@+-]{1,128}$/;

/** Writes a plan for a change, which a person reviews and runs: the tools only read. */
export function changePlanPrompt({ config }: PromptParts): PromptDefinition {
  return textPrompt({
    title: "AWS change plan",
    description:
      "A reviewed plan for a change: commands, cost, how to undo it, risks, permissions. Nothing is changed. Covers budget alerts, VPCs, instances (create, delete, resize), volumes (resize, delete) and Elastic IPs.",
    arguments: {
      request: {
        title: "Change",
        description: `What is to be changed, in words: "${planExamples[0]}".`,
        complete: [...planExamples],
      },
      region: {
        title: "Region",
        description: "Where, such as eu-west-1. Default: the plugin's own region.",
        required: false,
        complete: [...new Set([config.awsRegion, ...config.regions])],
      },
      profile: {
        title: "Profile",
        description: "Profile of the AWS command line that the commands are to name.",
        required: false,
      },
    },
    write: ({ request = "", region = config.awsRegion, profile }) => {
      const isPlace = regionName.safeParse(region).success;
      const isProfile = profile === undefined || profileName.test(profile);
      // Both become part of commands.
      return isPlace && isProfile
        ? writePlan(request, {
            region,
            options: ` --region ${region}${profile === undefined ? "" : ` --profile ${profile}`}`,
          })
        : `${isPlace ? "The profile has characters that no profile's name has" : "The region does not look like one, such as us-east-1"}: no plan was written. Ask the user for it, and get this prompt again.`;
    },
  });
}
