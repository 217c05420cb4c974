import { z } from "zod";
import type { AwsConnection } from "../aws/credentials.ts";
import { partitionOf } from "../aws/partition.ts";
import { toCamelCase } from "./spelling.ts";

export const region = z
  .string()
  .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "A region looks like us-east-1")
  .describe("For example eu-west-1.");

const keyShape = {
  awsAccessKey: z
    .string()
    .min(1)
    .optional()
    .describe("With `awsSecretKey`; else the SDK's own chain: environment, profile, SSO, role."),
  awsSecretKey: z.string().min(1).optional(),
  awsSessionToken: z.string().min(1).optional().describe("For temporary keys."),
};

const endpoint = z
  .url({ protocol: /^https?$/ })
  .optional()
  .describe("URL used instead of AWS for every service, for example the demo account's.");

/** How the plugin reaches AWS by itself. */
export const connectionShape = {
  ...keyShape,
  awsRegion: region.default("us-east-1").describe("Default: `defaultRegion`, which is us-east-1."),
  endpoint,
};

type Keys = { readonly [Name in keyof typeof keyShape]?: string | undefined };
type Issue = (path: string, message: string) => void;

/** Half a pair of keys would silently be no pair. */
export function checkKeys(settings: Keys, issue: Issue): void {
  const hasKey = settings.awsAccessKey !== undefined;
  const hasSecret = settings.awsSecretKey !== undefined;
  if (hasKey !== hasSecret) {
    issue(
      hasKey ? "awsSecretKey" : "awsAccessKey",
      "awsAccessKey and awsSecretKey belong together: give both, or neither to use the SDK's own credential chain",
    );
  } else if (settings.awsSessionToken !== undefined && !hasKey) {
    issue("awsSessionToken", "awsSessionToken needs awsAccessKey and awsSecretKey");
  }
}

const profileShape = {
  awsProfile: z
    .string()
    .min(1)
    .optional()
    .describe("A profile of ~/.aws/config or ~/.aws/credentials, SSO and roles included."),
  ...keyShape,
  roleArn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
      "A role looks like arn:aws:iam::123456789012:role/Name",
    )
    .optional()
    .describe("A role to assume with these credentials, or with the plugin's own."),
  externalId: z.string().min(2).max(1224).optional().describe("What the role asks for."),
  region: region.optional().describe("Default: the plugin's own."),
  endpoint,
};

// Unknown keys are refused here: with a role that is misspelt, the wrong account would answer.
const profile = z.preprocess(
  (value) => toCamelCase(value, profileShape),
  z.strictObject(profileShape).superRefine((settings, context) => {
    const issue: Issue = (path, message) =>
      context.addIssue({ code: "custom", path: [path], message });
    checkKeys(settings, issue);
    if (settings.awsProfile !== undefined && settings.awsAccessKey !== undefined) {
      issue("awsProfile", "awsProfile and awsAccessKey exclude one another: both say who to be");
    }
    if (settings.externalId !== undefined && settings.roleArn === undefined) {
      issue("externalId", "externalId belongs to a roleArn");
    }
    const { roleArn, region: where } = settings;
    if (roleArn === undefined || where === undefined) return;
    if (roleArn.split(":")[1] !== partitionOf(where)) {
      issue("region", `${where} is not in the partition of ${roleArn}`);
    }
  }),
);

const profileName = /^(?!default$)[A-Za-z0-9][\w.-]{0,63}$/;
const badName =
  'A profile\'s name has letters, digits, ".", "_" and "-", and is not "default": leaving it out stands for the plugin\'s own credentials';

export const profiles = z
  .record(z.string(), profile)
  .superRefine((named, context) => {
    for (const name of Object.keys(named)) {
      if (!profileName.test(name))
        context.addIssue({ code: "custom", path: [name], message: badName });
    }
  })
  .default({})
  .describe(
    "Accounts that calls may ask for as `profile`, by name. What a profile does not say is as for the plugin itself.",
  );

interface ConnectionSettings extends Keys {
  readonly awsRegion: string;
  readonly endpoint?: string | undefined;
  readonly profiles: z.infer<typeof profiles>;
}

/** The plugin's own connection, and that of each profile. */
export function connectionsOf(
  settings: ConnectionSettings,
): AwsConnection & { readonly profiles: Readonly<Record<string, AwsConnection>> } {
  const own: AwsConnection = {
    ...keysOf(settings),
    region: settings.awsRegion,
    endpoint: settings.endpoint,
  };
  const others = Object.entries(settings.profiles).map(([name, one]): [string, AwsConnection] => {
    const hasOwn = one.awsProfile !== undefined || one.awsAccessKey !== undefined;
    return [
      name,
      {
        ...keysOf(hasOwn ? one : settings),
        awsProfile: one.awsProfile,
        roleArn: one.roleArn,
        externalId: one.externalId,
        region: one.region ?? settings.awsRegion,
        endpoint: one.endpoint ?? settings.endpoint,
      },
    ];
  });
  return { ...own, profiles: Object.fromEntries(others) };
}

function keysOf({ awsAccessKey, awsSecretKey, awsSessionToken }: Keys): AwsConnection {
  return { accessKey: awsAccessKey, secretKey: awsSecretKey, sessionToken: awsSessionToken };
}
