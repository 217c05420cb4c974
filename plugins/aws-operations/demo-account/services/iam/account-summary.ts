import type { Identities } from "../../data/iam/identities.ts";

/** Quotas that AWS gives every account. */
const QUOTAS = {
  AccessKeysPerUserQuota: 2,
  AssumeRolePolicySizeQuota: 2048,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  GroupPolicySizeQuota: 5120,
  GroupsPerUserQuota: 10,
  GroupsQuota: 300,
  InstanceProfilesQuota: 1000,
  PoliciesQuota: 1500,
  PolicySizeQuota: 6144,
  PolicyVersionsInUseQuota: 10_000,
  RolePolicySizeQuota: 10_240,
  RolesQuota: 1000,
  ServerCertificatesQuota: 20,
  SigningCertificatesPerUserQuota: 2,
  UserPolicySizeQuota: 2048,
  UsersQuota: 5000,
  VersionsPerPolicyQuota: 5,
};

/** What the account has, counted; only customer managed policies count. */
export function summaryOf(
  { users, groups, roles, policies }: Identities,
  rootHasMfa: boolean,
): ReadonlyMap<string, number> {
  const own = policies.filter(({ Arn = "" }) => !Arn.startsWith("arn:aws:iam::aws:"));
  const devices = users.filter(({ hasMfa }) => hasMfa).length + (rootHasMfa ? 1 : 0);
  const count = {
    ...QUOTAS,
    AccountAccessKeysPresent: 0,
    AccountMFAEnabled: rootHasMfa ? 1 : 0,
    AccountPasswordPresent: 1,
    AccountSigningCertificatesPresent: 0,
    GlobalEndpointTokenVersion: 1,
    Groups: groups.length,
    InstanceProfiles: roles.flatMap(({ InstanceProfileList = [] }) => InstanceProfileList).length,
    MFADevices: devices,
    MFADevicesInUse: devices,
    Policies: own.length,
    PolicyVersionsInUse: own.flatMap(({ PolicyVersionList = [] }) => PolicyVersionList).length,
    Providers: 0,
    Roles: roles.length,
    ServerCertificates: 0,
    Users: users.length,
  };
  return new Map(Object.entries(count).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
