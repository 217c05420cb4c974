import type { ApiActivityOutput } from "../../../plugins/aws-operations/api-activity/output.ts";
import { dayOf } from "../../../plugins/aws-operations/demo-account/data/days.ts";
import { Ledger } from "../../../plugins/aws-operations/demo-account/data/ledger.ts";
import type { TrailEvent } from "../../../plugins/aws-operations/demo-account/data/trail/trail-event.ts";
import { trailEvents } from "../../../plugins/aws-operations/demo-account/data/trail/trail.ts";
import type { DemoAccount } from "../../../plugins/aws-operations/demo-account/index.ts";
import { bodies, callTool, noon, pluginOn } from "./helpers.ts";
import type { RequestOptions } from "./helpers-contract.ts";

export const tool = "aws_api_activity";

export async function activity(
  account: DemoAccount,
  args: Record<string, unknown> = {},
  options: RequestOptions & { readonly plugin?: ReturnType<typeof pluginOn> } = {},
) {
  const { plugin = pluginOn(account), ...rest } = options;
  const answer = await callTool(plugin, tool, args, { retries: 1, ...rest });
  return { ...answer, data: answer.data as unknown as ApiActivityOutput };
}

/** What the demo's people did in the last days, since midnight: the latest first. */
export function deeds(
  days: number,
  isMeant: (event: TrailEvent) => boolean = () => true,
): readonly TrailEvent[] {
  const ledger = new Ledger("default", noon);
  const account = {
    startedAt: noon,
    now: noon,
    spikeStart: ledger.spike?.start,
    rootHasMfa: true,
  };
  const firstDay = dayOf(noon) - days;
  // The last of ninety days begins when it is that long ago.
  const oldest = noon.getTime() - 90 * 86_400_000;
  return trailEvents(account, firstDay).filter(
    (event) => event.time.getTime() >= oldest && isMeant(event),
  );
}

export const changes = ({ isReadOnly = false }: TrailEvent): boolean => !isReadOnly;

export const nameOf = ({ actor }: TrailEvent): string => {
  if (actor.kind === "user") return actor.name;
  if (actor.kind === "role") return actor.session;
  return actor.kind === "root" ? "root" : actor.host;
};

export function lookups(account: DemoAccount) {
  return bodies(account, "LookupEvents") as unknown as readonly {
    readonly LookupAttributes?: readonly { AttributeKey: string; AttributeValue: string }[];
    readonly NextToken?: string;
    readonly StartTime: number;
    readonly EndTime?: number;
  }[];
}

/** The filter that was sent: `Username=ben.ortiz`. */
export function filterOf(account: DemoAccount): string | undefined {
  const [first] = lookups(account)[0]?.LookupAttributes ?? [];
  return first && `${first.AttributeKey}=${first.AttributeValue}`;
}
