import { startDemoAccount, type DemoAccount } from "./account.ts";
import { readEnvironment } from "./environment.ts";

/** The first line on stdout: what the plugin's configuration needs to reach this account. */
interface Announcement {
  readonly config: {
    readonly awsAccessKey: string;
    readonly awsSecretKey: string;
    readonly awsRegion: string;
    readonly endpoint: string;
    /** ISO time; only when the clock is fixed. */
    readonly now?: string;
  };
  readonly notice: string;
}

function announce(account: DemoAccount, fixedNow: Date | undefined): void {
  const announcement: Announcement = {
    config: {
      awsAccessKey: account.accessKeyId,
      awsSecretKey: account.secretAccessKey,
      awsRegion: account.region,
      endpoint: account.endpoint,
      ...(fixedNow === undefined ? {} : { now: fixedNow.toISOString() }),
    },
    notice: "DEMO DATA",
  };
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
}

/** Runs until stdin ends or a signal comes, so the parent has to hold stdin open as a pipe. */
async function main(): Promise<void> {
  const { options, fixedNow } = readEnvironment(process.env);
  const account = await startDemoAccount(options);
  const stop = (): void => {
    void account.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  // Ctrl+C in a terminal reaches the parent too, which has calls to answer first; it ends our stdin when it is done.
  process.on("SIGINT", () => undefined);
  // The parent holds the other end of stdin; when it is gone, however it went, so are we.
  process.stdin.once("end", stop).once("close", stop).once("error", stop).resume();
  process.stdout.on("error", stop);
  announce(account, fixedNow);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`demo account: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
