const BASE = "0a1b2c3d4e5f";

/** The digit that tells the kinds of resources apart, so that no two have the same digits. */
const KINDS = {
  i: "6",
  vol: "7",
  snap: "8",
  nat: "9",
  vpc: "a",
  subnet: "b",
  rtb: "c",
  igw: "d",
  sg: "e",
  eni: "f",
  eipalloc: "0",
  eipassoc: "1",
  ami: "2",
  r: "3",
  rtbassoc: "4",
  "eni-attach": "5",
} as const;

export type IdKind = keyof typeof KINDS;

/** `("i", 1)` → `i-0a1b2c3d4e5f60001` */
export const idOf = (kind: IdKind, number: number): string =>
  `${kind}-${BASE}${KINDS[kind]}${number.toString().padStart(4, "0")}`;
