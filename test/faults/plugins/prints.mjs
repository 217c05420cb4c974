import { spawnSync } from "node:child_process";
import { writeFileSync, writeSync } from "node:fs";
import { faulty, sleep, tool } from "./_parts.mjs";

console.log("printed: at import");

export default faulty("prints", {
  print: tool(async () => {
    console.log("printed: console.log");
    process.stdout.write("printed: stdout.write\n");
    writeSync(1, "printed: writeSync\n");
    writeSync(1, '{"jsonrpc":"2.0","id":1,"result":{}}\n');
    spawnSync("sh", ["-c", "echo printed: grandchild"], { stdio: "inherit" });
    await sleep(50);
    return "printed";
  }),
  print_past_host: tool(() => {
    writeFileSync(`/proc/${process.ppid}/fd/1`, "printed: past the host\n");
    return "printed";
  }),
});
