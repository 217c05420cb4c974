import { randomUUID } from "node:crypto";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function html(status: number, title: string): Answer {
  const body =
    `<html>\r\n<head><title>${status} ${title}</title></head>\r\n` +
    `<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: "text/html", body, requestId: randomUUID() };
}

/** A document that says which request it answers. */
export function xml(status: number, document: (requestId: string) => string): Answer {
  const requestId = randomUUID();
  return { status, contentType: "text/xml;charset=UTF-8", body: document(requestId), requestId };
}
