import { visible } from "../answer/untrusted.ts";
import { listings } from "../ec2/listings.ts";
import { stoppedAt } from "../ec2/stopped-at.ts";
import { idsOf, resourceType, toResource } from "./resource-type.ts";

export const computeTypes = {
  instances: resourceType({
    noun: "instance",
    list: listings.instances,
    states: ["pending", "running", "shutting-down", "terminated", "stopping", "stopped"],
    shown: ["type", "zone", "privateIp", "publicIp", "stoppedSince"],
    describe: (instance, region) =>
      toResource(instance.InstanceId, region, {
        state: instance.State?.Name,
        tags: instance.Tags,
        details: {
          type: instance.InstanceType,
          zone: instance.Placement?.AvailabilityZone,
          launched: instance.LaunchTime,
          stoppedSince: stoppedAt(instance),
          platform: instance.PlatformDetails,
          privateIp: instance.PrivateIpAddress,
          publicIp: instance.PublicIpAddress,
          vpc: instance.VpcId,
          subnet: instance.SubnetId,
          securityGroups: idsOf(instance.SecurityGroups?.map(({ GroupId }) => GroupId)),
          volumes: idsOf(instance.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId)),
        },
      }),
  }),
  volumes: resourceType({
    noun: "volume",
    list: listings.volumes,
    states: ["creating", "available", "in-use", "deleting", "deleted", "error"],
    shown: ["type", "sizeGiB", "zone", "attachedTo", "encrypted"],
    describe: (volume, region) =>
      toResource(volume.VolumeId, region, {
        state: volume.State,
        tags: volume.Tags,
        details: {
          type: volume.VolumeType,
          sizeGiB: volume.Size,
          iops: volume.Iops,
          throughputMiBs: volume.Throughput,
          zone: volume.AvailabilityZone,
          created: volume.CreateTime,
          encrypted: volume.Encrypted,
          attachedTo: idsOf(volume.Attachments?.map(({ InstanceId }) => InstanceId)),
          snapshot: volume.SnapshotId,
        },
      }),
  }),
  addresses: resourceType({
    noun: "Elastic IP address",
    list: listings.addresses,
    states: ["associated", "unassociated"],
    shown: ["publicIp", "instance", "networkInterface"],
    describe: (address, region) =>
      toResource(address.AllocationId ?? address.PublicIp, region, {
        state: (address.AssociationId ?? address.InstanceId) ? "associated" : "unassociated",
        tags: address.Tags,
        details: {
          publicIp: address.PublicIp,
          privateIp: address.PrivateIpAddress,
          instance: address.InstanceId,
          networkInterface: address.NetworkInterfaceId,
        },
      }),
  }),
  snapshots: resourceType({
    noun: "snapshot",
    list: listings.snapshots,
    states: ["pending", "completed", "error", "recoverable", "recovering"],
    shown: ["sizeGiB", "volume", "started", "description"],
    describe: (snapshot, region) =>
      toResource(snapshot.SnapshotId, region, {
        state: snapshot.State,
        tags: snapshot.Tags,
        details: {
          sizeGiB: snapshot.VolumeSize,
          volume: snapshot.VolumeId,
          started: snapshot.StartTime,
          description: visible(snapshot.Description ?? ""),
          encrypted: snapshot.Encrypted,
          tier: snapshot.StorageTier,
        },
      }),
  }),
};
