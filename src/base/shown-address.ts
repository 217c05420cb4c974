/** Where a server is, for logs and lists: without its path and query, which may be all the secret there is. */
export function shownAddress({ origin, pathname }: URL): string {
  return pathname === "/" ? origin : `${origin}/…`;
}
