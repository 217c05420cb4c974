import type {
  GetAccountAuthorizationDetailsResponse,
  GetGroupResponse,
  ListAccessKeysResponse,
  ListEntitiesForPolicyResponse,
  ListUsersResponse,
  ManagedPolicyDetail,
  User,
} from "@aws-sdk/client-iam";
import { identitiesOf } from "../../data/iam/identities.ts";
import type { IamUser } from "../../data/iam/users.ts";
import { AwsError } from "../../protocol/errors.ts";
import { list, oneOf, required, structure, text } from "../../protocol/shape.ts";
import { operation } from "../service.ts";
import { pageOf, pageRequest } from "./pages.ts";

const name = text({ min: 1, max: 128, pattern: /[\w+=,.@-]+/ });
const path = text({ min: 1, max: 512, pattern: /(\/)|(\/[!-\x7f]+\/)/ });
const entityType = oneOf(["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]);

const noSuchEntity = (message: string): AwsError => new AwsError("NoSuchEntity", message, 404);

export const listUsers = operation(
  structure({
    ...pageRequest,
    PathPrefix: text({ min: 1, max: 512, pattern: /\/[!-\x7f]*/ }),
  }),
  (request, account): ListUsersResponse => {
    const users = identitiesOf(account.estate)
      .users.map(userOf)
      .filter(({ Path = "" }) => Path.startsWith(request.PathPrefix ?? "/"));
    const { items, end } = pageOf("ListUsers", users, request, account);
    return { Users: items, ...end };
  },
);

export const listAccessKeys = operation(
  structure({ ...pageRequest, UserName: name }),
  (request, account): ListAccessKeysResponse => {
    if (request.UserName === undefined) {
      throw new AwsError(
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
      );
    }
    const user = identitiesOf(account.estate).users.find(
      ({ detail }) => detail.UserName === request.UserName,
    );
    if (user === undefined) {
      throw noSuchEntity(`The user with name ${request.UserName} cannot be found.`);
    }
    const keys = user.keys.map(({ metadata }) => metadata);
    const { items, end } = pageOf("ListAccessKeys", keys, request, account);
    return { AccessKeyMetadata: items, ...end };
  },
);

export const getGroup = operation(
  structure({ ...pageRequest, GroupName: required(name) }),
  (request, account): GetGroupResponse => {
    const { groups, users } = identitiesOf(account.estate);
    const group = groups.find(({ GroupName }) => GroupName === request.GroupName);
    if (group === undefined) {
      throw noSuchEntity(`The group with name ${request.GroupName} cannot be found.`);
    }
    const { Path, GroupName, GroupId, Arn, CreateDate } = group;
    const members = users.filter(({ detail }) => detail.GroupList.includes(GroupName)).map(userOf);
    const { items, end } = pageOf("GetGroup", members, request, account);
    return { Group: { Path, GroupName, GroupId, Arn, CreateDate }, Users: items, ...end };
  },
);

export const listEntitiesForPolicy = operation(
  structure({
    ...pageRequest,
    PolicyArn: required(text({ min: 20, max: 2048 })),
    EntityFilter: entityType,
    PathPrefix: path,
    PolicyUsageFilter: oneOf(["PermissionsPolicy", "PermissionsBoundary"]),
  }),
  (request, account): ListEntitiesForPolicyResponse => {
    const { users, groups, roles, policies } = identitiesOf(account.estate);
    const { PolicyArn, EntityFilter, PathPrefix = "/", PolicyUsageFilter } = request;
    if (policies.every(({ Arn }) => Arn !== PolicyArn)) {
      throw noSuchEntity(`Policy ${PolicyArn} does not exist or is not attachable.`);
    }
    const attached = [
      ...groups.map((entity) => ({ kind: "Group", entity }) as const),
      ...users.map(({ detail }) => ({ kind: "User", entity: detail }) as const),
      ...roles.map((entity) => ({ kind: "Role", entity }) as const),
    ].filter(
      ({ kind, entity }) =>
        // Nobody has a permissions boundary.
        PolicyUsageFilter !== "PermissionsBoundary" &&
        (EntityFilter ?? kind) === kind &&
        entity.Path.startsWith(PathPrefix) &&
        entity.AttachedManagedPolicies?.some((policy) => policy.PolicyArn === PolicyArn),
    );
    const { items, end } = pageOf("ListEntitiesForPolicy", attached, request, account);
    return {
      PolicyGroups: items.flatMap(({ kind, entity }) =>
        kind === "Group" ? [{ GroupName: entity.GroupName, GroupId: entity.GroupId }] : [],
      ),
      PolicyUsers: items.flatMap(({ kind, entity }) =>
        kind === "User" ? [{ UserName: entity.UserName, UserId: entity.UserId }] : [],
      ),
      PolicyRoles: items.flatMap(({ kind, entity }) =>
        kind === "Role" ? [{ RoleName: entity.RoleName, RoleId: entity.RoleId }] : [],
      ),
      ...end,
    };
  },
);

export const getAccountAuthorizationDetails = operation(
  structure({ ...pageRequest, Filter: list(entityType) }),
  (request, account): GetAccountAuthorizationDetailsResponse => {
    const { users, groups, roles, policies } = identitiesOf(account.estate);
    const all = [
      ...users.map(({ detail }) => ({ kind: "User", detail }) as const),
      ...groups.map((detail) => ({ kind: "Group", detail }) as const),
      ...roles.map((detail) => ({ kind: "Role", detail }) as const),
      ...policies.map((detail) => ({ kind: policyKind(detail), detail }) as const),
    ].filter(({ kind }) => request.Filter?.includes(kind) ?? true);
    const { items, end } = pageOf("GetAccountAuthorizationDetails", all, request, account);
    return {
      UserDetailList: items.flatMap(({ kind, detail }) => (kind === "User" ? [detail] : [])),
      GroupDetailList: items.flatMap(({ kind, detail }) => (kind === "Group" ? [detail] : [])),
      RoleDetailList: items.flatMap(({ kind, detail }) => (kind === "Role" ? [detail] : [])),
      Policies: items.flatMap(({ kind, detail }) =>
        kind === "LocalManagedPolicy" || kind === "AWSManagedPolicy" ? [detail] : [],
      ),
      ...end,
    };
  },
);

const policyKind = ({ Arn = "" }: ManagedPolicyDetail) =>
  Arn.startsWith("arn:aws:iam::aws:") ? "AWSManagedPolicy" : "LocalManagedPolicy";

const userOf = ({ detail, password }: IamUser): User => ({
  Path: detail.Path,
  UserName: detail.UserName,
  UserId: detail.UserId,
  Arn: detail.Arn,
  CreateDate: detail.CreateDate,
  PasswordLastUsed: password?.used,
});
