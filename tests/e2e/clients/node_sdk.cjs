// Segment's or RudderStack's Node SDK, unchanged but for the host: one call of each kind. Prints the message ids.

const { createRequire } = require("node:module");
const { gunzipSync } = require("node:zlib");

const [vendor, user, moment] = process.argv.slice(2);
const { WAYPOST_URL, WAYPOST_WRITE_KEY, NODE_SDKS, GZIP } = process.env;
const sdk = createRequire(`${NODE_SDKS}/`);
const ids = new Set();
const failures = new Set();

function segment() {
  const { Analytics } = sdk("@segment/analytics-node");
  const client = new Analytics({ writeKey: WAYPOST_WRITE_KEY, host: WAYPOST_URL });
  client.on("error", ({ reason }) => failures.add(String(reason)));
  const sent = (_error, context) => ids.add(context.event.messageId);
  return { client, sent, finish: () => client.closeAndFlush({ timeout: 45_000 }) };
}

function rudderstack() {
  const Analytics = sdk("@rudderstack/rudder-sdk-node");
  const client = new Analytics(WAYPOST_WRITE_KEY, {
    dataPlaneUrl: WAYPOST_URL,
    gzip: GZIP === "yes",
    logLevel: "none",
    retryCount: 10, // three by default, which the Retry-After of an outage uses up in seconds
    errorHandler: (error) => failures.add(String(error)),
  });
  const sent = (_error, body) => {
    const { batch } = Buffer.isBuffer(body) ? JSON.parse(gunzipSync(body)) : body;
    batch.forEach(({ messageId }) => ids.add(messageId));
  };
  return { client, sent, finish: () => client.flush() };
}

async function main() {
  const { client, sent, finish } = { segment, rudderstack }[vendor]();
  const about = { userId: user, timestamp: new Date(moment) };
  client.identify({ ...about, traits: { city: "上海" } }, sent);
  client.track({ ...about, event: "Client Spoke", properties: { total: 12.5 } }, sent);
  client.page({ ...about, category: "Shop", name: "Home" }, sent);
  client.screen({ ...about, category: "Shop", name: "Cart" }, sent);
  client.group({ ...about, groupId: 42, traits: { plan: "pro" } }, sent);
  client.alias({ ...about, previousId: `${user}-before` }, sent);
  await finish();
  process.on("exit", () => {
    console.log(JSON.stringify([...ids]));
    if (failures.size) {
      console.error([...failures].join("; "));
      process.exitCode = 1;
    }
  });
}

main();
