// The lanes that have pitch upwards, and those that say when somebody or something sounds.

// Names of the notes C, and of others where there is room, at the left of a lane.
const keyboard = (g, low, high, height, lines) => {
  const semitone = height / (high - low);
  for (let midi = Math.ceil(low); midi <= high; midi++) {
    const step = ((midi % 12) + 12) % 12;
    const y = height - (midi - low) * semitone;
    if (lines && [1, 3, 6, 8, 10].includes(step)) {
      g.fillStyle = COLOURS.shade;
      g.fillRect(0, y - semitone / 2, axis.width, semitone);
    }
    if (lines && step === 0) {
      g.fillStyle = COLOURS.line;
      g.fillRect(0, y + semitone / 2, axis.width, 1);
    }
  }
};
const noteNames = (g, low, high, height) => {
  const semitone = height / (high - low);
  const steps = semitone >= 7 ? [0, 2, 4, 5, 7, 9, 11] : semitone * 5 >= 13 ? [0, 4, 7] : [0];
  for (let midi = Math.ceil(low); midi <= high; midi++) {
    const y = height - (midi - low) * semitone;
    if (steps.includes(((midi % 12) + 12) % 12) && y > 6 && y < height - 5) {
      haloed(g, noteName(midi), 3, y, { size: 10, colour: COLOURS.muted });
    }
  }
};
// From the lowest to the highest of some pitches, with air, at least an octave and a half.
const rangeOf = (pitches, least = 18) => {
  let low = Infinity;
  let high = -Infinity;
  for (const pitch of pitches) {
    low = Math.min(low, pitch);
    high = Math.max(high, pitch);
  }
  if (low > high) return [54, 78];
  const more = Math.max(least - (high - low), 3) / 2;
  return [low - more, high + more];
};

if (DATA.melody) {
  const { start, step, pitches } = DATA.melody;
  const voiced = pitches.filter((pitch) => pitch > 0).sort((a, b) => a - b);
  // Single wild frames shall not squeeze the rest.
  const inner = voiced.slice(Math.floor(voiced.length * 0.005), Math.ceil(voiced.length * 0.995));
  const [low, high] = rangeOf(inner.length ? [inner[0] / 100, inner[inner.length - 1] / 100] : []);
  const share = Math.round(100 * voiced.length / Math.max(pitches.length, 1));
  lane({
    id: "melody", task: "melody", name: "Melody", height: 120,
    about: voiced.length ? `sounds for ${share} % of the time` : "none found",
    draw(g, height) {
      keyboard(g, low, high, height, true);
      const first = Math.max(0, Math.floor((axis.start - start) / step) - 1);
      const last = Math.min(pitches.length, Math.ceil((axis.end - start) / step) + 2);
      const stride = Math.max(1, Math.floor(axis.span / step / axis.width / 2));
      const y = (pitch) => height - (pitch / 100 - low) * height / (high - low);
      g.beginPath();
      let before = 0;
      for (let k = first - first % stride; k < last; k += stride) {
        const pitch = pitches[k];
        const x = axis.x(start + k * step);
        if (pitch > 0) {
          // A jump is another note, not a slide.
          if (before > 0 && Math.abs(pitch - before) < 120) g.lineTo(x, y(pitch));
          else {
            g.moveTo(x - 0.6, y(pitch));
            g.lineTo(x, y(pitch));
          }
        }
        before = pitch;
      }
      g.lineWidth = 2;
      g.lineJoin = "round";
      g.lineCap = "round";
      g.strokeStyle = COLOURS.red;
      g.stroke();
      noteNames(g, low, high, height);
      if (!voiced.length) text(g, "no melody found", 40, height / 2, { colour: COLOURS.muted });
    },
    tell(time) {
      const pitch = pitchAt(time);
      if (!pitch) return "no melody here";
      const nearest = Math.round(pitch / 100);
      const cents = pitch - 100 * nearest;
      const off = cents ? `, ${Math.abs(cents)} cents ${cents > 0 ? "sharp" : "flat"}` : "";
      return `melody ${noteName(nearest)}${off}, ${hertz(pitch / 100).toFixed(0)} Hz`;
    },
  });
}

