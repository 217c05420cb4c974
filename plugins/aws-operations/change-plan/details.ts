/** What a request names that a command can take. Only values of a known form get this far: a request may hold anything. */
export interface Details {
  readonly instanceId: string | undefined;
  readonly volumeId: string | undefined;
  readonly instanceType: string | undefined;
  readonly imageId: string | undefined;
  readonly subnetId: string | undefined;
  readonly securityGroupId: string | undefined;
  /** GiB */
  readonly size: number | undefined;
  readonly volumeType: string | undefined;
  readonly cidr: string | undefined;
  /** US dollars */
  readonly amount: number | undefined;
  readonly email: string | undefined;
}

export function detailsOf(request: string): Details {
  const first = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(request);
    return match?.[1] ?? match?.[0];
  };
  const size = /\b(\d{1,5})\s*(gi?b|gigabytes?|ti?b)\b/i.exec(request);
  const amount =
    first(/(?:\$|\busd\s*)(\d{1,9}(?:,\d{3})*(?:\.\d{1,2})?)/i) ??
    first(/\b(\d{1,9}(?:\.\d{1,2})?)\s*(?:\$|usd\b|dollars?\b)/i);
  return {
    instanceId: first(/\bi-[0-9a-f]{8,17}\b/),
    volumeId: first(/\bvol-[0-9a-f]{8,17}\b/),
    instanceType: first(
      /\b[a-z]\d[a-z0-9-]{0,8}\.(?:nano|micro|small|medium|large|\d{0,2}xlarge|metal)\b/,
    ),
    imageId: first(/\bami-[0-9a-f]{8,17}\b/),
    subnetId: first(/\bsubnet-[0-9a-f]{8,17}\b/),
    securityGroupId: first(/\bsg-[0-9a-f]{8,17}\b/),
    size: size === null ? undefined : Number(size[1]) * (/^t/i.test(size[2] ?? "") ? 1024 : 1),
    volumeType: first(/\b(?:gp2|gp3|io1|io2|st1|sc1)\b/i)?.toLowerCase(),
    cidr: first(/\b\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}\b/),
    amount: amount === undefined ? undefined : Number(amount.replaceAll(",", "")),
    email: first(/\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b/),
  };
}
