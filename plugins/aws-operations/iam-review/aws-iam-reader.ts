import type {
  GroupDetail,
  ManagedPolicyDetail,
  PasswordPolicy,
  RoleDetail,
  UserDetail,
} from "@aws-sdk/client-iam";
import type { AwsApi } from "../aws/api.ts";
import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";

const minutes = 60_000;

/** Who may do what, as IAM has it. */
export interface Authorizations {
  readonly users: readonly UserDetail[];
  readonly groups: readonly GroupDetail[];
  readonly roles: readonly RoleDetail[];
  /** The account's own. */
  readonly policies: readonly ManagedPolicyDetail[];
  readonly truncated: boolean;
}

/** Who one policy is attached to. */
export interface Attachments {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

const pageSize = 1000;

/** Reads what IAM knows, except for the credential report. */
export class AwsIamReader {
  readonly api: AwsApi;
  readonly #scope: CallScope;

  constructor(api: AwsApi, scope: CallScope) {
    this.api = api;
    this.#scope = scope;
  }

  async authorizations(): Promise<Authorizations> {
    const { value, truncated } = await this.api.ask(
      {
        service: "iam",
        operation: "GetAccountAuthorizationDetails",
        input: { Filter: ["User", "Group", "Role", "LocalManagedPolicy"], MaxItems: pageSize },
        ttlMs: 5 * minutes,
        missing: ({ UserDetailList }) =>
          UserDetailList === undefined ? "UserDetailList" : undefined,
        read: (pages) => ({
          users: pages.flatMap(({ UserDetailList = [] }) => UserDetailList),
          groups: pages.flatMap(({ GroupDetailList = [] }) => GroupDetailList),
          roles: pages.flatMap(({ RoleDetailList = [] }) => RoleDetailList),
          policies: pages.flatMap(({ Policies = [] }) => Policies),
        }),
      },
      this.#scope,
    );
    return { ...value, truncated };
  }

  /** Undefined if nobody has set one. */
  async passwordPolicy(): Promise<PasswordPolicy | undefined> {
    try {
      const { value } = await this.api.ask(
        {
          service: "iam",
          operation: "GetAccountPasswordPolicy",
          input: {},
          ttlMs: 5 * minutes,
          missing: ({ PasswordPolicy: policy }) =>
            policy === undefined ? "PasswordPolicy" : undefined,
          read: ([page]) => page?.PasswordPolicy,
        },
        this.#scope,
      );
      return value;
    } catch (error) {
      if (isToolError(error) && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  async attachmentsOf(PolicyArn: string): Promise<Attachments> {
    const { value } = await this.api.ask(
      {
        service: "iam",
        operation: "ListEntitiesForPolicy",
        input: { PolicyArn, PolicyUsageFilter: "PermissionsPolicy", MaxItems: pageSize },
        ttlMs: 5 * minutes,
        missing: ({ PolicyUsers }) => (PolicyUsers === undefined ? "PolicyUsers" : undefined),
        read: (pages) => ({
          users: pages.flatMap(({ PolicyUsers = [] }) =>
            PolicyUsers.flatMap(({ UserName }) => UserName ?? []),
          ),
          groups: pages.flatMap(({ PolicyGroups = [] }) =>
            PolicyGroups.flatMap(({ GroupName }) => GroupName ?? []),
          ),
          roles: pages.flatMap(({ PolicyRoles = [] }) =>
            PolicyRoles.flatMap(({ RoleName }) => RoleName ?? []),
          ),
        }),
      },
      this.#scope,
    );
    return value;
  }

  async membersOf(GroupName: string): Promise<readonly string[]> {
    const { value } = await this.api.ask(
      {
        service: "iam",
        operation: "GetGroup",
        input: { GroupName, MaxItems: pageSize },
        ttlMs: 5 * minutes,
        missing: ({ Users }) => (Users === undefined ? "Users" : undefined),
        read: (pages) =>
          pages.flatMap(({ Users = [] }) => Users.flatMap(({ UserName }) => UserName ?? [])),
      },
      this.#scope,
    );
    return value;
  }
}
