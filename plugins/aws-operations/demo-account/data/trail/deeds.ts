import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { HOSTILE_NOTE } from "../hostile-texts.ts";
import { roleArn } from "../iam/roles.ts";
import {
  CHECKOUT_FUNCTION,
  instanceId,
  IRELAND_NETWORK,
  PUBLIC_BUCKET,
  WEB_SECURITY_GROUP,
  type UserName,
} from "../names.ts";
import type { Actor } from "./actors.ts";
import type { Deed } from "./trail-event.ts";

const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";

export function signIn(actor: Actor, failure?: string): Deed {
  const usedMfa = (actor.kind === "user" || actor.kind === "root") && actor.hasMfa;
  return {
    actor,
    service: "signin",
    name: "ConsoleLogin",
    response: { ConsoleLogin: failure === undefined ? "Success" : "Failure" },
    additional: {
      LoginTo: "https://console.aws.amazon.com/console/home",
      MobileVersion: "No",
      MFAUsed: usedMfa ? "Yes" : "No",
    },
    ...(failure === undefined ? {} : { error: { message: failure } }),
  };
}

export const attachAdministratorPolicy = (actor: Actor, userName: UserName): Deed => ({
  actor,
  service: "iam",
  name: "AttachUserPolicy",
  resources: [
    { type: "AWS::IAM::Policy", name: ADMINISTRATOR },
    { type: "AWS::IAM::User", name: userName },
  ],
  request: { userName, policyArn: ADMINISTRATOR },
});

export const createAccessKey = (actor: Actor, userName: UserName, accessKeyId: string): Deed => ({
  actor,
  service: "iam",
  name: "CreateAccessKey",
  resources: [
    { type: "AWS::IAM::AccessKey", name: accessKeyId },
    { type: "AWS::IAM::User", name: userName },
  ],
  request: { userName },
  response: { accessKey: { userName, accessKeyId, status: "Active" } },
});

export const deactivateAccessKey = (
  actor: Actor,
  userName: UserName,
  accessKeyId: string,
): Deed => ({
  actor,
  service: "iam",
  name: "UpdateAccessKey",
  resources: [
    { type: "AWS::IAM::AccessKey", name: accessKeyId },
    { type: "AWS::IAM::User", name: userName },
  ],
  request: { userName, accessKeyId, status: "Inactive" },
});

export const listAccessKeys = (actor: Actor, userName: UserName): Deed => ({
  actor,
  service: "iam",
  name: "ListAccessKeys",
  isReadOnly: true,
  resources: [{ type: "AWS::IAM::User", name: userName }],
  request: { userName },
});

export const assumeRole = (actor: Actor, role: string, session: string): Deed => ({
  actor,
  service: "sts",
  name: "AssumeRole",
  isReadOnly: true,
  resources: [{ type: "AWS::IAM::Role", name: roleArn(role) }],
  request: { roleArn: roleArn(role), roleSessionName: session },
});

export const runInstances = (actor: Actor, type: string, number: number): Deed => ({
  actor,
  service: "ec2",
  name: "RunInstances",
  resources: [{ type: "AWS::EC2::Instance", name: instanceId(number) }],
  request: { instanceType: type, minCount: 1, maxCount: 1 },
  response: { instancesSet: { items: [{ instanceId: instanceId(number) }] } },
});

export const deniedRunInstances = (actor: Actor): Deed => ({
  actor,
  service: "ec2",
  name: "RunInstances",
  request: { instanceType: "p5.48xlarge", minCount: 1, maxCount: 20 },
  error: {
    code: "Client.UnauthorizedOperation",
    message:
      "You are not authorized to perform this operation. Encoded authorization failure message: ZGVtbw",
  },
});

export const stopInstances = (actor: Actor, number: number): Deed => ({
  actor,
  service: "ec2",
  name: "StopInstances",
  resources: [{ type: "AWS::EC2::Instance", name: instanceId(number) }],
  request: { instancesSet: { items: [{ instanceId: instanceId(number) }] }, force: false },
  response: {
    instancesSet: {
      items: [{ instanceId: instanceId(number), currentState: { name: "stopping" } }],
    },
  },
});

export const describeInstances = (actor: Actor): Deed => ({
  actor,
  service: "ec2",
  name: "DescribeInstances",
  isReadOnly: true,
  request: { instancesSet: {}, filterSet: {} },
});