if (DATA.notes) {
  const rows = DATA.notes;
  const longest = longestOf(rows);
  const [low, high] = rangeOf(rows.map((row) => row[2]));
  const pitchOf = (y, height) => Math.round(low + (height - y) * (high - low) / height);
  lane({
    id: "notes", task: "notes", name: "Notes", height: 130,
    about: count(rows.length, "note"),
    draw(g, height) {
      keyboard(g, low, high, height, true);
      const semitone = height / (high - low);
      const [first, last] = visible(rows, longest);
      for (let k = first; k < last; k++) {
        const [from, to, pitch] = rows[k];
        if (to < axis.start) continue;
        const x = axis.x(from);
        g.fillStyle = COLOURS.blue;
        const width = Math.max(axis.x(to) - x - 0.5, 1);
        const top = height - (pitch - low + 0.45) * semitone;
        g.fillRect(x, top, width, Math.max(semitone * 0.9, 1.5));
      }
      noteNames(g, low, high, height);
      if (!rows.length) text(g, "no notes found", 40, height / 2, { colour: COLOURS.muted });
    },
    tell(time, y, height) {
      const [first, last] = visible(rows, longest);
      const sounding = rows.slice(first, last).filter((row) => row[0] <= time && time < row[1]);
      const near = sounding.find((row) => Math.abs(row[2] - pitchOf(y, height)) <= 1);
      if (near) return `note ${noteName(near[2])}, ${between(near)}`;
      return sounding.length ? `notes ${sounding.map((row) => noteName(row[2])).join(" ")}` : "";
    },
  });
}

if (DATA.singing) {
  boxes("singing", "singing", "Singing", DATA.singing, 20, "sung passage", () => COLOURS.green,
    { none: "nobody sings" }, () => "somebody sings");
}

if (DATA.instruments) {
  const ROW = 15;
  const rows = DATA.instruments;
  lane({
    id: "instruments", task: "instrument", name: "Instruments",
    height: Math.max(rows.length, 1) * ROW + 6,
    rows: rows.map((row) => row.name),
    about: rows.length ? rows.map((row) => row.name).join(", ") : "none found",
    draw(g, height) {
      rows.forEach(({ name, spans }, place) => {
        const top = 3 + place * ROW;
        if (place % 2 === 0) {
          g.fillStyle = COLOURS.shade;
          g.fillRect(0, top, axis.width, ROW);
        }
        const [first, last] = visible(spans, longestOf(spans));
        for (const [from, to] of spans.slice(first, last)) {
          const colour = COLOURS.dark ? "#4a7d9c" : "#8dbbd8";
          box(g, from, to, top + 2, ROW - 4, colour, "", { square: true });
        }
        if (axis.width < 640) haloed(g, name, 3, top + ROW / 2 + 0.5, { size: 11 });
      });
      if (!rows.length) text(g, "no instruments found", 6, height / 2, { colour: COLOURS.muted });
    },
    tell(time, y) {
      const row = rows[clamp(Math.floor((y - 3) / ROW), 0, rows.length - 1)];
      if (!row) return "";
      const span = rowAt(row.spans, time);
      return span ? `${row.name}, ${between(span)}` : `${row.name}: silent here`;
    },
  });
}

