// The lanes on the page: built once, drawn anew when the axis changes, and never more of them than
// is seen.
const stage = (() => {
  const root = document.getElementById("stage");
  const list = document.getElementById("lanes");
  const playhead = document.getElementById("playhead");
  const wholehead = document.getElementById("wholehead"); // the cursor in the lane of the whole
  let pending = false;
  let left = 0; // of the canvases in the stage, in CSS pixels

  for (const one of LANES) {
    const element = document.createElement("div");
    element.className = "lane";
    element.id = `lane-${one.id}`;
    const name = document.createElement("div");
    name.className = "name";
    if (DATA.models[one.task]) name.title = `by the network ${DATA.models[one.task]}`;
    if (one.rows && one.rows.length) {
      for (const row of one.rows) {
        const line = document.createElement("div");
        line.className = "row";
        line.textContent = row;
        name.append(line);
      }
    } else {
      name.textContent = one.name;
    }
    one.canvas = document.createElement("canvas");
    one.canvas.setAttribute("role", "img");
    one.canvas.setAttribute("aria-label", one.about ? `${one.name}: ${one.about}` : one.name);
    one.element = element;
    element.append(name, one.canvas);
    list.append(element);
  }

  // What is repeated, behind all lanes.
  const behind = (g, height) => {
    const loop = player.loop;
    if (loop) {
      g.fillStyle = COLOURS.dark ? "#e58bff22" : "#7a1fa21a";
      g.fillRect(axis.x(loop.start), 0, axis.x(loop.end) - axis.x(loop.start), height);
    }
  };
  // Where bars begin, through all lanes.
  const barLines = (g, height) => {
    const lines = BEATS ? BEATS.downbeats : [];
    if (lines.length < 2 || axis.scale * DURATION / lines.length < 14) return;
    const first = search(lines.length, (k) => lines[k] >= axis.start);
    g.fillStyle = COLOURS.dark ? "#ffffff22" : "#1c243022";
    for (let k = first; k < lines.length && lines[k] <= axis.end; k++) {
      g.fillRect(axis.x(lines[k]) - 0.5, 0, 1, height);
    }
  };
  const paint = () => {
    pending = false;
    for (const one of LANES) {
      if (one.element.hidden) continue;
      const g = prepare(one.canvas, one.height);
      if (!one.whole) behind(g, one.height);
      one.draw(g, one.height);
      if (!one.whole && one.id !== "ruler" && one.id !== "beats") barLines(g, one.height);
    }
    place();
  };
  const place = () => {
    const time = player.time;
    const x = axis.x(time);
    wholehead.style.transform = `translateX(${left + time * axis.width / DURATION}px)`;
    playhead.hidden = x < -1 || x > axis.width + 1;
    playhead.style.transform = `translateX(${left + clamp(x, 0, axis.width)}px)`;
  };
  const draw = () => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(paint);
  };
  const measure = () => {
    const seen = LANES.find((one) => !one.element.hidden);
    if (!seen) return;
    const box = seen.canvas.getBoundingClientRect();
    left = box.left - root.getBoundingClientRect().left;
    axis.width = box.width;
    const whole = LANES[0].element;
    wholehead.hidden = whole.hidden;
    wholehead.style.height = `${whole.offsetHeight}px`;
    for (const line of [playhead, document.getElementById("hairline")]) {
      line.style.top = `${whole.offsetHeight}px`;
    }
    draw();
  };
  axis.onChange(draw);
  theme.onChange(draw);
  new ResizeObserver(measure).observe(root);
  measure();
  return { root, draw, place, measure, get left() { return left; } };
})();
