// Random cron lines, given to us (`taktctl calendar --batch`) and to croner, a scheduler in JavaScript: the same instants,
// also where a zone's offset changes. In the environment, TAKT_SEED repeats a run (it is printed with every difference)
// and TAKT_CASES says how many lines there are.
//
// usage: node differential.mjs TAKTCTL FOLDER_OF_NODE_MODULES
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";

import { Random, line, nightly, refusedByCroner } from "./lines.mjs";
import { changeAfter, wallClock, zones } from "./zones.mjs";

const [taktctl, folder] = process.argv.slice(2);
const { Cron } = createRequire(path.resolve(folder, "package.json"))("croner");
const instants = 6;
const day = 86_400_000;

// A line's fields, seconds first.
function fieldsOf(text) {
  const fields = text.split(" ");
  return fields.length === 6 ? fields : ["0", ...fields];
}

const beginsWithStar = (field) => /^\+?[*?]/.test(field);

// Our rule: a schedule whose hour or minute begins with `*` follows the wall clock, any other runs exactly once.
function followsClock(text) {
  const [, minute, hour] = fieldsOf(text);
  return beginsWithStar(minute) || beginsWithStar(hour);
}

// "1-9/4,30" as "1,5,9,30".
function spelledOut(field, high) {
  return field
    .split(",")
    .flatMap((element) => {
      const [range, step] = element.split("/");
      const [from, to] = range === "*" ? [0, high] : range.split("-").map(Number);
      const values = [];
      for (let value = from; value <= (to ?? from); value += Number(step ?? 1)) values.push(value);
      return values;
    })
    .join(",");
}

// The line for croner, with its rules set as ours. Its fixedTimeRule "no-wildcard" takes a line for one that follows the
// clock for a `*` or a step in any place, and for one in the seconds, so what runs exactly once is spelled out. And only a
// bare `*` is no restriction of the days to it (it finds one in "L,*" too); to us every field is that begins with one, as
// to Vixie cron.
function inCroner(text, zone) {
  const fields = fieldsOf(text);
  const times = fields.slice(0, 3);
  const once = followsClock(text) ? times : times.map((field, i) => spelledOut(field, i === 2 ? 23 : 59));
  const days = beginsWithStar(fields[3]) ? fields[3] : fields[3].replace(/,\*(?=,|$)/g, ",1-31");
  return new Cron([...once, days, ...fields.slice(4)].join(" "), {
    timezone: zone,
    mode: "6-part",
    fixedTimeRule: "no-wildcard",
    domAndDow: beginsWithStar(fields[3]) || beginsWithStar(fields[5]),
  });
}

// Croner moves an instant out of a gap only within its day: what a gap holds that ends with the day, it leaves out. We do
// not. Is this the end of such a gap, with something of the line in it?
function isLeftOut(text, zone, at) {
  const gapBegin = wallClock(zone, at - 1000) + 1000;
  const gapEnd = wallClock(zone, at);
  const sameDay = Math.floor((gapEnd - 1000) / day) === Math.floor(gapEnd / day);
  if (followsClock(text) || gapEnd <= gapBegin || sameDay) return false;
  // In UTC an instant's name is its wall-clock time.
  const missed = inCroner(text, "UTC").nextRun(new Date(gapBegin - 1000));
  return missed !== null && missed.getTime() < gapEnd;
}

// What differs, in words; nothing when all is the same.
function difference({ text, zone, base }, answer) {
  const cron = inCroner(text, zone);
  const ours = Array.isArray(answer) ? answer.map((us) => us / 1000) : [];
  if (!Array.isArray(answer) && !answer.error.startsWith("never fires")) return `we say: ${answer.error}`;
  let last = base;
  for (let i = 0; i < instants; ++i) {
    const next = cron.nextRun(new Date(last));
    const theirs = next === null || next.getUTCFullYear() > 2199 ? undefined : next.getTime();
    if (ours[i] !== theirs && !(ours[i] !== undefined && isLeftOut(text, zone, ours[i])))
      return [ours[i], theirs].map((at) => (at === undefined ? "never" : new Date(at).toISOString())).join(" ours, theirs ");
    if (ours[i] === undefined) break;
    last = ours[i];
  }
  return undefined;
}

// As often as not it begins some hours before the offset changes.
function someCase(random) {
  const zone = random.pick(Object.keys(zones));
  const [from, to] = zones[zone];
  const start = Date.UTC(from + random.upto(to - from), random.upto(11), 1 + random.upto(27)) + random.upto(86_399) * 1000;
  const change = random.oneIn(3) ? null : changeAfter(zone, start);
  if (change === null) return { text: line(random), zone, base: start };
  const hours = random.pick([1, 6, 36]);
  return { text: random.oneIn(4) ? line(random) : nightly(random), zone, base: change - random.upto(hours * 3600) * 1000 };
}

const seed = process.env.TAKT_SEED ?? Math.floor(Math.random() * 2 ** 32);
const random = new Random(seed);
console.log(`TAKT_SEED=${seed}`);
const cases = Array.from({ length: Number(process.env.TAKT_CASES ?? 2000) }, () => someCase(random));
const questions = cases.map(({ text, zone, base }) =>
  JSON.stringify({ kind: "cron", expr: text, tz: zone, base_us: base * 1000, n: instants }),
);
const ours = spawnSync(taktctl, ["calendar", "--batch"], {
  input: questions.join("\n") + "\n", encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["pipe", "pipe", "inherit"],
});
const answers = ours.stdout.trim().split("\n").map((answer) => JSON.parse(answer));
if (ours.status !== 0 || answers.length !== cases.length)
  throw new Error(`taktctl calendar --batch: status ${ours.status}, ${answers.length} answers to ${cases.length} questions`);

let differences = 0;
cases.forEach((asked, i) => {
  const told = difference(asked, answers[i]);
  if (told === undefined) return;
  differences += 1;
  const base = new Date(asked.base).toISOString();
  console.error(`"${asked.text}" in ${asked.zone} after ${base}: ${told} (TAKT_SEED=${seed})`);
});
for (const text of refusedByCroner) {
  let refused = false;
  try {
    inCroner(text, "UTC");
  } catch {
    refused = true;
  }
  if (refused) continue;
  differences += 1;
  console.error(`croner knows "${text}" by now: it can be compared`);
}
console.log(`${cases.length} lines, ${differences} differences`);
process.exit(differences === 0 ? 0 : 1);
