// The one time axis: which part of the recording is seen, from `start` to `end` in seconds.
const axis = (() => {
  const SHORTEST = Math.min(1, DURATION); // seconds that can be made to fill the width
  const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];
  const listeners = [];
  let start = 0;
  let end = DURATION;
  let width = 1; // of the canvases, in CSS pixels

  const show = (from, to) => {
    const span = clamp(to - from, SHORTEST, DURATION);
    const first = clamp(from, 0, DURATION - span);
    if (first === start && first + span === end) return;
    start = first;
    end = first + span;
    for (const listener of listeners) listener();
  };
  return {
    get start() { return start; },
    get end() { return end; },
    get span() { return end - start; },
    get width() { return width; },
    set width(pixels) { width = Math.max(pixels, 1); },
    get scale() { return width / (end - start); }, // pixels a second
    x: (time) => (time - start) * width / (end - start),
    time: (x) => start + x * (end - start) / width,
    sees: (time) => time >= start && time <= end,
    onChange: (listener) => listeners.push(listener),
    show,
    fit: () => show(0, DURATION),
    // Zoom in by a factor; what is at `time` stays where it is.
    zoom: (factor, time) => {
      const span = clamp((end - start) / factor, SHORTEST, DURATION);
      const first = time - (time - start) * span / (end - start);
      show(first, first + span);
    },
    pan: (seconds) => {
      const first = clamp(start + seconds, 0, DURATION - (end - start));
      show(first, first + (end - start));
    },
    // Seconds between two numbers that do not touch.
    step: (pixels) => STEPS.find((step) => step * width / (end - start) >= pixels) || 7200,
  };
})();
