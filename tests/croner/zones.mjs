// Zones whose offset changes in one way or another, and what node knows of their wall clocks.

// Each with the years in which all tz databases of today agree: node has its own (Debian 12's is of 2022), we the system's.
export const zones = {
  "UTC": [2000, 2060],
  "Europe/Berlin": [2000, 2060],
  "America/New_York": [2008, 2060],
  "America/St_Johns": [2012, 2060],
  "Australia/Lord_Howe": [2008, 2060], // half an hour
  "Pacific/Chatham": [2008, 2060],
  "Antarctica/Troll": [2006, 2060], // two hours
  "Europe/Dublin": [2000, 2060],
  "Asia/Kathmandu": [2000, 2060],
  "Asia/Tehran": [2008, 2021], // at midnight
  "America/Sao_Paulo": [2008, 2018], // at midnight
  "America/Nuuk": [2000, 2022],
  "Africa/Casablanca": [2013, 2020], // four times a year
  "Africa/Cairo": [2010, 2014],
  "America/Caracas": [2006, 2018], // half an hour, for good
  "Asia/Pyongyang": [2018, 2018], // likewise; the gap ends with the day
  "Pacific/Apia": [2010, 2020], // the date line: a day is left out
};

const formats = new Map();

// The wall clock at an instant, both in milliseconds since 1970.
export function wallClock(zone, at) {
  if (!formats.has(zone)) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
    formats.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", second: "numeric", ...fields }));
  }
  const part = Object.fromEntries(formats.get(zone).formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

// The first instant after `from`, within half a year, at which the zone has another offset; null if there is none.
export function changeAfter(zone, from) {
  const week = 7 * 86_400_000;
  const offset = (at) => wallClock(zone, at) - at;
  let low = from;
  while (offset(low + week) === offset(from)) {
    low += week;
    if (low > from + 26 * week) return null;
  }
  let high = low + week;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offset(middle) === offset(from)) low = middle;
    else high = middle;
  }
  return high;
}
