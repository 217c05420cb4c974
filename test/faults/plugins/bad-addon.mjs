import { createRequire } from "node:module";
import { faulty } from "./_parts.mjs";

createRequire(import.meta.url)("./_addon.node");

export default faulty("bad-addon", {});
