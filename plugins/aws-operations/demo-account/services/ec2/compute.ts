import type {
  DescribeInstanceStatusResult,
  DescribeInstancesResult,
  DescribeRegionsResult,
  DescribeSnapshotsResult,
  DescribeVolumesResult,
  InstanceStatus,
  Region,
  Reservation,
  Snapshot,
  Volume,
} from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { LaunchedInstance } from "../../data/ec2/instances.ts";
import { ENABLED_REGIONS, OPTED_OUT_REGION } from "../../data/regions.ts";
import { describe } from "./describe.ts";

export const describeRegions = describe<Region>({
  items: (_resources, { AllRegions, RegionName }) => {
    const enabled = ENABLED_REGIONS.map((name) => regionOf(name, "opt-in-not-required"));
    // Named ones are described whether they are enabled or not.
    return AllRegions || RegionName !== undefined
      ? [regionOf(OPTED_OUT_REGION, "not-opted-in"), ...enabled]
      : enabled;
  },
  ids: [
    {
      name: "RegionName",
      of: ({ RegionName }) => RegionName,
      notFound: "InvalidParameterValue",
      noun: "region",
    },
  ],
  parameters: ["AllRegions"],
  filters: {
    endpoint: "Endpoint",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
  },
  maxResults: undefined,
  output: (items): DescribeRegionsResult => ({ Regions: [...items] }),
});

const regionOf = (name: string, optInStatus: string): Region => ({
  RegionName: name,
  Endpoint: `ec2.${name}.amazonaws.com`,
  OptInStatus: optInStatus,
});

const instanceId = {
  name: "InstanceId",
  prefix: "i",
  malformed: "InvalidInstanceID.Malformed",
  notFound: "InvalidInstanceID.NotFound",
  noun: "instance ID",
} as const;

const NETWORK_INTERFACE = "instance.NetworkInterfaces";

export const describeInstances = describe<LaunchedInstance & Tagged>({
  items: ({ instances }) =>
    instances.map((launched) => ({ ...launched, Tags: launched.instance.Tags })),
  ids: [{ ...instanceId, of: ({ instance }) => instance.InstanceId }],
  filters: {
    architecture: "instance.Architecture",
    "availability-zone": "instance.Placement.AvailabilityZone",
    "block-device-mapping.attach-time": "instance.BlockDeviceMappings.Ebs.AttachTime",
    "block-device-mapping.delete-on-termination":
      "instance.BlockDeviceMappings.Ebs.DeleteOnTermination",
    "block-device-mapping.device-name": "instance.BlockDeviceMappings.DeviceName",
    "block-device-mapping.status": "instance.BlockDeviceMappings.Ebs.Status",
    "block-device-mapping.volume-id": "instance.BlockDeviceMappings.Ebs.VolumeId",
    "dns-name": "instance.PublicDnsName",
    "ebs-optimized": "instance.EbsOptimized",
    "ena-support": "instance.EnaSupport",
    hypervisor: "instance.Hypervisor",
    "iam-instance-profile.arn": "instance.IamInstanceProfile.Arn",
    "iam-instance-profile.id": "instance.IamInstanceProfile.Id",
    "image-id": "instance.ImageId",
    "instance-id": "instance.InstanceId",
    "instance-state-code": "instance.State.Code",
    "instance-state-name": "instance.State.Name",
    "instance-type": "instance.InstanceType",
    "instance.group-id": "instance.SecurityGroups.GroupId",
    "instance.group-name": "instance.SecurityGroups.GroupName",
    "ip-address": "instance.PublicIpAddress",
    "launch-index": "instance.AmiLaunchIndex",
    "launch-time": "instance.LaunchTime",
    "metadata-options.http-endpoint": "instance.MetadataOptions.HttpEndpoint",
    "metadata-options.http-put-response-hop-limit":
      "instance.MetadataOptions.HttpPutResponseHopLimit",
    "metadata-options.http-tokens": "instance.MetadataOptions.HttpTokens",
    "metadata-options.state": "instance.MetadataOptions.State",
    "monitoring-state": "instance.Monitoring.State",
    "network-interface.association.public-ip": `${NETWORK_INTERFACE}.Association.PublicIp`,
    "network-interface.group-id": `${NETWORK_INTERFACE}.Groups.GroupId`,
    "network-interface.group-name": `${NETWORK_INTERFACE}.Groups.GroupName`,
    "network-interface.network-interface-id": `${NETWORK_INTERFACE}.NetworkInterfaceId`,
    "network-interface.private-ip-address": `${NETWORK_INTERFACE}.PrivateIpAddress`,
    "network-interface.subnet-id": `${NETWORK_INTERFACE}.SubnetId`,
    "network-interface.vpc-id": `${NETWORK_INTERFACE}.VpcId`,
    "owner-id": "reservation.OwnerId",
    "platform-details": "instance.PlatformDetails",
    "private-dns-name": "instance.PrivateDnsName",
    "private-ip-address": "instance.PrivateIpAddress",
    reason: "instance.StateTransitionReason",
    "reservation-id": "reservation.ReservationId",
    "root-device-name": "instance.RootDeviceName",
    "root-device-type": "instance.RootDeviceType",
    "source-dest-check": "instance.SourceDestCheck",
    "state-reason-code": "instance.StateReason.Code",
    "state-reason-message": "instance.StateReason.Message",
    "subnet-id": "instance.SubnetId",
    tenancy: "instance.Placement.Tenancy",
    "usage-operation": "instance.UsageOperation",
    "virtualization-type": "instance.VirtualizationType",
    "vpc-id": "instance.VpcId",
  },
  maxResults: 1000,
  output: (items): DescribeInstancesResult => ({ Reservations: reservationsOf(items) }),
});