if (DATA.onsets) {
  const onsets = DATA.onsets;
  lane({
    id: "onsets", task: "onset", name: "Onsets", height: 20,
    about: count(onsets.length, "onset"),
    draw(g, height) {
      const first = Math.max(search(onsets.length, (k) => onsets[k] > axis.start) - 1, 0);
      const last = search(onsets.length, (k) => onsets[k] > axis.end);
      const dense = (last - first) / axis.width; // marks a pixel
      g.globalAlpha = clamp(0.25 / Math.max(dense, 0.01), 0.25, 1);
      g.fillStyle = COLOURS.ink;
      for (let k = first; k < last; k++) g.fillRect(axis.x(onsets[k]) - 0.5, 4, 1, height - 8);
      g.globalAlpha = 1;
      if (!onsets.length) text(g, "no onsets found", 6, height / 2, { colour: COLOURS.muted });
    },
    tell(time) {
      const next = search(onsets.length, (k) => onsets[k] > time);
      const close = (onset) => Math.abs(onset - time) * axis.scale < 5;
      const near = [onsets[next - 1], onsets[next]].filter(close);
      return near.length ? `onset at ${clock(near[0], 2)}` : "";
    },
  });
}

// What any other task found.
for (const [task, { name, rows }] of Object.entries(DATA.others)) {
  boxes(task, task, name, rows, 24, "result", () => COLOURS.green,
    { named: true, none: "nothing found" }, (row) => row[2] || name);
}

// Greys of the picture in colours of the theme; each image is coloured once, when it is first seen.
const spectrum = (() => {
  const { near, far } = DATA.spectrum;
  const stops = () => COLOURS.dark
    ? [[18, 22, 26], [60, 30, 90], [150, 45, 110], [240, 120, 70], [255, 240, 190]]
    : [[255, 255, 255], [190, 214, 230], [95, 150, 190], [30, 80, 130], [8, 24, 60]];
  const table = () => {
    const colours = stops();
    return Array.from({ length: 256 }, (_, grey) => {
      const at = grey / 255 * (colours.length - 1);
      const k = Math.min(Math.floor(at), colours.length - 2);
      return colours[k].map((c, i) => Math.round(c + (colours[k + 1][i] - c) * (at - k)));
    });
  };
  let coloured = new Map();
  let version = 0;
  const tile = (address) => {
    if (version !== COLOURS.version) {
      coloured = new Map();
      version = COLOURS.version;
    }
    if (!coloured.has(address)) {
      const image = new Image();
      coloured.set(address, null);
      image.onload = () => {
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        const g = canvas.getContext("2d", { willReadFrequently: true });
        g.drawImage(image, 0, 0);
        const pixels = g.getImageData(0, 0, image.width, image.height);
        const colours = table();
        for (let i = 0; i < pixels.data.length; i += 4) {
          pixels.data.set(colours[pixels.data[i]], i);
        }
        g.putImageData(pixels, 0, 0);
        coloured.set(address, canvas);
        stage.draw();
      };
      image.src = `data:image/png;base64,${address}`;
    }
    return coloured.get(address);
  };
  return (g, height) => {
    const picture = axis.scale > far.rate && near.rate > far.rate ? near : far;
    const seconds = 2048 / picture.rate;
    picture.tiles.forEach((address, k) => {
      if ((k + 1) * seconds < axis.start || k * seconds > axis.end) return;
      const image = tile(address);
      // A frame is about the instant in its middle.
      const x = axis.x((k * 2048 - 0.5) / picture.rate);
      if (image) g.drawImage(image, x, 0, image.width / picture.rate * axis.scale + 0.5, height);
    });
  };
})();
lane({
  id: "spectrum", name: "Spectrum", height: 150,
  about: "constant-Q transform: pitch upwards, the stronger the more colour",
  draw(g, height) {
    spectrum(g, height);
    const { lowest, bins, perSemitone } = DATA.spectrum;
    const low = lowest - 0.5 / perSemitone;
    noteNames(g, low, low + bins / perSemitone, height);
  },
  tell(time, y, height) {
    const { lowest, bins, perSemitone } = DATA.spectrum;
    const pitch = lowest - 0.5 / perSemitone + (height - y) / height * bins / perSemitone;
    return `${noteName(Math.round(pitch))}, ${hertz(pitch).toFixed(0)} Hz`;
  },
});
