"use strict";
// Browsers play nothing before the first click; after it, pointing at a track is enough.
for (const map of document.querySelectorAll(".map")) {
  const said = map.querySelector(".said");
  const player = new Audio();
  let clicked = false;

  const hear = (point) => {
    said.textContent = point.getAttribute("aria-label");
    if (!clicked || !point.dataset.audio) return;
    player.src = point.dataset.audio;
    player.play();
  };
  for (const point of map.querySelectorAll("circle")) {
    point.addEventListener("pointerenter", () => hear(point));
    point.addEventListener("pointerleave", () => player.pause());
    point.addEventListener("click", () => {
      clicked = true;
      hear(point);
    });
    point.addEventListener("focus", () => hear(point));
    point.addEventListener("keydown", (event) => {
      if (event.key === "Enter") point.dispatchEvent(new Event("click"));
    });
  }
}
