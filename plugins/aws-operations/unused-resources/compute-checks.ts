import { addressPerMonth, natGatewayPerMonth, successorOf } from "../ec2/prices.ts";
import { stoppedAt } from "../ec2/stopped-at.ts";
import { visible } from "../answer/untrusted.ts";
import { type Check, dayOf, daysBetween, found } from "./finding.ts";

export const computeChecks = {
  stopped_instances: {
    title: "Instances stopped for long",
    advice:
      "A stopped instance costs its volumes and addresses: keep an image of it, and terminate it.",
    find: async ({ instances }, { now, stoppedDays, warn }) => {
      const stopped = (await instances()).filter(({ State }) => State?.Name === "stopped");
      const silent = stopped.filter((instance) => stoppedAt(instance) === undefined);
      if (silent.length > 0) {
        const ids = silent.map(({ InstanceId }) => InstanceId).join(", ");
        warn(`Since when these are stopped is unknown: ${ids}.`);
      }
      return stopped.flatMap((instance) => {
        const since = stoppedAt(instance);
        const days = since === undefined ? 0 : daysBetween(since, now);
        return days > stoppedDays
          ? [
              found(instance.InstanceId, {
                tags: instance.Tags,
                reason: `${instance.InstanceType}, stopped for ${days} days, since ${dayOf(since)}; what it costs is in its volumes`,
              }),
            ]
          : [];
      });
    },
  },
  previous_generation: {
    title: "Instances of previous generations",
    advice: "Stop the instance, change its type, start it: check first that the image runs there.",
    find: async ({ instances }) =>
      (await instances()).flatMap((instance) => {
        const state = instance.State?.Name;
        const successor = successorOf(instance.InstanceType ?? "");
        if (successor === undefined || state === "terminated") return [];
        const isRunning = state === "running";
        return [
          found(instance.InstanceId, {
            tags: instance.Tags,
            reason: `${instance.InstanceType}, ${state}; ${successor.type} takes its place${isRunning ? "" : ", which saves something only while it runs"}`,
            saving: isRunning ? successor.perMonth : undefined,
          }),
        ];
      }),
  },
  unassociated_addresses: {
    title: "Elastic IP addresses that nothing uses",
    advice: "Release the address. It cannot be had again for certain.",
    find: async ({ addresses }) =>
      (await addresses())
        .filter(({ AssociationId, InstanceId }) => AssociationId === undefined && !InstanceId)
        .map((address) =>
          found(address.AllocationId ?? address.PublicIp, {
            tags: address.Tags,
            reason: `${address.PublicIp} is associated with nothing`,
            saving: addressPerMonth,
          }),
        ),
  },
  nat_gateways: {
    title: "NAT gateways that no route leads to",
    advice: "Delete the gateway, and release its address.",
    find: async ({ natGateways, routeTables }) => {
      const open = (await natGateways()).filter(({ State }) => State === "available");
      if (open.length === 0) return [];
      const used = new Set(
        (await routeTables()).flatMap(({ Routes = [] }) =>
          Routes.map(({ NatGatewayId }) => NatGatewayId),
        ),
      );
      return open
        .filter(({ NatGatewayId }) => !used.has(NatGatewayId))
        .map((gateway) =>
          found(gateway.NatGatewayId, {
            tags: gateway.Tags,
            reason: `no route table of ${gateway.VpcId} names it`,
            saving: natGatewayPerMonth,
          }),
        );
    },
  },
  security_groups: {
    title: "Security groups that nothing uses",
    advice:
      "Free, but one thing less to review: delete what no template or launch configuration names.",
    find: async ({ securityGroups, networkInterfaces }) => {
      const groups = await securityGroups();
      const named = groups.flatMap(({ GroupId, IpPermissions = [], IpPermissionsEgress = [] }) =>
        [...IpPermissions, ...IpPermissionsEgress]
          .flatMap(({ UserIdGroupPairs = [] }) => UserIdGroupPairs)
          .map((pair) => pair.GroupId)
          .filter((id) => id !== GroupId),
      );
      const worn = (await networkInterfaces()).flatMap(({ Groups = [] }) =>
        Groups.map(({ GroupId }) => GroupId),
      );
      const used = new Set([...named, ...worn]);
      return groups
        .filter(({ GroupId, GroupName }) => GroupName !== "default" && !used.has(GroupId))
        .map((group) =>
          found(group.GroupId, {
            tags: group.Tags,
            name: visible(group.GroupName ?? ""),
            reason: `no network interface has it, and no other group of ${group.VpcId} names it`,
          }),
        );
    },
  },
} satisfies Readonly<Record<string, Check>>;
