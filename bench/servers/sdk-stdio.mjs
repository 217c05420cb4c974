import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { sdkServerFactory } from "./sdk-tools.mjs";

serveStdio(sdkServerFactory(Number(process.argv[2])));
