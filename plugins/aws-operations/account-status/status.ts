import { connectionsOf, configSlips, type AWSOperationsConfig } from "../config/index.ts";
import type { AwsApi } from "../aws/api.ts";
import { type CredentialsSource, isToolError } from "../aws/errors.ts";
import { callerIdentity } from "../aws/identity.ts";
import type { CallScope } from "../aws/requests.ts";
import { type Service, services } from "../aws/services.ts";
import { isDemoKey } from "../demo-account/credentials.ts";
import type { AccountStatusOutput } from "./output.ts";
import type { ProbedService } from "./probes.ts";

/** A tool of the plugin, and what it asks. */
export interface ToolState {
  readonly name: string;
  readonly services: readonly Service[];
  /** The setting that has switched it off, if one has. */
  readonly offBy?: string;
}

type Settings = AccountStatusOutput["settings"];
type Tool = AccountStatusOutput["tools"][number];
type Profile = AccountStatusOutput["profiles"][number];

/** Where credentials come from, in words, without the credentials. */
export function describeSource({ kind, awsProfile, roleArn }: CredentialsSource): string {
  const from = {
    keys: "keys in the plugin's settings",
    file: `profile "${awsProfile}" of ~/.aws`,
    chain: "what the SDK finds (environment, profile, SSO, role)",
  }[kind];
  return roleArn === undefined ? from : `${roleArn}, assumed with ${from}`;
}

/** Which tools will work, as far as it is known. `probed` is undefined where nobody has looked. */
export function describeTools(
  tools: readonly ToolState[],
  {
    problem,
    probed,
  }: { problem: string | undefined; probed: readonly ProbedService[] | undefined },
): Tool[] {
  return tools.map(({ name, services: needed, offBy }): Tool => {
    if (offBy !== undefined) return { name, state: "off", reason: `${offBy} is false` };
    if (needed.length === 0) return { name, state: "works" };
    if (problem !== undefined) return { name, state: "fails", reason: problem };
    const titles = needed.map((service) => services[service].title);
    const found = titles.flatMap((title) => probed?.find(({ service }) => service === title) ?? []);
    const failed = found.filter(({ works }) => !works);
    const unknown = titles.filter((title) => !found.some(({ service }) => service === title));
    const reasons = [
      ...failed.map(({ service, code }) => `${service}: ${code}`),
      ...(unknown.length > 0 ? [`${unknown.join(", ")}: not probed`] : []),
    ];
    return {
      name,
      state: stateOf(needed.length, failed.length, unknown.length),
      ...reasonOf(reasons),
    };
  });
}

function stateOf(needed: number, failed: number, unknown: number): string {
  if (failed === needed) return "fails";
  if (failed > 0) return "partly";
  return unknown > 0 ? "unknown" : "works";
}

function reasonOf(reasons: readonly string[]): { reason?: string } {
  return reasons.length === 0 ? {} : { reason: reasons.join("; ") };
}

/** The profiles that calls may name, with `probe` also who each is. */
export function describeProfiles(
  api: AwsApi,
  scope: CallScope,
  isProbed: boolean,
): Promise<Profile[]> {
  return Promise.all(
    api.profiles.map(async (name): Promise<Profile> => {
      const about = {
        name,
        region: api.regionOf(name),
        credentials: describeSource(api.sourceOf(name)),
      };
      if (!isProbed) return about;
      try {
        const { account, arn } = await callerIdentity(api, { ...scope, profile: name });
        return { ...about, accountId: account, arn };
      } catch (error) {
        if (!isToolError(error)) throw error;
        return { ...about, problem: `${error.code}: ${error.message}` };
      }
    }),
  );
}

/** What of the settings bears on the answers. Values that may be secrets are only said to be there. */
export function describeSettings(
  config: AWSOperationsConfig,
  tools: readonly ToolState[],
): Settings {
  const { accessKey, endpoint, profiles } = connectionsOf(config);
  const keys = [accessKey, ...Object.values(profiles).map((profile) => profile.accessKey)];
  const settings = [...new Set(tools.flatMap(({ offBy }) => offBy ?? []))];
  const { slackWebhookUrl, emailNotifications, outageConfig, securityConfig } = config;
  const isSet = slackWebhookUrl !== undefined && slackWebhookUrl !== null;
  return {
    demo: keys.some(isDemoKey),
    ...(endpoint !== undefined && { endpoint: withoutSecrets(endpoint) }),
    regions: config.regions,
    healthCheckRegions: outageConfig.healthCheckRegions,
    switchedOff: settings.map((setting) => ({
      setting,
      tools: tools.filter(({ offBy }) => offBy === setting).map(({ name }) => name),
    })),
    notActingYet: [
      { setting: "slackWebhookUrl", value: isSet ? "set" : "not set" },
      { setting: "emailNotifications", value: String(emailNotifications.length) },
      ...kept("outageConfig", {
        alertChannels: outageConfig.alertChannels.length,
        autoEscalateP0: outageConfig.autoEscalateP0,
        responseTimeThresholdSeconds: outageConfig.responseTimeThresholdSeconds,
      }),
      ...kept("securityConfig", {
        scanIntervalsHours: securityConfig.scanIntervalsHours,
        alertOnAdminActions: securityConfig.alertOnAdminActions,
      }),
    ],
    misspelt: configSlips(config),
  };
}

function kept(part: string, values: Readonly<Record<string, number | boolean>>) {
  return Object.entries(values).map(([name, value]) => ({
    setting: `${part}.${name}`,
    value: String(value),
  }));
}

/** An address may have a password in it. */
function withoutSecrets(address: string): string {
  return new URL(address).origin;
}
