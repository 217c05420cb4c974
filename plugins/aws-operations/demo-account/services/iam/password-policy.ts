import type { PasswordPolicy } from "@aws-sdk/client-iam";

const DAY_MS = 86_400_000;
const MAX_AGE_DAYS = 180;

/** Weaker than it should be: no symbols, ten characters. */
export const PASSWORD_POLICY = {
  rules: {
    MinimumPasswordLength: 10,
    RequireSymbols: false,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    AllowUsersToChangePassword: true,
    ExpirePasswords: true,
    MaxPasswordAge: MAX_AGE_DAYS,
    PasswordReusePrevention: 3,
    HardExpiry: false,
  } satisfies PasswordPolicy,
  nextRotation: (changed: Date): Date => new Date(changed.getTime() + MAX_AGE_DAYS * DAY_MS),
} as const;
