import { priceWords } from "../ec2/prices.ts";
import { missing, or, type PlanKind } from "./plan.ts";

const which =
  'which instance: `aws_resource_inventory` with {"types": ["instances"]} lists them with their ids';

const noun = /\b(instances?|servers?|ec2|virtual machines?|vms?)\b|\bi-[0-9a-f]{8}/;

/** A volume of an instance is a volume. */
const storage = /\b(volumes?|ebs|disks?|elastic ips?|eips?|address(es)?)\b|\bvol-[0-9a-f]{8}/;

export const instancePlans: readonly PlanKind[] = [
  {
    name: "resize an instance",
    example: "Resize i-0123456789abcdef0 to m6i.large",
    fits: (request, verb) => verb === "resize" && noun.test(request) && !storage.test(request),
    write: ({ instanceId, instanceType }, { options }) => {
      const id = or(instanceId, "instance-id");
      const type = or(instanceType, "instance-type");
      return {
        title: `Resize ${id} to ${type}`,
        open: missing([instanceId, which], [instanceType, "the new type, such as m6i.large"]),
        before: [
          `aws ec2 describe-instances --instance-ids ${id}${options}`,
          `aws ec2 describe-instance-types --instance-types ${type}${options}`,
        ],
        commands: [
          `aws ec2 stop-instances --instance-ids ${id}${options}`,
          `aws ec2 wait instance-stopped --instance-ids ${id}${options}`,
          `aws ec2 modify-instance-attribute --instance-id ${id} --instance-type Value=${type}${options}`,
          `aws ec2 start-instances --instance-ids ${id}${options}`,
        ],
        after: [
          `aws ec2 wait instance-status-ok --instance-ids ${id}${options}`,
          `aws ec2 describe-instances --instance-ids ${id} --query "Reservations[].Instances[].InstanceType"${options}`,
        ],
        cost: "The new type's hourly price from its start on: within a family each size costs twice the one below. Reservations and Savings Plans for the old type may no longer apply.",
        undo: [
          "The same commands with the type that describe-instances showed before. Write it down first.",
        ],
        risks: [
          "The instance is down from the stop until its status is ok, usually some minutes; in an Auto Scaling group it may be replaced meanwhile.",
          "A public address that is not an Elastic IP changes, and data on instance store volumes are lost.",
          "The architecture (x86_64, arm64) must stay the same, and the image needs drivers for ENA and NVMe on today's types.",
        ],
        permissions: [
          "ec2:DescribeInstances",
          "ec2:DescribeInstanceStatus",
          "ec2:DescribeInstanceTypes",
          "ec2:StopInstances",
          "ec2:ModifyInstanceAttribute",
          "ec2:StartInstances",
        ],
      };
    },
  },
  {
    name: "delete an instance",
    example: "Delete i-0123456789abcdef0",
    fits: (request, verb) => verb === "remove" && noun.test(request) && !storage.test(request),
    write: ({ instanceId }, { options }) => {
      const id = or(instanceId, "instance-id");
      return {
        title: `Delete ${id}`,
        open: [
          ...missing([instanceId, which]),
          "who owns it, and that nobody needs it: its tags and its owner say",
        ],
        before: [
          `aws ec2 describe-instances --instance-ids ${id}${options}`,
          `aws ec2 describe-volumes --filters Name=attachment.instance-id,Values=${id}${options}`,
          `aws ec2 describe-instance-attribute --instance-id ${id} --attribute disableApiTermination${options}`,
        ],
        commands: [
          `aws ec2 create-image --instance-id ${id} --name "before-deleting-${id}"${options}`,
          `aws ec2 wait image-available --image-ids <ami-id from the command before>${options}`,
          `aws ec2 terminate-instances --instance-ids ${id}${options}`,
        ],
        after: [
          `aws ec2 wait instance-terminated --instance-ids ${id}${options}`,
          `aws ec2 describe-volumes --filters Name=status,Values=available${options}`,
        ],
        cost: `Its hourly price ends. Volumes that are not set to go with it, and its Elastic IP, go on costing: delete and release them. The image's snapshots cost at most ${priceWords.snapshot} per GiB and month (us-east-1).`,
        undo: [
          "Terminating cannot be undone. From the image, a new instance with the same disks can be started: aws ec2 run-instances --image-id <ami-id> …; its id and addresses are new.",
        ],
        risks: [
          "create-image restarts the instance, for a consistent copy; data on instance store volumes are not in it.",
          "Volumes with DeleteOnTermination are deleted with it; others stay and cost.",
          "If it belongs to an Auto Scaling group, another one takes its place: change the group instead.",
        ],
        permissions: [
          "ec2:DescribeInstances",
          "ec2:DescribeInstanceAttribute",
          "ec2:DescribeVolumes",
          "ec2:DescribeImages",
          "ec2:CreateImage",
          "ec2:TerminateInstances",
        ],
      };
    },
  },
  {
    name: "create an instance",
    example: "Create a t3.small instance in subnet-0123456789abcdef0",
    fits: (request, verb) => verb === "create" && noun.test(request),
    write: ({ instanceType, imageId, subnetId, securityGroupId, size }, { options }) => {
      const type = or(instanceType, "instance-type");
      const image = or(imageId, "ami-id");
      const disk =
        size === undefined
          ? ""
          : ` --block-device-mappings "DeviceName=/dev/xvda,Ebs={VolumeSize=${size},VolumeType=gp3,Encrypted=true}"`;
      const run = `aws ec2 run-instances --image-id ${image} --instance-type ${type} --subnet-id ${or(subnetId, "subnet-id")} --security-group-ids ${or(securityGroupId, "security-group-id")} --metadata-options HttpTokens=required${disk} --tag-specifications "ResourceType=instance,Tags=[{Key=Name,Value=<name>},{Key=Owner,Value=<owner>}]"`;
      return {
        title: `Create an instance of type ${type}`,
        open: [
          ...missing(
            [instanceType, "the type, such as t3.small"],
            [
              imageId,
              "the image: aws ssm get-parameter --name /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 gives Amazon Linux's newest",
            ],
            [subnetId, 'the subnet: `aws_resource_inventory` with {"types": ["subnets"]}'],
            [
              securityGroupId,
              'the security group: `aws_resource_inventory` with {"types": ["security_groups"]}',
            ],
          ),
          "its name and its owner",
        ],
        before: [`${run} --dry-run${options}`],
        commands: [`${run}${options}`],
        after: [`aws ec2 wait instance-status-ok --instance-ids <new instance-id>${options}`],
        cost: `The type's hourly price while it runs; its disk, ${priceWords.gp3} per GiB and month as gp3; a public IPv4 address, ${priceWords.address} a month (us-east-1).`,
        undo: ["aws ec2 terminate-instances --instance-ids <new instance-id>"],
        risks: [
          "With a public address and an open security group it can be reached by anybody: prefer a private subnet and Session Manager.",
          "--dry-run first: it checks the permissions and creates nothing.",
        ],
        permissions: [
          "ec2:RunInstances",
          "ec2:CreateTags",
          "ec2:DescribeInstanceStatus",
          "iam:PassRole (only with an instance profile)",
          "ssm:GetParameter (only to look the image up)",
        ],
      };
    },
  },
];
