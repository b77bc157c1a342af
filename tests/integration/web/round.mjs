// The round by HTTP alone, in JavaScript without packages: `node round.mjs URL`. Prints one JSON object.
//
// It follows the reader's events meanwhile, hangs up in the middle and goes on with Last-Event-ID.

const base = process.argv[2].replace(/\/$/, "");
const CODE = "1234";

class Refused extends Error {}

async function ask(method, path, body) {
  const headers = { "Accept-Language": "en" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(`${base}/v1${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Refused(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

// The event stream of a reader, as the HTML standard (9.2) has it: an async iterator of {id, event, data}.
async function* events(reader, lastId, hangUp) {
  const answer = await fetch(`${base}/v1/readers/${reader}/events`, {
    headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) },
    signal: hangUp.signal,
  });
  if (!answer.ok) throw new Refused(`events: ${answer.status}`);
  if (!answer.headers.get("content-type").startsWith("text/event-stream")) throw new Error("no event stream");
  let buffered = "";
  let event = { id: lastId, event: "message", data: [] };
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) {
    buffered += decoder.decode(chunk, { stream: true });
    const lines = buffered.split(/\r\n|\n|\r/);
    buffered = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (event.data.length) yield { ...event, data: JSON.parse(event.data.join("\n")) };
        event = { id: event.id, event: "message", data: [] };
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "data") event.data.push(value);
      else if (field === "event" || field === "id") event[field] = value;
    }
  }
}

// Follows events until hung up; keeps all, and the last id.
class Follower {
  constructor(reader) {
    this.reader = reader;
    this.seen = [];
    this.lastId = undefined;
    this.waiting = [];
  }

  start() {
    this.hangUp = new AbortController();
    this.running = this.follow().catch((error) => {
      if (!this.hangUp.signal.aborted) throw error;
    });
  }

  async follow() {
    for await (const each of events(this.reader, this.lastId, this.hangUp)) {
      this.seen.push(each);
      this.lastId = each.id;
      this.waiting = this.waiting.filter(({ wanted, resolve }) => !(wanted(each) && (resolve(each), true)));
    }
  }

  until(wanted) {
    const met = this.seen.find(wanted);
    return met ? Promise.resolve(met) : new Promise((resolve) => this.waiting.push({ wanted, resolve }));
  }

  async stop() {
    this.hangUp.abort();
    await this.running;
  }
}

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

const [reader] = (await ask("GET", "/readers")).readers.map((each) => each.name);
const at = `/readers/${reader}`;
const press = (...keys) => ask("POST", `${at}/keys`, { keys });
const insert = (slot, card) => ask("PUT", `${at}/slots/${slot}`, { card });
const remove = (slot) => ask("DELETE", `${at}/slots/${slot}`);
const cable = (plugged) => ask("PUT", `${at}/cable`, { plugged });
const waitFor = (text) => ask("POST", `${at}/wait`, { text, timeout: 60_000 });

const tray = (await ask("GET", `${at}/cards`)).cards;
const card = (lastName) => {
  const found = tray.find((each) => each.holder.includes(lastName));
  check(found, `a card of ${lastName} among ${tray.map((each) => each.holder)}`);
  return found.name;
};

const follower = new Follower(reader);
follower.start();

await cable(true);
const loaded = await ask("POST", "/surgery/load", { reader });

await cable(false);
await insert("ps", card("PIQURE2969"));
const signed = [];
for (const [patient, count] of [["MARTIN", 5], ["DESMAUX", 4]]) {
  await insert("vitale", card(patient));
  await press("VAL");
  const screen = await press(CODE, "VAL");
  check(screen.lines.join(" ").includes(`${count} FACTURES SIGNEES`), screen.lines.join("|"));
  signed.push(count);
  await press("VAL");
  await remove("vitale");
}

// The stream breaks off here, as it does when a laptop sleeps, and goes on where it was.
const { revision } = await ask("GET", `${at}/screen`);
await follower.until((each) => each.event === "screen" && each.data.revision === revision);
await follower.stop();
const broken = follower.lastId;
await cable(true);

follower.start();
const bringBack = ask("POST", "/surgery/unload", { reader, code_at_reader: true });
await waitFor("CODE PORTEUR");
await press(CODE, "VAL");
const broughtBack = await bringBack;

const finals = [];
for (const owner of ["TOUBIB", "MASSEUR3107"]) {
  await remove("ps");
  await insert("ps", card(owner));
  finals.push(await ask("POST", "/surgery/sign", { reader, code: CODE }));
}
const transmitted = await ask("POST", "/surgery/transmit", {});

const last = await ask("GET", `${at}/screen`);
await follower.until((each) => each.event === "screen" && each.data.revision === last.revision);
await follower.stop();

const ids = follower.seen.map((each) => each.id);
const revisions = follower.seen.filter((each) => each.event === "screen").map((each) => each.data.revision);
console.log(
  JSON.stringify({ loaded, signed, broughtBack, finals, transmitted, broken, ids, revisions,
    kinds: [...new Set(follower.seen.map((each) => each.event))] }),
);
