// What a person does: with the mouse, with fingers, with keys, with buttons.
(() => {
  const by = (id) => document.getElementById(id);
  const { root } = stage;
  const sections = DATA.sections || [];

  // ---- What is shown of the player -----------------------------------------------------------
  const say = () => {
    const time = player.time;
    by("time").textContent = clock(time);
    const now = by("now");
    now.replaceChildren();
    for (const [what, value] of whatIsAt(time)) {
      const strong = document.createElement("b");
      strong.textContent = value;
      now.append(now.childNodes.length ? " · " : "", `${what} `, strong);
    }
    stage.place();
  };
  const state = () => {
    by("play").classList.toggle("playing", player.playing && !player.waiting);
    by("play").classList.toggle("waiting", player.waiting);
    by("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
    by("clicks").setAttribute("aria-pressed", player.clicking);
    by("loop").setAttribute("aria-pressed", Boolean(player.loop));
    const words = whatIsAt(player.time).map((pair) => pair.join(" "));
    root.setAttribute("aria-valuenow", player.time.toFixed(1));
    root.setAttribute("aria-valuetext", [clock(player.time), ...words].join(", "));
    say();
    stage.draw();
  };
  // The view turns a page when the cursor leaves it, and not when one has looked elsewhere.
  let before = 0;
  const follow = () => {
    const time = player.time;
    if (axis.sees(before) && !axis.sees(time) && !drag) {
      axis.show(time - 0.08 * axis.span, time + 0.92 * axis.span);
    }
    before = time;
    say();
    if (player.playing) requestAnimationFrame(follow);
    else following = false;
  };
  let following = false;
  player.onChange(() => {
    state();
    if (player.playing && !following) {
      following = true;
      before = player.time;
      requestAnimationFrame(follow);
    }
  });

  const toggle = () => (player.playing ? player.pause() : player.play());
  const seek = (time) => {
    player.seek(clamp(time, 0, DURATION));
    const { time: at } = player;
    if (!axis.sees(at)) axis.show(at - axis.span / 2, at + axis.span / 2);
  };
  const repeatAt = (time) => {
    const row = rowAt(sections, time);
    player.repeat(row ? { start: row[0], end: Math.min(row[1], DURATION) } : null);
  };
  const toggleLoop = () => (player.loop ? player.repeat(null) : repeatAt(player.time));
  // To the next or former of some times; by seconds where there are none.
  const jump = (times, direction, seconds) => {
    const time = player.time;
    // A little back from just after a beat is the beat before it: else nobody gets past it.
    const slack = player.playing ? 0.25 : 0.01;
    const k = direction > 0
      ? search(times.length, (i) => times[i] > time + 0.01)
      : search(times.length, (i) => times[i] >= time - slack) - 1;
    seek(times[k] ?? (times.length ? (direction > 0 ? DURATION : 0) : time + direction * seconds));
  };
  const beats = BEATS ? BEATS.times : [];
  const bars = BEATS ? BEATS.downbeats : [];
  const middle = () => (axis.sees(player.time) ? player.time : (axis.start + axis.end) / 2);

  // ---- Buttons -------------------------------------------------------------------------------
  const guide = by("guide");
  const actions = {
    play: toggle,
    clicks: () => player.click(!player.clicking),
    loop: toggleLoop,
    in: () => axis.zoom(2, middle()),
    out: () => axis.zoom(0.5, middle()),
    fit: axis.fit,
    help: () => (guide.open ? guide.close() : guide.showModal()),
  };
  for (const [id, action] of Object.entries(actions)) by(id).addEventListener("click", action);
  by("clicks").disabled = !beats.length;
  by("loop").disabled = !sections.length;
  for (const one of LANES) {
    const label = document.createElement("label");
    const checkbox = document.createElement("input");
    checkbox.type = "checkbox";
    checkbox.checked = true;
    checkbox.addEventListener("change", () => {
      one.element.hidden = !checkbox.checked;
      stage.measure();
    });
    label.append(checkbox, ` ${one.name}`);
    by("choices").append(label);
  }
  document.addEventListener("pointerdown", (event) => {
    if (!by("chooser").contains(event.target)) by("chooser").open = false;
  });

  // ---- Keys ----------------------------------------------------------------------------------
  const keys = {
    " ": toggle,
    ArrowLeft: (event) => (event.shiftKey ? jump(bars, -1, 5) : jump(beats, -1, 1)),
    ArrowRight: (event) => (event.shiftKey ? jump(bars, 1, 5) : jump(beats, 1, 1)),
    Home: () => seek(0),
    End: () => seek(DURATION),
    "+": actions.in,
    "=": actions.in,
    "-": actions.out,
    "0": actions.fit,
    c: () => beats.length && actions.clicks(),
    l: () => sections.length && toggleLoop(),
    "?": actions.help,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!(key in keys) || (guide.open && key !== "?")) return;
    // A button or a box that has the focus is what space is for.
    if (key === " " && event.target.closest("button, summary, input, a")) return;
    event.preventDefault();
    keys[key](event);
  });

  // ---- Mouse and fingers ---------------------------------------------------------------------
  const laneAt = (event) => LANES.find((one) => one.canvas === event.target);
  const xOf = (event) => event.clientX - root.getBoundingClientRect().left - stage.left;
  const fingers = new Map(); // pointer to its x
  let drag = null; // { x, moved, lane }: one finger, or the mouse held down

  // In the lane of the whole, the frame goes where the pointer is.
  const carry = (x) => {
    const time = x * DURATION / axis.width;
    axis.show(time - axis.span / 2, time + axis.span / 2);
  };
  root.addEventListener("pointerdown", (event) => {
    const under = laneAt(event);
    if (!under || event.button !== 0) return;
    event.target.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, xOf(event));
    drag = { x: xOf(event), moved: fingers.size > 1, lane: under };
    if (under.whole && axis.span < DURATION) carry(drag.x);
  });
  root.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const x = xOf(event);
    if (fingers.size === 2) {
      const before = [...fingers.values()];
      fingers.set(event.pointerId, x);
      const after = [...fingers.values()];
      const spread = ([a, b]) => Math.max(Math.abs(a - b), 10);
      const centre = ([a, b]) => (a + b) / 2;
      axis.zoom(spread(after) / spread(before), axis.time(centre(before)));
      axis.pan((centre(before) - centre(after)) / axis.scale);
      return;
    }
    fingers.set(event.pointerId, x);
    if (!drag.moved && Math.abs(x - drag.x) < 4) return;
    if (drag.lane.whole) {
      carry(x);
    } else {
      axis.pan((drag.x - x) / axis.scale);
      drag.x = x;
    }
    drag.moved = true;
    root.classList.add("dragging");
  });
  const release = (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    root.classList.remove("dragging");
    if (event.type === "pointerup" && !drag.moved) {
      seek(drag.lane.whole ? xOf(event) * DURATION / axis.width : axis.time(xOf(event)));
    }
    drag = null;
  };
  root.addEventListener("pointerup", release);
  root.addEventListener("pointercancel", release);
  root.addEventListener("dblclick", (event) => {
    const under = laneAt(event);
    if (under && !under.whole) repeatAt(axis.time(xOf(event)));
  });
  root.addEventListener("wheel", (event) => {
    if (!laneAt(event)) return;
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      axis.pan(sideways * pixels / axis.scale);
    } else {
      const doubling = event.ctrlKey ? 80 : 250; // pixels; with Ctrl, it is a touchpad's pinch
      axis.zoom(2 ** (-event.deltaY * pixels / doubling), axis.time(xOf(event)));
    }
  }, { passive: false });

  // ---- What is under the pointer -------------------------------------------------------------
  const tip = by("tip");
  const hairline = by("hairline");
  const hide = () => { tip.hidden = hairline.hidden = true; };
  root.addEventListener("pointermove", (event) => {
    const under = laneAt(event);
    if (!under || event.pointerType === "touch" || (drag && drag.moved)) {
      hide();
      return;
    }
    const frame = event.target.getBoundingClientRect();
    const x = xOf(event);
    const time = clamp(under.whole ? x * DURATION / axis.width : axis.time(x), 0, DURATION);
    const about = under.tell ? under.tell(time, event.clientY - frame.top, under.height) : "";
    tip.textContent = about ? `${clock(time, 2)}\n${about}` : clock(time, 2);
    tip.hidden = false;
    hairline.hidden = Boolean(under.whole);
    const left = clamp(event.clientX + 14, 4, innerWidth - tip.offsetWidth - 4);
    const below = event.clientY + 18;
    const above = event.clientY - tip.offsetHeight - 10;
    const top = below + tip.offsetHeight > innerHeight ? above : below;
    tip.style.transform = `translate(${left}px, ${top}px)`;
    hairline.style.transform = `translateX(${stage.left + x}px)`;
  });
  root.addEventListener("pointerleave", hide);

  state();
})();
