// A process that counts in storage beside others: `count.ts <place> <namespace> <name> <times>`.
import { openPlace } from "./open-place.ts";

const [place = "", namespace = "", name = "", times = ""] = process.argv.slice(2);
const storage = openPlace(place);
for (let done = 0; done < Number(times);) {
  const { value, version } = (await storage.get(namespace, "n")) ?? { value: 0, version: 0 };
  const put = await storage.put(namespace, "n", Number(value) + 1, { ifVersion: version });
  if (put === undefined) continue;
  done += 1;
  await storage.put(namespace, `${name} ${done}`, done);
}
await storage.close();
