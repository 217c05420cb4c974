import type { Snapshot, Volume, VolumeType } from "@aws-sdk/client-ec2";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { HOSTILE_NAME } from "../hostile-texts.ts";
import type { Timeline } from "../timeline.ts";
import { idOf } from "./ids.ts";
import { tagsOf } from "./tags.ts";

interface VolumePlan {
  readonly number: number;
  readonly zone: string;
  /** GiB */
  readonly size: number;
  readonly type: VolumeType;
  readonly iops: number;
  readonly createdDaysAgo: number;
  /** Number of the instance it is attached to. */
  readonly instance?: number;
  readonly name?: string;
  readonly team?: string;
  readonly isEncrypted: boolean;
  /** Number of the snapshot it was made from. */
  readonly snapshot?: number;
}

const PLANS: readonly VolumePlan[] = [
  {
    number: 1,
    zone: "us-east-1a",
    size: 200,
    type: "gp3",
    iops: 3000,
    createdDaysAgo: 412,
    instance: 1,
    name: "demo-checkout-web-1",
    team: "checkout",
    isEncrypted: true,
  },
  {
    number: 2,
    zone: "us-east-1b",
    size: 100,
    type: "gp3",
    iops: 3000,
    createdDaysAgo: 120,
    instance: 6,
    name: "demo-search-reindex",
    team: "search",
    isEncrypted: true,
  },
  {
    number: 3,
    zone: "us-east-1a",
    size: 500,
    type: "gp3",
    iops: 6000,
    createdDaysAgo: 260,
    name: "demo-search-index-old",
    team: "search",
    isEncrypted: true,
  },
  {
    number: 4,
    zone: "us-east-1b",
    size: 80,
    type: "gp2",
    iops: 240,
    createdDaysAgo: 610,
    name: HOSTILE_NAME,
    isEncrypted: false,
  },
  {
    number: 5,
    zone: "eu-west-1a",
    size: 150,
    type: "gp3",
    iops: 3000,
    createdDaysAgo: 371,
    instance: 7,
    name: "demo-checkout-eu-1",
    team: "checkout",
    isEncrypted: true,
  },
  {
    number: 6,
    zone: "eu-west-1a",
    size: 60,
    type: "gp3",
    iops: 3000,
    createdDaysAgo: 75,
    instance: 12,
    name: "demo-migration-test",
    team: "platform",
    isEncrypted: true,
  },
  {
    number: 7,
    zone: "eu-west-1b",
    size: 250,
    type: "io1",
    iops: 4000,
    createdDaysAgo: 96,
    name: "demo-reporting-old",
    team: "data",
    isEncrypted: true,
  },
  {
    number: 8,
    zone: "us-west-2a",
    size: 40,
    type: "gp3",
    iops: 3000,
    createdDaysAgo: 260,
    instance: 13,
    isEncrypted: false,
  },
  {
    number: 9,
    zone: "us-west-2b",
    size: 120,
    type: "gp2",
    iops: 360,
    createdDaysAgo: 1400,
    instance: 14,
    isEncrypted: false,
    snapshot: 6,
  },
];

const DEVICE_NAME = "/dev/xvda";

export const volumesIn = (region: string, timeline: Timeline): readonly Volume[] =>
  PLANS.filter(({ zone }) => zone.startsWith(region)).map((plan) => {
    const id = idOf("vol", plan.number);
    const created = timeline.daysAgo(plan.createdDaysAgo, 9.25);
    return {
      VolumeId: id,
      Size: plan.size,
      VolumeType: plan.type,
      Iops: plan.iops,
      ...(plan.type === "gp3" ? { Throughput: 125 } : {}),
      SnapshotId: plan.snapshot === undefined ? "" : idOf("snap", plan.snapshot),
      AvailabilityZone: plan.zone,
      State: plan.instance === undefined ? "available" : "in-use",
      CreateTime: created,
      Encrypted: plan.isEncrypted,
      MultiAttachEnabled: false,
      Attachments:
        plan.instance === undefined
          ? []
          : [
              {
                VolumeId: id,
                InstanceId: idOf("i", plan.instance),
                Device: DEVICE_NAME,
                State: "attached",
                AttachTime: created,
                DeleteOnTermination: true,
              },
            ],
      Tags: tagsOf({ Name: plan.name, Team: plan.team }),
    };
  });

