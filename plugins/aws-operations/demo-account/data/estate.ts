import { analyzersIn, type Analyzer } from "./access-analyzer/analyzers.ts";
import { dayOf } from "./days.ts";
import { EMPTY_REGION, resourcesIn, type RegionResources } from "./ec2/resources.ts";
import { identitiesOf, rootAlone, type Identities } from "./iam/identities.ts";
import { NEW_ACCOUNT_AGE_DAYS, type Variant } from "./ledger.ts";
import { remember } from "./remember.ts";
import { Timeline } from "./timeline.ts";

/** What the account has, besides its bill. It stays as it is from the account's start on. */
export class Estate {
  readonly #isEmpty: boolean;
  readonly #timeline: Timeline;
  #iam: Identities | undefined;
  readonly #ec2 = new Map<string, RegionResources>();
  readonly #analyzers = new Map<string, readonly Analyzer[]>();

  constructor(variant: Variant, startedAt: Date) {
    this.#isEmpty = variant === "empty";
    this.#timeline = new Timeline(
      dayOf(startedAt),
      variant === "new" ? NEW_ACCOUNT_AGE_DAYS : Infinity,
    );
  }

  get iam(): Identities {
    this.#iam ??= this.#isEmpty ? rootAlone(this.#timeline) : identitiesOf(this.#timeline);
    return this.#iam;
  }

  ec2(region: string): RegionResources {
    return remember(this.#ec2, region, () =>
      this.#isEmpty ? EMPTY_REGION : resourcesIn(region, this.#timeline),
    );
  }

  analyzers(region: string): readonly Analyzer[] {
    return remember(this.#analyzers, region, () =>
      this.#isEmpty ? [] : analyzersIn(region, this.#timeline),
    );
  }
}
