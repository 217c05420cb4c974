import type { Instance, InstanceStatus, Reservation, Volume } from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { instanceProfile } from "../iam/names.ts";
import type { Timeline } from "../timeline.ts";
import { idOf } from "./ids.ts";
import { INSTANCE_PLANS, type InstancePlan } from "./instance-plans.ts";
import { groupIdentifier } from "./security-groups.ts";
import { tagsOf } from "./tags.ts";

/** An instance, and the launch that it came from. */
export interface LaunchedInstance {
  readonly reservation: Pick<Reservation, "OwnerId" | "ReservationId" | "Groups">;
  readonly instance: Instance;
  readonly status: InstanceStatus;
}

/** `volumes` are those of the region. */
export const instancesIn = (
  region: string,
  volumes: readonly Volume[],
  timeline: Timeline,
): readonly LaunchedInstance[] =>
  INSTANCE_PLANS.filter(({ zone }) => zone.startsWith(region)).map((plan) => {
    const instance = instanceOf(plan, region, volumes, timeline);
    return {
      reservation: {
        ReservationId: idOf("r", plan.reservation),
        OwnerId: DEMO_ACCOUNT_ID,
        Groups: [],
      },
      instance,
      status: statusOf(plan, instance, timeline),
    };
  });

function instanceOf(
  plan: InstancePlan,
  region: string,
  volumes: readonly Volume[],
  timeline: Timeline,
): Instance {
  const id = idOf("i", plan.number);
  const launched = timeline.daysAgo(plan.launchedDaysAgo, 8.75);
  const mappings = mappingsOf(id, volumes);
  return {
    InstanceId: id,
    ImageId: idOf("ami", plan.type === "c6g.large" ? 2 : 1),
    InstanceType: plan.type,
    AmiLaunchIndex: plan.number % 2,
    LaunchTime: launched,
    ...stateOf(plan, timeline),
    Placement: { AvailabilityZone: plan.zone, GroupName: "", Tenancy: "default" },
    Monitoring: { State: "disabled" },
    VpcId: idOf("vpc", plan.vpc),
    SubnetId: idOf("subnet", plan.subnet),
    PrivateIpAddress: plan.privateIp,
    PrivateDnsName: privateName(plan.privateIp, region),
    PublicDnsName: plan.publicIp === undefined ? "" : publicName(plan.publicIp, region),
    ...(plan.publicIp === undefined ? {} : { PublicIpAddress: plan.publicIp }),
    Architecture: plan.type === "c6g.large" ? "arm64" : "x86_64",
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    RootDeviceName: "/dev/xvda",
    RootDeviceType: mappings.length > 0 ? "ebs" : "instance-store",
    BlockDeviceMappings: mappings,
    EbsOptimized: true,
    EnaSupport: true,
    SourceDestCheck: true,
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    ...(plan.role === undefined ? {} : { IamInstanceProfile: instanceProfile(plan.role) }),
    MetadataOptions: {
      State: "applied",
      HttpEndpoint: "enabled",
      HttpTokens: plan.allowsImdsV1 ? "optional" : "required",
      HttpPutResponseHopLimit: 2,
    },
    SecurityGroups: [groupIdentifier(plan.securityGroup)],
    NetworkInterfaces: [networkInterfaceOf(plan, region, launched)],
    Tags: tagsOf({
      Name: plan.name,
      Team: plan.team,
      Environment: plan.environment,
      Note: plan.note,
    }),
  };
}

function stateOf(
  { stoppedDaysAgo }: InstancePlan,
  timeline: Timeline,
): Pick<Instance, "State" | "StateReason" | "StateTransitionReason"> {
  if (stoppedDaysAgo === undefined) {
    return { State: { Code: 16, Name: "running" }, StateTransitionReason: "" };
  }
  const [day, time] = timeline.daysAgo(stoppedDaysAgo, 17.5).toISOString().split(/T|\./);
  return {
    State: { Code: 80, Name: "stopped" },
    // The only place where EC2 says since when.
    StateTransitionReason: `User initiated (${day} ${time} GMT)`,
    StateReason: {
      Code: "Client.UserInitiatedShutdown",
      Message: "Client.UserInitiatedShutdown: User initiated shutdown",
    },
  };
}

