import { faulty } from "./_parts.mjs";

export default faulty("slow-to-load", {}, { onPluginLoad: () => new Promise(() => undefined) });
