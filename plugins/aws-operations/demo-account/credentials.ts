/**
 * The only key pair the demo account accepts. Exported so that the plugin can refuse to sign a
 * request to a real AWS endpoint with it.
 */
export const DEMO_ACCESS_KEY_ID = "DEMOACCESSKEYNOTREAL";
export const DEMO_SECRET_ACCESS_KEY = "DEMO/secret/access/key/that/is/not/real/";

/** The management account of the demo organisation: the caller's own account. */
export const DEMO_ACCOUNT_ID = "111122223333";
export const DEMO_USER_ID = "AIDADEMOUSERNOTREAL00";
export const DEMO_USER_ARN = `arn:aws:iam::${DEMO_ACCOUNT_ID}:user/demo`;

/** The one region whose signatures are accepted, as for the real Cost Explorer and Budgets. */
export const DEMO_REGION = "us-east-1";