export const openSsh = (actor: Actor): Deed => ({
  actor,
  service: "ec2",
  name: "AuthorizeSecurityGroupIngress",
  resources: [{ type: "AWS::EC2::SecurityGroup", name: WEB_SECURITY_GROUP }],
  request: {
    groupId: WEB_SECURITY_GROUP,
    ipPermissions: {
      items: [
        {
          ipProtocol: "tcp",
          fromPort: 22,
          toPort: 22,
          ipRanges: {
            items: [{ cidrIp: "0.0.0.0/0", description: "temporary, for the migration" }],
          },
        },
      ],
    },
  },
  response: { _return: true },
});

export const createSnapshot = (actor: Actor, volumeId: string): Deed => ({
  actor,
  service: "ec2",
  name: "CreateSnapshot",
  resources: [{ type: "AWS::EC2::Volume", name: volumeId }],
  request: { volumeId, description: "daily" },
});

export const tagWithInstructions = (actor: Actor, number: number): Deed => ({
  actor,
  service: "ec2",
  name: "CreateTags",
  resources: [{ type: "AWS::EC2::Instance", name: instanceId(number) }],
  request: {
    resourcesSet: { items: [{ resourceId: instanceId(number) }] },
    tagSet: { items: [{ key: "Note", value: HOSTILE_NOTE }] },
  },
});

/** Without its endpoint, what the subnets exchange with S3 goes through the NAT gateway. */
export const deleteVpcEndpoints = (actor: Actor): Deed => ({
  actor,
  service: "ec2",
  name: "DeleteVpcEndpoints",
  resources: [
    { type: "AWS::EC2::VPCEndpoint", name: "vpce-0a1b2c3d4e5f70001" },
    { type: "AWS::EC2::VPC", name: IRELAND_NETWORK.vpc },
  ],
  request: { DeleteVpcEndpointsRequest: { VpcEndpointId: "vpce-0a1b2c3d4e5f70001" } },
});

export const createRoute = (actor: Actor): Deed => ({
  actor,
  service: "ec2",
  name: "CreateRoute",
  resources: [
    { type: "AWS::EC2::RouteTable", name: IRELAND_NETWORK.routeTable },
    { type: "AWS::EC2::NatGateway", name: IRELAND_NETWORK.natGateway },
  ],
  request: {
    routeTableId: IRELAND_NETWORK.routeTable,
    destinationCidrBlock: "0.0.0.0/0",
    natGatewayId: IRELAND_NETWORK.natGateway,
  },
  response: { _return: true },
});

const bucket = [{ type: "AWS::S3::Bucket", name: PUBLIC_BUCKET }];

export const deleteBucketPolicy = (actor: Actor): Deed => ({
  actor,
  service: "s3",
  name: "DeleteBucketPolicy",
  resources: bucket,
  request: { bucketName: PUBLIC_BUCKET, policy: "" },
});

export const publishBucket = (actor: Actor): Deed => ({
  actor,
  service: "s3",
  name: "PutBucketPolicy",
  resources: bucket,
  request: {
    bucketName: PUBLIC_BUCKET,
    bucketPolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: "*",
          Action: "s3:GetObject",
          Resource: `arn:aws:s3:::${PUBLIC_BUCKET}/*`,
        },
      ],
    },
  },
});

export const updateFunctionCode = (actor: Actor): Deed => ({
  actor,
  service: "lambda",
  name: "UpdateFunctionCode20150331v2",
  resources: [{ type: "AWS::Lambda::Function", name: CHECKOUT_FUNCTION }],
  request: { functionName: CHECKOUT_FUNCTION, publish: true, dryRun: false },
  response: { functionName: CHECKOUT_FUNCTION, version: "118" },
});

const deniedInTrails = (actor: Actor, name: string, resource: string) => ({
  actor,
  service: "cloudtrail",
  name,
  error: {
    code: "AccessDenied",
    message: `User: arn:aws:iam::${DEMO_ACCOUNT_ID}:user/hugo.lind is not authorized to perform: cloudtrail:${name} on resource: arn:aws:cloudtrail:us-east-1:${DEMO_ACCOUNT_ID}:${resource} because no identity-based policy allows the cloudtrail:${name} action`,
  },
});

export const deniedDescribeTrails = (actor: Actor): Deed => ({
  ...deniedInTrails(actor, "DescribeTrails", "*"),
  isReadOnly: true,
  request: { trailNameList: [] },
});

export const deniedStopLogging = (actor: Actor): Deed => ({
  ...deniedInTrails(actor, "StopLogging", "trail/demo-trail"),
  request: { name: "demo-trail" },
});