const mappingsOf = (id: string, volumes: readonly Volume[]): Instance["BlockDeviceMappings"] & {} =>
  volumes
    .flatMap(({ Attachments = [] }) => Attachments)
    .filter(({ InstanceId }) => InstanceId === id)
    .map((attachment) => ({
      DeviceName: attachment.Device,
      Ebs: {
        VolumeId: attachment.VolumeId,
        Status: "attached",
        AttachTime: attachment.AttachTime,
        DeleteOnTermination: attachment.DeleteOnTermination,
      },
    }));

function networkInterfaceOf(plan: InstancePlan, region: string, attached: Date) {
  const name = privateName(plan.privateIp, region);
  return {
    NetworkInterfaceId: idOf("eni", plan.number),
    OwnerId: DEMO_ACCOUNT_ID,
    VpcId: idOf("vpc", plan.vpc),
    SubnetId: idOf("subnet", plan.subnet),
    Description: "",
    InterfaceType: "interface",
    MacAddress: macAddress(plan.number),
    Status: "in-use",
    SourceDestCheck: true,
    PrivateIpAddress: plan.privateIp,
    PrivateDnsName: name,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: plan.privateIp, PrivateDnsName: name }],
    Ipv6Addresses: [],
    ...(plan.publicIp === undefined
      ? {}
      : {
          Association: {
            IpOwnerId: "amazon",
            PublicIp: plan.publicIp,
            PublicDnsName: publicName(plan.publicIp, region),
          },
        }),
    Attachment: {
      AttachmentId: idOf("eni-attach", plan.number),
      AttachTime: attached,
      DeleteOnTermination: true,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      Status: "attached",
    },
    Groups: [groupIdentifier(plan.securityGroup)],
  } satisfies NonNullable<Instance["NetworkInterfaces"]>[number];
}

/** The instance that fails its own check, and since when; and the one whose host will be serviced. */
const IMPAIRED = { number: 5, hoursAgo: 5 } as const;
const SERVICED = { number: 8, daysAhead: 5 } as const;

function statusOf(plan: InstancePlan, instance: Instance, timeline: Timeline): InstanceStatus {
  const isRunning = plan.stoppedDaysAgo === undefined;
  const isImpaired = plan.number === IMPAIRED.number;
  const healthy = isRunning ? passed() : { Status: "not-applicable" as const, Details: [] };
  return {
    InstanceId: instance.InstanceId,
    AvailabilityZone: plan.zone,
    InstanceState: instance.State,
    SystemStatus: healthy,
    InstanceStatus: isImpaired
      ? {
          Status: "impaired",
          Details: [
            {
              Name: "reachability",
              Status: "failed",
              ImpairedSince: timeline.daysAgo(0, -IMPAIRED.hoursAgo),
            },
          ],
        }
      : healthy,
    Events:
      plan.number === SERVICED.number
        ? [
            {
              InstanceEventId: "instance-event-0a1b2c3d4e5f60008",
              Code: "system-maintenance",
              Description: "The system running this instance is scheduled for maintenance.",
              NotBefore: timeline.daysAhead(SERVICED.daysAhead, 22),
              NotAfter: timeline.daysAhead(SERVICED.daysAhead, 24),
            },
          ]
        : [],
  };
}

const passed = () => ({
  Status: "ok" as const,
  Details: [{ Name: "reachability" as const, Status: "passed" as const }],
});

export const macAddress = (number: number): string =>
  `0a:1b:2c:3d:4e:${number.toString(16).padStart(2, "0")}`;

export const privateName = (ip: string, region: string): string =>
  `ip-${ip.replaceAll(".", "-")}.${region === "us-east-1" ? "ec2" : `${region}.compute`}.internal`;

const publicName = (ip: string, region: string): string =>
  `ec2-${ip.replaceAll(".", "-")}.${region === "us-east-1" ? "compute-1" : `${region}.compute`}.amazonaws.com`;
