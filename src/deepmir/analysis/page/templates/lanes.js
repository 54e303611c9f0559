// Lanes: each has a name, a height, what it draws, and what it tells about a place in it.
const LANES = [];
const lane = (spec) => LANES.push(spec);
const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const between = (row) => `${clock(row[0])} to ${clock(row[1])}`;

const wave = (() => {
  // The outline, and ever coarser ones for those who see more of it at once.
  const signed = (base64) => new Int8Array(bytesOf(base64).buffer);
  const { lows: low, highs: high, rate: finest } = DATA.wave;
  const levels = [{ lows: signed(low), highs: signed(high), rate: finest }];
  const coarser = ({ lows, highs, rate }) => {
    const length = Math.ceil(lows.length / 4);
    const next = { lows: new Int8Array(length), highs: new Int8Array(length), rate: rate / 4 };
    for (let k = 0; k < length; k++) {
      next.lows[k] = Math.min(...lows.subarray(4 * k, 4 * k + 4));
      next.highs[k] = Math.max(...highs.subarray(4 * k, 4 * k + 4));
    }
    return next;
  };
  while (levels.at(-1).lows.length > 512) levels.push(coarser(levels.at(-1)));
  // A quiet recording is drawn as high as a loud one.
  const top = levels.at(-1);
  const peak = Math.max(1, ...top.highs, ...top.lows.map((value) => -value));
  return (g, start, end, width, height, colour) => {
    const scale = width / (end - start);
    const level = levels.findLast((one) => one.rate >= scale) || levels[0];
    const first = Math.max(0, Math.floor(start * level.rate) - 1);
    const last = Math.min(level.lows.length, Math.ceil(end * level.rate) + 1);
    const middle = height / 2;
    const unit = (middle - 2) / peak;
    g.beginPath();
    const x = (k) => ((k + 0.5) / level.rate - start) * scale;
    for (let k = first; k < last; k++) g.lineTo(x(k), middle - level.highs[k] * unit - 0.4);
    for (let k = last - 1; k >= first; k--) g.lineTo(x(k), middle - level.lows[k] * unit + 0.4);
    g.fillStyle = colour;
    g.fill();
  };
})();

lane({
  id: "overview", name: "Whole", height: 38, whole: true,
  draw(g, height) {
    const x = (time) => time * axis.width / DURATION;
    for (const row of DATA.sections || []) {
      g.fillStyle = sectionColour(row[2]);
      g.fillRect(x(row[0]), 0, Math.max(x(row[1]) - x(row[0]) - 0.5, 0.5), height);
    }
    wave(g, 0, DURATION, axis.width, height, COLOURS.dark ? "#ffffff88" : "#1c243077");
    const left = x(axis.start);
    const right = x(axis.end);
    g.fillStyle = COLOURS.dark ? "#12161ab8" : "#ffffffb8";
    g.fillRect(0, 0, left, height);
    g.fillRect(right, 0, axis.width - right, height);
    g.strokeStyle = COLOURS.ink;
    g.lineWidth = 1.5;
    g.strokeRect(left + 0.75, 0.75, Math.max(right - left - 1.5, 2), height - 1.5);
  },
  tell: () => "the whole recording; drag the frame",
});

lane({
  id: "ruler", name: "Time", height: 22,
  draw(g, height) {
    const step = axis.step(64);
    const digits = step < 1 ? 1 : 0;
    g.fillStyle = COLOURS.muted;
    for (let k = Math.ceil(axis.start / step); k * step <= axis.end; k++) {
      const x = axis.x(k * step);
      g.fillRect(x, height - 6, 1, 6);
      const label = clock(k * step, digits);
      if (x < axis.width - 30) text(g, label, x + 3, 9, { size: 11, colour: COLOURS.muted });
    }
  },
});

lane({
  id: "wave", name: "Waveform", height: 60,
  draw(g, height) { wave(g, axis.start, axis.end, axis.width, height, COLOURS.wave); },
});

