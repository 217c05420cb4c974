import type { CredentialsSource } from "./errors.ts";

/** How to reach AWS, and as whom. */
export interface AwsConnection {
  /** Both keys or neither. */
  readonly accessKey?: string | undefined;
  readonly secretKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  /** A profile of `~/.aws/config` or `~/.aws/credentials`, instead of keys. Without either the SDK's own chain is used. */
  readonly awsProfile?: string | undefined;
  /** A role to assume with these credentials. */
  readonly roleArn?: string | undefined;
  /** What the role's trust policy asks for. */
  readonly externalId?: string | undefined;
  /** Default `us-east-1`. */
  readonly region?: string | undefined;
  /** URL for every service instead of AWS. */
  readonly endpoint?: string | undefined;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Provider = (properties?: object) => Promise<Keys>;

/** How the session is called in the log of the account that owns the role. */
const sessionName = "agentflow-mcp";

/**
 * The keys of a connection, as the SDK takes them. Files are read anew each time the SDK asks: it does so when keys expire, and
 * after a new sign-in. A role is assumed by the SDK itself (`sts:AssumeRole`): the one request that is not on the allow-list.
 */
export function credentialsOf(connection: AwsConnection): Keys | Provider {
  const keys = keysOf(connection);
  if (keys !== undefined && connection.roleArn === undefined) return keys;
  let provider: Promise<Provider> | undefined;
  return async (properties) => {
    provider ??= load(connection, keys);
    return (await provider)(properties);
  };
}

async function load(connection: AwsConnection, keys: Keys | undefined): Promise<Provider> {
  const { awsProfile, roleArn, externalId, region, endpoint } = connection;
  const { fromIni, fromNodeProviderChain, fromTemporaryCredentials } =
    await import("@aws-sdk/credential-providers");
  const own = async (): Promise<Provider> => {
    // The chain would go on to the machine's own role, which is somebody else than the profile that was named.
    if (awsProfile !== undefined) return fromIni({ profile: awsProfile, ignoreCache: true });
    return fromNodeProviderChain({ ignoreCache: true });
  };
  const masterCredentials = keys ?? (await own());
  if (roleArn === undefined) return masterCredentials as Provider;
  return fromTemporaryCredentials({
    masterCredentials,
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ...(externalId !== undefined && { ExternalId: externalId }),
    },
    clientConfig: {
      maxAttempts: 1,
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
    },
  });
}

function keysOf({ accessKey, secretKey, sessionToken }: AwsConnection): Keys | undefined {
  if (accessKey === undefined || secretKey === undefined) return undefined;
  return {
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
}

/** Where the keys of a connection come from, without the keys. */
export function sourceOf(connection: AwsConnection, profile?: string): CredentialsSource {
  const { accessKey, awsProfile, roleArn } = connection;
  return {
    kind: accessKey !== undefined ? "keys" : awsProfile !== undefined ? "file" : "chain",
    ...(profile !== undefined && { profile }),
    ...(awsProfile !== undefined && { awsProfile }),
    ...(roleArn !== undefined && { roleArn }),
  };
}

/** Takes the keys of the connections out of a text, should it have got hold of them. */
export function concealing(connections: readonly AwsConnection[]): (text: string) => string {
  const secrets = connections
    .flatMap(({ accessKey, secretKey, sessionToken, externalId }) => [
      accessKey,
      secretKey,
      sessionToken,
      externalId,
    ])
    // What is shorter is no key, and too likely to be a part of a word.
    .filter((secret) => secret !== undefined && secret.length >= 8) as string[];
  // The longest first: one that begins with another must not leave its end behind.
  const ordered = secrets.toSorted((left, right) => right.length - left.length);
  return (text) => ordered.reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
}
