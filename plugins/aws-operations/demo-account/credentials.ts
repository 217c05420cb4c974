/**
 * The only lasting key pair that the demo account accepts.
 */
export const DEMO_ACCESS_KEY_ID = "DEMOACCESSKEYNOTREAL";
export const DEMO_SECRET_ACCESS_KEY = "DEMO/secret/access/key/that/is/not/real/";

/** How the keys of assumed roles begin; twelve hexadecimal digits follow. */
export const DEMO_SESSION_KEY_PREFIX = "ASIADEMO";

const sessionKey = new RegExp(`^${DEMO_SESSION_KEY_PREFIX}[0-9A-F]{12}$`);

/** Whether a key is the demo user's, or that of a role that the demo user has assumed. */
export function isDemoKey(accessKeyId: string | undefined): boolean {
  return accessKeyId === DEMO_ACCESS_KEY_ID || sessionKey.test(accessKeyId ?? "");
}

/** The management account of the demo organisation: the caller's own account. */
export const DEMO_ACCOUNT_ID = "111122223333";
export const DEMO_USER_ID = "AIDADEMOUSERNOTREAL00";
export const DEMO_USER_ARN = `arn:aws:iam::${DEMO_ACCOUNT_ID}:user/demo`;

/** The one region whose signatures are accepted, as for the real Cost Explorer and Budgets. */
export const DEMO_REGION = "us-east-1";
