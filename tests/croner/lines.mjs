// Random cron lines that croner accepts too.

// xorshift, so that a seed gives the same lines with every node.
export class Random {
  constructor(seed) {
    this.state = BigInt.asUintN(64, BigInt(seed) ^ 0x9e3779b97f4a7c15n) || 1n;
  }
  upto(most) {
    this.state ^= BigInt.asUintN(64, this.state << 13n);
    this.state ^= this.state >> 7n;
    this.state ^= BigInt.asUintN(64, this.state << 17n);
    return Number(this.state % BigInt(most + 1));
  }
  oneIn(count) {
    return this.upto(count - 1) === 0;
  }
  pick(list) {
    return list[this.upto(list.length - 1)];
  }
}

// What it does not know, and we do; differential.mjs looks whether this is still so.
export const refusedByCroner = ["0 0 L-1 * *", "0 0 1,LW * *"];

function element(random, low, high) {
  const from = low + random.upto(high - low);
  const to = from + random.upto(high - from);
  const step = 1 + random.upto(high - low - 1);
  return random.pick([`${from}`, `${from}-${to}`, `${from}-${to}/${step}`, "*", `*/${step}`]);
}

function list(random, low, high, special = []) {
  const elements = [];
  do elements.push(special.length > 0 && random.oneIn(3) ? random.pick(special) : element(random, low, high));
  while (random.oneIn(2));
  return elements.join(",");
}

// Some of them have a few instants a month, others one a second.
function time(random, low, high) {
  return random.oneIn(2) ? `${low + random.upto(high - low)}` : list(random, low, high);
}

// A line that is due each night, when most offsets change.
export function nightly(random) {
  const hours = random.pick([list(random, 0, 4), list(random, 0, 4), "23", "*", "*/2", time(random, 0, 23)]);
  const text = `${time(random, 0, 59)} ${hours} * * *`;
  return random.oneIn(4) ? `${time(random, 0, 59)} ${text}` : text;
}

export function line(random) {
  const days = random.pick(["*", "?", "LW", list(random, 1, 31), list(random, 1, 31, ["L", "l", "1W", "15w", "31W"])]);
  const names = ["mon", "SUN", "fri-sun", "fri#1", "0#5", "7L", "tue#L", "mon-fri/2"];
  const weekdays = random.pick(["*", "?", list(random, 0, 7), list(random, 0, 7, names)]);
  const months = random.oneIn(2) ? "*" : list(random, 1, 12, ["jan", "FEB", "mar-oct", "oct-dec/2"]);
  const both = random.oneIn(5) ? "+" : "";
  const text = `${time(random, 0, 59)} ${time(random, 0, 23)} ${days} ${months} ${both}${weekdays}`;
  return random.oneIn(4) ? `${time(random, 0, 59)} ${text}` : text;
}
