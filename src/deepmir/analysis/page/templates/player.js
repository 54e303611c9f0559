// The player. Everything is scheduled on one clock, that of the audio device: music and clicks
// cannot drift apart. A segment is decoded shortly before it is heard.
const player = (() => {
  const AHEAD = 5; // seconds that are scheduled: more than a browser lets a hidden tab sleep
  const KEPT = 4; // decoded segments
  const { segments, seconds, margin } = DATA.audio;
  const listeners = [];
  const decoded = new Map();
  let context = null;
  let music = null;
  let clicks = null;
  let ticks = null; // the sounds of a beat and of a downbeat
  let playing = false;
  let position = 0; // seconds, while nothing plays
  let plan = []; // pieces that are scheduled: { at, from, length, sources }
  let next = { from: 0, at: null }; // what is to be scheduled
  let loop = null;
  let clicking = false;
  let run = 0; // of the scheduler: one that was superseded stops
  let timer = 0;

  const tell = () => { for (const listener of listeners) listener(); };
  const tick = (frequency) => {
    const length = Math.round(0.05 * context.sampleRate);
    const buffer = context.createBuffer(1, length, context.sampleRate);
    const samples = buffer.getChannelData(0);
    for (let k = 0; k < length; k++) {
      const t = k / context.sampleRate;
      samples[k] = Math.cos(2 * Math.PI * frequency * t) * Math.exp(-t / 0.008);
    }
    return buffer;
  };
  const open = () => {
    if (context) return;
    context = new AudioContext();
    music = new GainNode(context, { gain: 0.8 });
    clicks = new GainNode(context, { gain: clicking ? 0.7 : 0 });
    ticks = [tick(1000), tick(2000)];
    for (const node of [music, clicks]) node.connect(context.destination);
  };
  const segmentOf = (number) => {
    if (!decoded.has(number)) {
      const element = document.getElementsByClassName("segment")[number];
      decoded.set(number, context.decodeAudioData(bytesOf(element.textContent).buffer));
      if (decoded.size > KEPT) decoded.delete(decoded.keys().next().value);
    }
    return decoded.get(number);
  };
  const source = (buffer, destination, at, offset, length) => {
    const node = new AudioBufferSourceNode(context, { buffer });
    node.connect(destination);
    node.start(at, offset, length);
    return node;
  };
  const heard = () => context.currentTime - (context.outputLatency || 0);

  const schedule = (buffer, number) => {
    const { from } = next;
    const limit = loop && from < loop.end ? loop.end : DURATION;
    const stop = Math.min((number + 1) * seconds, DURATION, limit);
    const length = stop - from;
    // The first piece, or one that was decoded too late, begins as soon as it can.
    const at = Math.max(next.at || 0, context.currentTime + 0.05);
    const begin = number ? number * seconds - margin : 0;
    const sources = [source(buffer, music, at, from - begin, length)];
    if (BEATS) {
      let k = search(BEATS.times.length, (i) => BEATS.times[i] >= from - 1e-4);
      for (; k < BEATS.times.length && BEATS.times[k] < stop - 1e-4; k++) {
        const strong = BEATS.places[k] === 1 ? 1 : 0;
        const when = at + Math.max(BEATS.times[k] - from, 0);
        sources.push(source(ticks[strong], clicks, when, 0, 0.05));
      }
    }
    plan.push({ at, from, length, sources });
    const again = loop && Math.abs(stop - loop.end) < 1e-6;
    next = { from: again ? loop.start : stop, at: at + length };
  };
  const extend = async (mine) => {
    while (mine === run && playing) {
      const last = plan.at(-1);
      const ahead = last ? last.at + last.length - context.currentTime : 0;
      if (next.from >= DURATION - 1e-3 || ahead > AHEAD) return;
      const number = clamp(Math.floor(next.from / seconds + 1e-9), 0, segments - 1);
      const buffer = await segmentOf(number);
      if (mine !== run || !playing) return;
      schedule(buffer, number);
      tell();
    }
  };
  const silence = () => {
    run += 1;
    clearInterval(timer);
    for (const piece of plan) for (const node of piece.sources) node.stop();
    plan = [];
  };
  const currentTime = () => {
    if (!playing || !plan.length) return position;
    const now = heard();
    const piece = plan.findLast((one) => one.at <= now) || plan[0];
    return clamp(piece.from + (now - piece.at), piece.from, piece.from + piece.length);
  };
  const start = () => {
    silence();
    next = { from: position, at: null };
    const mine = run;
    let busy = false;
    const step = async () => {
      const now = heard();
      while (plan.length > 1 && plan[1].at <= now) plan.shift();
      const last = plan.at(-1);
      if (last && next.from >= DURATION - 1e-3 && now >= last.at + last.length) {
        stop(0);
        return;
      }
      if (busy) return;
      busy = true;
      try {
        await extend(mine);
      } finally {
        busy = false;
      }
    };
    timer = setInterval(step, 100);
    step();
  };
  const stop = (at) => {
    position = at;
    playing = false;
    silence();
    tell();
  };
  const restart = (at) => {
    position = clamp(at, 0, DURATION);
    if (playing) start();
    tell();
  };
  return {
    onChange: (listener) => listeners.push(listener),
    get playing() { return playing; },
    get waiting() { return playing && !plan.length; },
    get time() { return currentTime(); },
    get clicking() { return clicking; },
    get loop() { return loop; },
    get nodes() { return { context, music, clicks }; },
    async play() {
      if (playing || !segments) return;
      if (position >= DURATION - 0.05) position = 0;
      open();
      playing = true;
      tell();
      await context.resume();
      if (playing) start();
    },
    pause: () => { if (playing) stop(currentTime()); },
    seek: (time) => {
      if (loop && (time < loop.start || time >= loop.end)) loop = null;
      restart(time);
    },
    repeat: (section) => {
      const time = currentTime();
      loop = section;
      restart(!loop || (time >= loop.start && time < loop.end) ? time : loop.start);
    },
    click: (on) => {
      clicking = on;
      if (clicks) clicks.gain.setTargetAtTime(on ? 0.7 : 0, context.currentTime, 0.005);
      tell();
    },
  };
})();