if (DATA.sections) {
  const longest = longestOf(DATA.sections);
  lane({
    id: "sections", task: "structure", name: "Sections", height: 28,
    about: [count(DATA.sections.length, "section"), ...DATA.sections.map((row) => row[2])].join(" "),
    draw(g, height) {
      const [first, last] = visible(DATA.sections, longest);
      for (const row of DATA.sections.slice(first, last)) {
        const options = { weight: "600", size: 13 };
        box(g, row[0], row[1], 2, height - 4, sectionColour(row[2]), row[2], options);
      }
    },
    tell(time) {
      const row = rowAt(DATA.sections, time);
      if (!row) return "";
      const inside = (downbeat) => downbeat >= row[0] - 0.1 && downbeat < row[1] - 0.1;
      const bars = BEATS ? BEATS.downbeats.filter(inside).length : 0;
      return `section ${row[2]}, ${between(row)}${bars ? `, ${count(bars, "bar")}` : ""}`;
    },
  });
}

if (BEATS) {
  lane({
    id: "beats", task: "beat", name: "Bars and beats", height: 34,
    about: `${count(BEATS.times.length, "beat")}, ${count(BEATS.downbeats.length, "bar")}`,
    draw(g, height) {
      const { times, places, bars } = BEATS;
      const first = search(times.length, (k) => times[k] > axis.start) - 1;
      const last = search(times.length, (k) => times[k] > axis.end);
      const beat = axis.scale * DURATION / Math.max(times.length, 1); // pixels
      const room = beat * times.length / Math.max(BEATS.downbeats.length, 1);
      const every = [1, 2, 4, 8, 16, 32, 64].find((number) => number * room > 26) || 128;
      for (let k = Math.max(first, 0); k < last; k++) {
        const x = axis.x(times[k]);
        const strong = places[k] === 1;
        if (strong && (room > 3 || (bars[k] - 1) % every === 0)) {
          g.fillStyle = COLOURS.ink;
          g.fillRect(x - 1, 15, room > 20 ? 2.5 : 1, height - 15);
        } else if (!strong && beat > 4) {
          g.fillStyle = COLOURS.muted;
          g.fillRect(x - 0.5, 23, 1, height - 23);
          if (beat > 40) text(g, places[k], x + 4, 25, { size: 10, colour: COLOURS.muted });
        }
        if (strong && (bars[k] - 1) % every === 0) {
          text(g, bars[k], x - 1, 7, { size: 11, weight: "600" });
        }
      }
      if (!times.length) text(g, "no beats found", 6, height / 2, { colour: COLOURS.muted });
    },
    tell(time) {
      const k = beatAt(time);
      if (k < 0) return "";
      const bpm = k + 1 < BEATS.times.length ? 60 / (BEATS.times[k + 1] - BEATS.times[k]) : 0;
      const pace = bpm ? `, ${bpm.toFixed(0)} beats a minute here` : "";
      return `bar ${BEATS.bars[k]}, beat ${BEATS.places[k]}${pace}`;
    },
  });
}

// A lane of boxes with names.
const boxes = (id, task, name, rows, height, one, colour, options, tell) => {
  const longest = longestOf(rows);
  lane({
    id, task, name, height,
    about: count(rows.length, one),
    draw(g, tall) {
      const [first, last] = visible(rows, longest);
      for (const row of rows.slice(first, last)) {
        box(g, row[0], row[1], 2, tall - 4, colour(row), options.named ? row[2] : "", options);
      }
      if (!rows.length) text(g, options.none, 6, tall / 2, { colour: COLOURS.muted });
    },
    tell(time) {
      const row = rowAt(rows, time);
      return row ? `${tell(row)}, ${between(row)}` : "";
    },
  });
};
if (DATA.keys) {
  boxes("key", "key", "Key", DATA.keys, 24, "key",
    (row) => rootColour(row[3], row[2].endsWith("minor")),
    { named: true, none: "no key found" }, (row) => row[2]);
}
if (DATA.chords) {
  boxes("chords", "chord", "Chords", DATA.chords, 34, "chord", (row) => rootColour(row[3], row[4]),
    { named: true, centred: true, size: 13, none: "no chords found" },
    (row) => (row[2] === "–" ? "no chord" : `chord ${row[2]}`));
}
