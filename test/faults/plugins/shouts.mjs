import { faulty, sleep, tool } from "./_parts.mjs";

const LONG = "x".repeat(200_000);

export default faulty("shouts", {
  shout: tool(async (_, { logToClient, signal, log }) => {
    for (let count = 0; count < 90 && !signal.aborted; count++) {
      logToClient("error", LONG);
      await sleep(5);
    }
    log.info("has shouted");
    return "shouted";
  }),
});
