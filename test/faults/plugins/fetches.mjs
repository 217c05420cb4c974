import { request } from "node:http";
import { faulty, tool } from "./_parts.mjs";

async function get(url, signal) {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (response.ok) return text;
  const { status, headers } = response;
  throw Object.assign(new Error(`upstream said ${status}`), { status, headers });
}

const twice = { config: { retryCount: 2 } };

export default faulty("fetches", {
  get: tool(({ url }, { signal }) => get(url, signal), twice),
  get_unknown_host: tool(async ({ url }, { signal }) => {
    await get(url, signal);
    await new Promise((_, reject) => {
      const lookup = (name, _options, done) => {
        done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }));
      };
      request("http://nowhere.invalid/", { lookup }).on("error", reject).end();
    });
  }, twice),
  get_in_layers: tool(({ url }, { retry }) => retry((signal) => get(url, signal)), twice),
  get_in_time: tool(({ url }, { signal }) => get(url, signal), {
    config: { timeout: 0.6, retryCount: 3, policy: { deadline: 1.5 } },
  }),
  get_carefully: tool(({ url }, { signal }) => get(url, signal), {
    config: { retryCount: 2, policy: { breaker: { failures: 5, open: 2 } } },
  }),
  send_and_end: tool(
    async ({ url }) => {
      await get(url);
      process.exit(1);
    },
    { ...twice, annotations: { readOnlyHint: false } },
  ),
  send_and_hang: tool(
    async ({ url }) => {
      await get(url);
      await new Promise(() => setTimeout(() => undefined, 60_000));
    },
    { config: { retryCount: 2, timeout: 1 }, annotations: { readOnlyHint: false } },
  ),
});
