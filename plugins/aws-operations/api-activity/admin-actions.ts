/** When the table was last gone through, against the services' lists of actions. */
export const adminActionsAsOf = "2026-11";

/** Why an action is one of administration, and the actions by the service that records them. */
interface AdminActions {
  readonly why: string;
  readonly actions: Readonly<Record<string, readonly string[]>>;
}

/** What changes who may do what, what outsiders reach, or what is written down: calls to look at first. */
const adminActions: readonly AdminActions[] = [
  {
    why: "somebody may do more, or something else",
    actions: {
      iam: [
        "AddRoleToInstanceProfile",
        "AddUserToGroup",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreatePolicy",
        "CreatePolicyVersion",
        "DeleteGroupPolicy",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DeleteUserPermissionsBoundary",
        "DeleteUserPolicy",
        "DetachGroupPolicy",
        "DetachRolePolicy",
        "DetachUserPolicy",
        "PutGroupPolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "PutUserPermissionsBoundary",
        "PutUserPolicy",
        "RemoveRoleFromInstanceProfile",
        "RemoveUserFromGroup",
        "SetDefaultPolicyVersion",
        "UpdateAssumeRolePolicy",
      ],
      sso: [
        "AttachManagedPolicyToPermissionSet",
        "CreateAccountAssignment",
        "CreatePermissionSet",
        "DeleteAccountAssignment",
        "PutInlinePolicyToPermissionSet",
      ],
      lambda: ["AddPermission", "RemovePermission"],
    },
  },
  {
    why: "a user, group or role comes or goes",
    actions: {
      iam: [
        "CreateGroup",
        "CreateInstanceProfile",
        "CreateRole",
        "CreateUser",
        "DeleteGroup",
        "DeleteInstanceProfile",
        "DeleteRole",
        "DeleteUser",
      ],
    },
  },
  {
    why: "a way to prove who one is comes, goes or changes",
    actions: {
      iam: [
        "ChangePassword",
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreateServiceSpecificCredential",
        "CreateVirtualMFADevice",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteAccountPasswordPolicy",
        "DeleteLoginProfile",
        "DeleteVirtualMFADevice",
        "EnableMFADevice",
        "ResetServiceSpecificCredential",
        "UpdateAccessKey",
        "UpdateAccountPasswordPolicy",
        "UpdateLoginProfile",
        "UploadSigningCertificate",
        "UploadSSHPublicKey",
      ],
      ec2: ["CreateKeyPair", "ImportKeyPair"],
    },
  },
  {
    why: "an identity provider decides who gets in",
    actions: {
      iam: [
        "AddClientIDToOpenIDConnectProvider",
        "CreateOpenIDConnectProvider",
        "CreateSAMLProvider",
        "DeleteOpenIDConnectProvider",
        "DeleteSAMLProvider",
        "UpdateOpenIDConnectProviderThumbprint",
        "UpdateSAMLProvider",
      ],
    },
  },
  {
    why: "a security group or network ACL lets others through",
    actions: {
      ec2: [
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "CreateNetworkAclEntry",
        "DeleteNetworkAclEntry",
        "ModifySecurityGroupRules",
        "ReplaceNetworkAclEntry",
        "RevokeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
      ],
    },
  },
  {
    why: "traffic takes another way",
    actions: {
      ec2: [
        "AcceptVpcPeeringConnection",
        "AttachInternetGateway",
        "CreateRoute",
        "CreateVpcPeeringConnection",
        "DeleteRoute",
        "DeleteVpcEndpoints",
        "ReplaceRoute",
      ],
      route53: ["ChangeResourceRecordSets", "DeleteHostedZone"],
      route53domains: ["DisableDomainTransferLock", "TransferDomain"],
    },
  },
  {
    why: "others may reach data, or no longer",
    actions: {
      s3: [
        "DeleteAccountPublicAccessBlock",
        "DeleteBucketPolicy",
        "DeleteBucketPublicAccessBlock",
        "PutAccountPublicAccessBlock",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
      ],
      ec2: ["DisableSnapshotBlockPublicAccess", "ModifyImageAttribute", "ModifySnapshotAttribute"],
      rds: ["ModifyDBClusterSnapshotAttribute", "ModifyDBSnapshotAttribute"],
      ecr: ["DeleteRepositoryPolicy", "SetRepositoryPolicy"],
      secretsmanager: ["DeleteResourcePolicy", "PutResourcePolicy"],
      sns: ["AddPermission", "SetTopicAttributes"],
      sqs: ["AddPermission", "SetQueueAttributes"],
    },
  },
  {
    why: "what happens is no longer written down or looked at, or in another way",
    actions: {
      cloudtrail: [
        "DeleteEventDataStore",
        "DeleteTrail",
        "PutEventSelectors",
        "StopEventDataStoreIngestion",
        "StopLogging",
        "UpdateTrail",
      ],
      config: ["DeleteConfigurationRecorder", "DeleteDeliveryChannel", "StopConfigurationRecorder"],
      guardduty: ["DeleteDetector", "StopMonitoringMembers", "UpdateDetector"],
      securityhub: ["DisableSecurityHub"],
      "access-analyzer": ["ArchiveFindings", "CreateArchiveRule", "DeleteAnalyzer"],
      ec2: ["DeleteFlowLogs"],
      logs: ["DeleteLogGroup", "PutRetentionPolicy"],
      monitoring: ["DeleteAlarms", "DisableAlarmActions"],
    },
  },
  {
    why: "an encryption key is no longer there, or for others",
    actions: {
      kms: [
        "CreateGrant",
        "DisableKey",
        "DisableKeyRotation",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
      ],
    },
  },
  {
    why: "the account or the organisation changes",
    actions: {
      organizations: [
        "AttachPolicy",
        "CreateAccount",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "InviteAccountToOrganization",
        "LeaveOrganization",
        "MoveAccount",
        "RegisterDelegatedAdministrator",
        "RemoveAccountFromOrganization",
        "UpdatePolicy",
      ],
      account: ["DisableRegion", "EnableRegion", "PutAlternateContact", "PutContactInformation"],
      iam: ["CreateAccountAlias", "DeleteAccountAlias"],
    },
  },
];

const whyByName = new Map(
  adminActions.flatMap(({ why, actions }) =>
    Object.entries(actions).flatMap(([service, names]) =>
      names.map((name) => [`${service} ${name}`, why] as const),
    ),
  ),
);

/** By its letters whatever their case: as CloudTrail writes it, if it is in the table. */
const spellings = new Map(
  ["ConsoleLogin", ...[...whyByName.keys()].map((key) => key.slice(key.indexOf(" ") + 1))].map(
    (name) => [name.toLowerCase(), name],
  ),
);

/** Why a call is one of administration; undefined if it is not. Some services date the names of their actions. */
export function whyAdmin(call: {
  readonly service: string;
  readonly event: string;
  readonly kind: string;
}): string | undefined {
  if (call.kind === "root") return "by the root user, whom no policy limits";
  return whyByName.get(`${call.service} ${call.event.replace(/\d{8}(v\d+)?$/, "")}`);
}

/** CloudTrail finds names in their exact case only. */
export function asCloudTrailSpells(event: string): string {
  return spellings.get(event.toLowerCase()) ?? event;
}
