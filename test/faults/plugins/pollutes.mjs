import { faulty, tool } from "./_parts.mjs";

export default faulty("pollutes", {
  pollute: tool(() => {
    Object.prototype.polluted = "yes";
    Array.prototype.polluted = "yes";
    return "done";
  }),
  keys: tool((args) => JSON.stringify(Object.keys(args))),
});
