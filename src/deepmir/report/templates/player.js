"use strict";
// The line over each picture follows whichever of its recordings is playing.
for (const player of document.querySelectorAll(".player")) {
  const seconds = Number(player.dataset.seconds);
  const sounds = [...player.querySelectorAll("audio")];
  const plot = player.querySelector(".plot");
  const scroll = player.querySelector(".scroll");
  const playhead = player.querySelector(".playhead");
  let current = sounds[0];

  const place = () => {
    const share = Math.min(current.currentTime / seconds, 1);
    playhead.hidden = false;
    playhead.style.left = `${100 * share}%`;
    const x = share * plot.clientWidth;
    if (x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth) {
      scroll.scrollLeft = x - 0.1 * scroll.clientWidth;
    }
  };
  const follow = () => {
    place();
    if (!current.paused) requestAnimationFrame(follow);
  };
  for (const sound of sounds) {
    sound.addEventListener("play", () => {
      for (const other of document.querySelectorAll("audio")) {
        if (other !== sound) other.pause();
      }
      current = sound;
      requestAnimationFrame(follow);
    });
    sound.addEventListener("seeking", () => {
      current = sound;
      place();
    });
  }
  plot.addEventListener("click", (event) => {
    const box = plot.getBoundingClientRect();
    current.currentTime = (seconds * (event.clientX - box.left)) / box.width;
  });
}