interface SnapshotPlan {
  readonly number: number;
  readonly region: string;
  /** May be that of a volume that exists no more. */
  readonly volumeId: string;
  readonly size: number;
  readonly startedDaysAgo: number;
  readonly description: string;
  readonly isEncrypted: boolean;
}

/** What AWS says of a snapshot that was copied: it is of no volume. */
const NO_VOLUME_ID = "vol-ffffffff";

const SNAPSHOTS: readonly SnapshotPlan[] = [
  {
    number: 1,
    region: "us-east-1",
    volumeId: idOf("vol", 1),
    size: 200,
    startedDaysAgo: 2,
    description: "Created for policy: policy-0a1b2c3d4e5f00001 schedule: Daily",
    isEncrypted: true,
  },
  {
    number: 2,
    region: "us-east-1",
    volumeId: idOf("vol", 1),
    size: 200,
    startedDaysAgo: 208,
    description: "before the upgrade",
    isEncrypted: true,
  },
  {
    number: 3,
    region: "us-east-1",
    volumeId: idOf("vol", 101),
    size: 300,
    startedDaysAgo: 412,
    description: "demo-search index, first version",
    isEncrypted: false,
  },
  {
    number: 4,
    region: "eu-west-1",
    volumeId: idOf("vol", 5),
    size: 150,
    startedDaysAgo: 5,
    description: "Created for policy: policy-0a1b2c3d4e5f00002 schedule: Weekly",
    isEncrypted: true,
  },
  {
    number: 5,
    region: "eu-west-1",
    volumeId: idOf("vol", 102),
    size: 100,
    startedDaysAgo: 96,
    description: "",
    isEncrypted: true,
  },
  {
    // An image is made of it, so that it cannot be deleted.
    number: 6,
    region: "us-west-2",
    volumeId: NO_VOLUME_ID,
    size: 40,
    startedDaysAgo: 1420,
    description: `Copied for DestinationAmi ${idOf("ami", 3)} from SourceAmi ${idOf("ami", 103)} for SourceSnapshot ${idOf("snap", 103)}. Task created on 1,600,000,000,000.`,
    isEncrypted: false,
  },
];

export const snapshotsIn = (region: string, timeline: Timeline): readonly Snapshot[] =>
  SNAPSHOTS.filter((plan) => plan.region === region).map((plan) => ({
    SnapshotId: idOf("snap", plan.number),
    VolumeId: plan.volumeId,
    VolumeSize: plan.size,
    State: "completed",
    Progress: "100%",
    StartTime: timeline.daysAgo(plan.startedDaysAgo, 3.5),
    Description: plan.description,
    Encrypted: plan.isEncrypted,
    OwnerId: DEMO_ACCOUNT_ID,
    StorageTier: "standard",
    Tags: [],
  }));

/** Snapshots that AWS shares with everybody, and lists to everybody who does not name an owner. */
export const publicSnapshotsIn = (region: string, timeline: Timeline): readonly Snapshot[] =>
  [201, 202].map((number) => ({
    SnapshotId: `snap-0${Buffer.from(region).toString("hex").slice(0, 12)}${number.toString().padStart(4, "0")}`,
    VolumeId: NO_VOLUME_ID,
    VolumeSize: 8,
    State: "completed",
    Progress: "100%",
    StartTime: timeline.daysAgo(900 + number, 0),
    Description: "Amazon Linux, shared by AWS",
    Encrypted: false,
    OwnerId: "137112412989",
    OwnerAlias: "amazon",
    StorageTier: "standard",
    Tags: [],
  }));
