import { z } from "zod";
import { list } from "../answer/lenient.ts";
import { region } from "../config/connection.ts";

/** The argument `regions` of the tools that look into several. */
export const askedRegionNames = list(
  z.union([z.literal("all"), region]),
  'Where to look: ["eu-west-1", "us-east-1"], or ["all"] for every region that the account has enabled. Default: the configured regions.',
  ",",
);
