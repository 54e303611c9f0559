// What was found, and how it is said.
const DATA = JSON.parse(document.getElementById("analysis").textContent);
const DURATION = Math.max(DATA.duration, 0.01);

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// The first place in a sorted list of `length` at which `after(place)` holds.
const search = (length, after) => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (after(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};

const clock = (seconds, digits = 1) => {
  const unit = 10 ** digits;
  const whole = Math.floor(seconds * unit + 1e-6);
  const minutes = Math.floor(whole / unit / 60);
  const rest = (whole / unit - 60 * minutes).toFixed(digits);
  const shown = rest.padStart(digits ? digits + 3 : 2, "0");
  if (minutes < 60) return `${minutes}:${shown}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${shown}`;
};

const NOTES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const noteName = (midi) => NOTES[((midi % 12) + 12) % 12] + (Math.floor(midi / 12) - 1);
const hertz = (midi) => 440 * 2 ** ((midi - 69) / 12);

// Of rows [start, end, …] without overlaps, the one at a time; undefined for none.
const rowAt = (rows, time) => {
  const row = rows && rows[search(rows.length, (k) => rows[k][0] > time) - 1];
  return row && time < row[1] ? row : undefined;
};

// Bars are counted from the first downbeat; what is before it is bar 0.
const BEATS = DATA.beats && (() => {
  let bar = 0;
  const bars = DATA.beats.places.map((place) => (place === 1 ? ++bar : bar));
  const downbeats = DATA.beats.times.filter((_, k) => DATA.beats.places[k] === 1);
  return { ...DATA.beats, bars, downbeats };
})();
const beatAt = (time) => {
  if (!BEATS) return -1;
  return search(BEATS.times.length, (k) => BEATS.times[k] > time + 1e-4) - 1;
};
const pitchAt = (time) => {
  const melody = DATA.melody;
  if (!melody) return 0;
  return melody.pitches[Math.round((time - melody.start) / melody.step)] || 0;
};

// What is at a time, as short words.
const whatIsAt = (time) => {
  const words = [];
  const beat = beatAt(time);
  if (beat >= 0) words.push(["bar", `${BEATS.bars[beat]}.${BEATS.places[beat]}`]);
  const chord = rowAt(DATA.chords, time);
  if (chord && chord[2] !== "–") words.push(["chord", chord[2]]);
  const section = rowAt(DATA.sections, time);
  if (section) words.push(["section", section[2]]);
  const pitch = pitchAt(time);
  if (pitch) words.push(["melody", noteName(Math.round(pitch / 100))]);
  return words;
};
