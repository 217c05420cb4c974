import type { InstanceStatus } from "@aws-sdk/client-ec2";
import { overRegions } from "../ec2/over-regions.ts";
import { visible } from "../answer/untrusted.ts";
import type { InstanceItem, OkInstances } from "./output.ts";
import { isNamed } from "./query.ts";
import { given, type HealthSource, isoTime } from "./source.ts";

/** What EC2's own checks say of the instances that run: the system's is AWS's side, the instance's is the owner's. */
export async function instancesSection({
  checker,
  query,
  regions,
  scope,
}: HealthSource): Promise<OkInstances> {
  const { found, failures } = await overRegions(regions, (region) =>
    checker.instanceStatuses(region, scope),
  );
  const all = [...found].flatMap(([region, { value }]) =>
    value.map((status) => ({ region, status })),
  );
  const ids = query.resources.filter((one) => /(^|\/)i-[0-9a-f]+$/.test(one));
  const asked =
    ids.length === 0 ? all : all.filter(({ status }) => isNamed(status.InstanceId ?? "", ids));
  const items = asked.map(({ region, status }) => toItem(status, region));
  const missing = ids.filter(
    (id) => !asked.some(({ status }) => isNamed(status.InstanceId ?? "", [id])),
  );
  const warnings = [
    ...(missing.length > 0
      ? [
          `${missing.join(", ")}: no running instance with this id in ${[...found.keys()].join(", ")}.`,
        ]
      : []),
    ...[...found].flatMap(([region, { truncated }]) =>
      truncated ? [`${region}: AWS had more instances than are read.`] : [],
    ),
  ];
  return {
    status: "ok",
    ...(warnings.length > 0 && { warnings }),
    checked: items.length,
    failing: items.filter(({ whose, scheduled }) => whose !== "" || scheduled !== undefined),
    undecided: items.filter(isUndecided).map(({ id }) => id),
    ...(failures.length > 0 && { failures: [...failures] }),
  };
}

function toItem(status: InstanceStatus, region: string): InstanceItem {
  const { SystemStatus, InstanceStatus: own, AttachedEbsStatus: ebs } = status;
  const checks = [SystemStatus, own, ebs];
  const since = checks
    .flatMap((check) => check?.Details ?? [])
    .flatMap(({ ImpairedSince }) => (ImpairedSince === undefined ? [] : [new Date(ImpairedSince)]))
    .toSorted((left, right) => left.getTime() - right.getTime())[0];
  // AWS leaves events that are over in the list for a while.
  const scheduled = (status.Events ?? [])
    .filter(({ Description = "" }) => !/^\[(Completed|Canceled)\]/i.test(Description))
    .map(({ Code = "", NotBefore }) => [Code, isoTime(NotBefore)].filter(Boolean).join(" from "));
  return {
    id: visible(status.InstanceId ?? ""),
    region,
    ...given("zone", status.AvailabilityZone),
    systemCheck: SystemStatus?.Status ?? "unknown",
    instanceCheck: own?.Status ?? "unknown",
    ...given("ebsCheck", ebs?.Status),
    ...given("since", isoTime(since)),
    whose: whoseFault(status),
    ...(scheduled.length > 0 && { scheduled }),
  };
}

/** Empty if no check fails. A host or a volume that fails takes the instance's own check with it. */
function whoseFault({
  SystemStatus,
  InstanceStatus: own,
  AttachedEbsStatus: ebs,
}: InstanceStatus): string {
  if (SystemStatus?.Status === "impaired" || ebs?.Status === "impaired") return "AWS's";
  return own?.Status === "impaired" ? "yours" : "";
}

function isUndecided({ systemCheck, instanceCheck, whose }: InstanceItem): boolean {
  const open = new Set(["insufficient-data", "initializing", "unknown"]);
  return whose === "" && (open.has(systemCheck) || open.has(instanceCheck));
}
