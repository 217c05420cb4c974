/** An error as AWS answers it: a code, a text and an HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }
}

export const validation = (message: string): AwsError =>
  new AwsError("ValidationException", message);
