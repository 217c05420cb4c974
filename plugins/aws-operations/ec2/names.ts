import type { Tag } from "@aws-sdk/client-ec2";
import { visible } from "../answer/untrusted.ts";

/** Tags as a record. Others have written them: what nobody could see is taken out. */
export function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries(
    (tags ?? []).map(({ Key = "", Value = "" }) => [visible(Key), visible(Value)]),
  );
}

/** What people call it: the tag `Name`, if it has one. */
export function nameOf(tags: readonly Tag[] | undefined): string | undefined {
  const name = visible(tags?.find(({ Key }) => Key === "Name")?.Value ?? "").trim();
  return name === "" ? undefined : name;
}
