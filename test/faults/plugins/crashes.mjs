import { faulty, tool } from "./_parts.mjs";

export default faulty("crashes", { crash: tool(() => process.exit(3)) });
