import { priceWords } from "../ec2/prices.ts";
import { missing, or, type PlanKind } from "./plan.ts";

const noun = /\b(volumes?|ebs|disks?)\b|\bvol-[0-9a-f]{8}/;

const which =
  'which volume: `aws_resource_inventory` with {"types": ["volumes"]} lists them with their ids';

export const storagePlans: readonly PlanKind[] = [
  {
    name: "resize a volume, or change its type",
    example: "Resize vol-0123456789abcdef0 to 200 GiB",
    fits: (request, verb) => verb === "resize" && noun.test(request),
    write: ({ volumeId, size, volumeType }, { options }) => {
      const id = or(volumeId, "volume-id");
      const sizing =
        size !== undefined || volumeType === undefined ? ` --size ${or(size, "GiB")}` : "";
      const typing = volumeType === undefined ? "" : ` --volume-type ${volumeType}`;
      const goal = [
        ...(sizing === "" ? [] : [`${or(size, "size")} GiB`]),
        ...(volumeType === undefined ? [] : [volumeType]),
      ].join(", ");
      return {
        title: `Change ${id} to ${goal}`,
        open: missing(
          [volumeId, which],
          [size ?? volumeType, "the new size in GiB, larger than the present one"],
        ),
        before: [`aws ec2 describe-volumes --volume-ids ${id}${options}`],
        commands: [
          `aws ec2 create-snapshot --volume-id ${id} --description "before changing ${id}"${options}`,
          `aws ec2 wait snapshot-completed --snapshot-ids <snapshot-id from the command before>${options}`,
          `aws ec2 modify-volume --volume-id ${id}${sizing}${typing}${options}`,
        ],
        after: [
          `aws ec2 describe-volumes-modifications --volume-ids ${id}${options}`,
          "In the instance, once it says optimizing or completed: lsblk; sudo growpart /dev/<disk> <partition>; then sudo resize2fs /dev/<partition> (ext4) or sudo xfs_growfs <mount point> (XFS)",
        ],
        cost: `Per GiB and month in us-east-1: gp3 ${priceWords.gp3}, gp2 ${priceWords.gp2}, io1 and io2 ${priceWords.io} plus ${priceWords.iops} per IOPS. 100 GiB more of gp3 are ${priceWords.gp3For100GiB} a month. The snapshot costs at most ${priceWords.snapshot} per GiB and month until it is deleted.`,
        undo: [
          "A volume cannot shrink. To go back: create a volume from the snapshot in the same zone, stop the instance, detach the one and attach the other.",
          "A type can be changed back, six hours after the last change at the earliest.",
        ],
        risks: [
          "No downtime, but slower while AWS optimizes, which may take hours.",
          "The file system has to be grown as well; until then the instance sees no more room.",
          "For less room, plan a new, smaller volume and copy the files: this plan does not fit.",
        ],
        permissions: [
          "ec2:DescribeVolumes",
          "ec2:DescribeSnapshots",
          "ec2:CreateSnapshot",
          "ec2:ModifyVolume",
          "ec2:DescribeVolumesModifications",
        ],
      };
    },
  },
  {
    name: "delete a volume",
    example: "Delete vol-0123456789abcdef0",
    fits: (request, verb) => verb === "remove" && noun.test(request),
    write: ({ volumeId }, { options }) => {
      const id = or(volumeId, "volume-id");
      return {
        title: `Delete ${id}`,
        open: [
          ...missing([
            volumeId,
            'which volume: `aws_unused_resources` with {"checks": ["unattached_volumes"]} lists those that nothing uses',
          ]),
          "who owns it, and that nobody needs its data",
        ],
        before: [`aws ec2 describe-volumes --volume-ids ${id}${options}`],
        commands: [
          `aws ec2 create-snapshot --volume-id ${id} --description "before deleting ${id}"${options}`,
          `aws ec2 wait snapshot-completed --snapshot-ids <snapshot-id from the command before>${options}`,
          `aws ec2 delete-volume --volume-id ${id}${options}`,
        ],
        after: [`aws ec2 wait volume-deleted --volume-ids ${id}${options}`],
        cost: `Its price ends (gp3 ${priceWords.gp3} per GiB and month in us-east-1); the snapshot costs at most ${priceWords.snapshot} per GiB and month until it is deleted.`,
        undo: [
          "Deleting cannot be undone. A new volume can be made of the snapshot: aws ec2 create-volume --snapshot-id <snapshot-id> --availability-zone <zone>.",
        ],
        risks: ["It must be attached to nothing (state available); AWS refuses otherwise."],
        permissions: [
          "ec2:DescribeVolumes",
          "ec2:DescribeSnapshots",
          "ec2:CreateSnapshot",
          "ec2:DeleteVolume",
        ],
      };
    },
  },
  {
    name: "release an Elastic IP address",
    example: "Release the unused Elastic IPs",
    fits: (request, verb) =>
      verb === "remove" && /\b(elastic ips?|eips?|address(es)?)\b/.test(request),
    write: (_details, { options }) => ({
      title: "Release an Elastic IP address",
      open: [
        'which address: `aws_unused_resources` with {"checks": ["unassociated_addresses"]} lists those that nothing uses',
        "that no DNS record, firewall or partner names it",
      ],
      before: [`aws ec2 describe-addresses --allocation-ids <allocation-id>${options}`],
      commands: [`aws ec2 release-address --allocation-id <allocation-id>${options}`],
      after: [`aws ec2 describe-addresses${options}`],
      cost: `${priceWords.address} a month less for each (us-east-1).`,
      undo: [
        "Mostly impossible: aws ec2 allocate-address --address <the address> works only while nobody else has got it.",
      ],
      risks: [
        "Whoever gets the address next receives what is still sent to it: clean up DNS first.",
      ],
      permissions: ["ec2:DescribeAddresses", "ec2:ReleaseAddress"],
    }),
  },
];
