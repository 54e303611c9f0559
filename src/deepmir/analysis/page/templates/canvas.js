// Canvases that are sharp on every screen, and the colours of the theme.
const theme = (() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colours = {};
  const read = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["ink", "muted", "line", "shade", "paper", "blue", "red", "green", "wave"]) {
      colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    colours.dark = dark.matches;
    colours.version = (colours.version || 0) + 1;
  };
  read();
  return {
    colours,
    onChange: (listener) => dark.addEventListener("change", () => { read(); listener(); }),
  };
})();
const COLOURS = theme.colours;
const FONT = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

// Neighbours on the circle of fifths have neighbouring colours; minor is duller.
const rootColour = (root, minor) => {
  if (root === null) return COLOURS.shade;
  const hue = (root * 7 % 12) * 30;
  if (COLOURS.dark) return `hsl(${hue} ${minor ? 26 : 48}% ${minor ? 27 : 34}%)`;
  return `hsl(${hue} ${minor ? 38 : 75}% ${minor ? 78 : 80}%)`;
};
// Letters of sections, in the order in which they come.
const HUES = [205, 28, 150, 325, 55, 265, 180, 0, 95, 235];
const letters = [...new Set((DATA.sections || []).map((row) => row[2]))];
const sectionColour = (letter) => {
  const place = letters.indexOf(letter);
  const round = Math.floor(place / HUES.length) % 3;
  const light = COLOURS.dark ? 32 - 7 * round : 80 - 9 * round;
  return `hsl(${HUES[place % HUES.length]} ${COLOURS.dark ? 42 : 62}% ${light}%)`;
};

// A canvas of the width of the axis, ready to be drawn on in CSS pixels.
const prepare = (canvas, height) => {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(axis.width * ratio);
  if (canvas.width !== width || canvas.height !== Math.round(height * ratio)) {
    canvas.width = width;
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, axis.width, height);
  g.textBaseline = "middle";
  return g;
};

// The places of the rows [start, end, …] that can be seen; `longest` is the length of the longest.
const visible = (rows, longest) => {
  const first = search(rows.length, (k) => rows[k][0] > axis.start - longest);
  return [Math.max(0, first - 1), search(rows.length, (k) => rows[k][0] > axis.end)];
};
const longestOf = (rows) => rows.reduce((most, row) => Math.max(most, row[1] - row[0]), 0);

const text = (g, words, x, y, options = {}) => {
  const { size = 12, colour = COLOURS.ink, align = "left", weight = "" } = options;
  g.font = `${weight} ${size}px ${FONT}`;
  g.textAlign = align;
  g.fillStyle = colour;
  g.fillText(words, x, y);
};
// Text that can be read on any ground.
const haloed = (g, words, x, y, options) => {
  g.font = `${options.size || 12}px ${FONT}`;
  g.textAlign = options.align || "left";
  g.lineWidth = 3;
  g.lineJoin = "round";
  g.strokeStyle = COLOURS.paper;
  g.strokeText(words, x, y);
  text(g, words, x, y, options);
};

// A box from time to time with a name that stays in sight as long as the box does.
const box = (g, from, to, top, height, fill, name, options = {}) => {
  const left = Math.max(axis.x(from), -4);
  const right = Math.min(axis.x(to), axis.width + 4);
  const width = Math.max(right - left - 1, 0.75);
  g.fillStyle = fill;
  if (width > 5 && !options.square) {
    g.beginPath();
    g.roundRect(left, top, width, height, 3);
    g.fill();
  } else {
    g.fillRect(left, top, width, height);
  }
  if (!name || width < 9) return;
  const size = options.size || 12;
  g.font = `${options.weight || ""} ${size}px ${FONT}`;
  const shown = Math.max(left, 0);
  const room = Math.min(right, axis.width) - shown - 6;
  const length = g.measureText(name).width;
  if (length <= room) {
    const centred = options.centred && length < room - 8;
    const x = centred ? shown + 3 + room / 2 : shown + 4;
    text(g, name, x, top + height / 2 + 0.5, { ...options, align: centred ? "center" : "left" });
  }
};