interface Tagged {
  readonly Tags: LaunchedInstance["instance"]["Tags"];
}

/** Instances that were launched together stand together, as far as they are on one page. */
function reservationsOf(items: readonly LaunchedInstance[]): Reservation[] {
  const reservations = new Map<string | undefined, Reservation>();
  for (const { reservation, instance } of items) {
    const id = reservation.ReservationId;
    const before = reservations.get(id)?.Instances ?? [];
    reservations.set(id, { ...reservation, Instances: [...before, instance] });
  }
  return [...reservations.values()];
}

export const describeInstanceStatus = describe<InstanceStatus>({
  items: ({ instances }, { IncludeAllInstances }) =>
    instances
      .map(({ status }) => status)
      .filter(({ InstanceState }) => IncludeAllInstances || InstanceState?.Name === "running"),
  ids: [{ ...instanceId, of: ({ InstanceId }) => InstanceId }],
  parameters: ["IncludeAllInstances"],
  filters: {
    "availability-zone": "AvailabilityZone",
    "event.code": "Events.Code",
    "event.description": "Events.Description",
    "event.instance-event-id": "Events.InstanceEventId",
    "event.not-after": "Events.NotAfter",
    "event.not-before": "Events.NotBefore",
    "instance-state-code": "InstanceState.Code",
    "instance-state-name": "InstanceState.Name",
    "instance-status.reachability": "InstanceStatus.Details.Status",
    "instance-status.status": "InstanceStatus.Status",
    "system-status.reachability": "SystemStatus.Details.Status",
    "system-status.status": "SystemStatus.Status",
  },
  maxResults: 1000,
  output: (items): DescribeInstanceStatusResult => ({ InstanceStatuses: [...items] }),
});

export const describeVolumes = describe<Volume>({
  items: ({ volumes }) => volumes,
  ids: [
    {
      name: "VolumeId",
      of: ({ VolumeId }) => VolumeId,
      prefix: "vol",
      notFound: "InvalidVolume.NotFound",
      noun: "volume",
    },
  ],
  filters: {
    "attachment.attach-time": "Attachments.AttachTime",
    "attachment.delete-on-termination": "Attachments.DeleteOnTermination",
    "attachment.device": "Attachments.Device",
    "attachment.instance-id": "Attachments.InstanceId",
    "attachment.status": "Attachments.State",
    "availability-zone": "AvailabilityZone",
    "create-time": "CreateTime",
    encrypted: "Encrypted",
    "multi-attach-enabled": "MultiAttachEnabled",
    size: "Size",
    "snapshot-id": "SnapshotId",
    status: "State",
    "volume-id": "VolumeId",
    "volume-type": "VolumeType",
  },
  maxResults: 1000,
  output: (items): DescribeVolumesResult => ({ Volumes: [...items] }),
});

export const describeSnapshots = describe<Snapshot>({
  // Whoever names no owner gets what others share with everybody, too.
  items: ({ snapshots, publicSnapshots }, { Owner, RestorableBy }) =>
    [...snapshots, ...publicSnapshots].filter(
      ({ OwnerId, OwnerAlias }) =>
        (Owner?.some((owner) => ownerIs(owner, OwnerId, OwnerAlias)) ?? true) &&
        (RestorableBy?.some((user) => user === "all" || ownerIs(user, OwnerId, undefined)) ?? true),
    ),
  ids: [
    {
      name: "SnapshotId",
      of: ({ SnapshotId }) => SnapshotId,
      prefix: "snap",
      malformed: "InvalidSnapshotID.Malformed",
      notFound: "InvalidSnapshot.NotFound",
      noun: "snapshot",
    },
  ],
  parameters: ["Owner", "RestorableBy"],
  filters: {
    description: "Description",
    encrypted: "Encrypted",
    "owner-alias": "OwnerAlias",
    "owner-id": "OwnerId",
    progress: "Progress",
    "snapshot-id": "SnapshotId",
    "start-time": "StartTime",
    status: "State",
    "storage-tier": "StorageTier",
    "volume-id": "VolumeId",
    "volume-size": "VolumeSize",
  },
  maxResults: 1000,
  output: (items): DescribeSnapshotsResult => ({ Snapshots: [...items] }),
});

const ownerIs = (owner: string, id: string | undefined, alias: string | undefined): boolean =>
  owner === id || owner === alias || (owner === "self" && id === DEMO_ACCOUNT_ID);
