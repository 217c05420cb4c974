import { faulty } from "./_parts.mjs";

export default faulty(
  "slow-to-unload",
  {},
  {
    onPluginUnload: () => {
      for (;;);
    },
  },
);
