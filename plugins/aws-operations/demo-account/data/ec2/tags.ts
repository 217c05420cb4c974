import type { Tag } from "@aws-sdk/client-ec2";

/** Tags in the order given; those without a value are left out. */
export const tagsOf = (values: Readonly<Record<string, string | undefined>>): Tag[] =>
  Object.entries(values).flatMap(([Key, Value]) => (Value === undefined ? [] : [{ Key, Value }]));
