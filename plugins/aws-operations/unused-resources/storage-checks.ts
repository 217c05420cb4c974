import type { Snapshot } from "@aws-sdk/client-ec2";
import { isToolError } from "../aws/errors.ts";
import { gp3Saving, snapshotPerMonth, volumePerMonth } from "../ec2/prices.ts";
import { stoppedAt } from "../ec2/stopped-at.ts";
import { type Check, type CheckContext, dayOf, daysBetween, found } from "./finding.ts";

export const storageChecks = {
  unattached_volumes: {
    title: "Volumes attached to nothing",
    advice: "Take a snapshot if the data may be needed, then delete the volume.",
    find: async ({ volumes }) =>
      (await volumes())
        .filter(({ State }) => State === "available")
        .map((volume) =>
          found(volume.VolumeId, {
            tags: volume.Tags,
            reason: `${volume.Size} GiB ${volume.VolumeType}, created ${dayOf(volume.CreateTime)}`,
            saving: volumePerMonth(volume),
          }),
        ),
  },
  volumes_of_stopped_instances: {
    title: "Volumes of stopped instances",
    advice:
      "They cost the same as those of running ones: snapshot and delete them, or start the instance.",
    find: async ({ volumes, instances }) => {
      const stopped = new Map(
        (await instances())
          .filter(({ State }) => State?.Name === "stopped")
          .map((instance) => [instance.InstanceId, instance]),
      );
      return (await volumes()).flatMap((volume) => {
        const users = (volume.Attachments ?? []).map(({ InstanceId }) => stopped.get(InstanceId));
        const [instance] = users;
        if (instance === undefined || users.includes(undefined)) return [];
        const since = stoppedAt(instance);
        return [
          found(volume.VolumeId, {
            tags: volume.Tags,
            reason: `${volume.Size} GiB ${volume.VolumeType} of ${instance.InstanceId}, stopped ${since === undefined ? "at an unknown time" : `since ${dayOf(since)}`}`,
            saving: volumePerMonth(volume),
          }),
        ];
      });
    },
  },
  snapshots: {
    title: "Old snapshots, and those whose volume is gone",
    advice: "Delete what no backup plan needs. AWS refuses to delete one that an image uses.",
    isAtMost: true,
    find: async ({ snapshots, volumes }, context) => {
      const all = await snapshots();
      if (all.length === 0) return [];
      const there = await idsOfVolumes(volumes, context);
      return all.flatMap((snapshot) => {
        const reasons = reasonsFor(snapshot, there, context);
        if (reasons.length === 0) return [];
        const image = imageOf(snapshot);
        const size = snapshot.VolumeSize ?? 0;
        return [
          found(snapshot.SnapshotId, {
            tags: snapshot.Tags,
            reason: [
              `${size} GiB`,
              ...reasons,
              ...(image === undefined ? [] : [`made for the image ${image}, which may be in use`]),
            ].join(", "),
            saving: image === undefined ? snapshotPerMonth(size, snapshot.StorageTier) : undefined,
          }),
        ];
      });
    },
  },
  gp2_volumes: {
    title: "gp2 volumes that cost less as gp3",
    advice: "The type can be changed while the volume is in use.",
    find: async ({ volumes }) =>
      (await volumes())
        .filter(({ VolumeType }) => VolumeType === "gp2")
        .map((volume) =>
          found(volume.VolumeId, {
            tags: volume.Tags,
            // Above this size, gp2 lets through more than gp3 does without being paid for it.
            reason: `${volume.Size} GiB, ${volume.Iops} IOPS${(volume.Size ?? 0) > 170 ? "; gp2 of this size may have up to 250 MiB/s, gp3 has 125 unless more is paid for" : ""}`,
            saving: gp3Saving(volume),
          }),
        ),
  },
} satisfies Readonly<Record<string, Check>>;

/** Undefined if they could not be had: then nothing is known about what is gone. */
async function idsOfVolumes(
  volumes: () => Promise<readonly { readonly VolumeId?: string | undefined }[]>,
  context: CheckContext,
): Promise<ReadonlySet<string | undefined> | undefined> {
  try {
    return new Set((await volumes()).map(({ VolumeId }) => VolumeId));
  } catch (error) {
    if (!isToolError(error)) throw error;
    context.warn("Whether the volumes of snapshots still exist is unknown.");
    return undefined;
  }
}

/** What AWS says of a snapshot that was copied: it is of no volume. */
const noVolume = "vol-ffffffff";

function reasonsFor(
  { StartTime, VolumeId = noVolume }: Snapshot,
  there: ReadonlySet<string | undefined> | undefined,
  { now, snapshotDays }: CheckContext,
): string[] {
  const age = StartTime === undefined ? undefined : daysBetween(StartTime, now);
  const isGone = there !== undefined && VolumeId !== noVolume && !there.has(VolumeId);
  return [
    ...(age !== undefined && age > snapshotDays ? [`${age} days old`] : []),
    ...(isGone ? [`its volume ${VolumeId} is gone`] : []),
  ];
}

function imageOf({ Description = "" }: Snapshot): string | undefined {
  return /^(?:Created by CreateImage\(.*\) for|Copied for DestinationAmi) (ami-[0-9a-f]{8,17})\b/.exec(
    Description,
  )?.[1];
}
