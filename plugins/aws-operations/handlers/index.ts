export { AWSBillingHandler } from "./billing-handler.ts";
export type { BillingHandlerOptions } from "./billing-handler.ts";
