import { AwsError } from "../../protocol/errors.ts";

export const invalidValue = (message: string): AwsError =>
  new AwsError("InvalidParameterValueException", message);

export const invalidCombination = (message: string): AwsError =>
  new AwsError("InvalidParameterCombinationException", message);
