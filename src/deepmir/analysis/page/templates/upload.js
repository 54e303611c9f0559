// From a file to the page of its analysis.
(() => {
  const by = (id) => document.getElementById(id);
  const drop = by("drop");
  let busy = false;

  const say = (words, share) => {
    by("state").hidden = !words;
    by("state").textContent = words;
    by("progress").hidden = !words;
    if (share === undefined) by("progress").removeAttribute("value");
    else by("progress").value = share;
  };
  const fail = (words) => {
    busy = false;
    say("");
    by("error").hidden = false;
    by("error").textContent = words;
    by("file").value = "";
  };
  const lost = () => fail("The server does not answer: is `deepmir serve` still running?");

  // Waiting, until the result can be shown.
  const watch = async (job) => {
    try {
      const answer = await fetch(`/jobs/${job}`);
      const state = await answer.json();
      if (state.error) return fail(state.error);
      if (state.done) return location.assign(`/results/${job}`);
      say(state.says);
    } catch {
      return lost();
    }
    return setTimeout(watch, 500, job);
  };
  const send = (file) => {
    if (busy || !file) return;
    by("error").hidden = true;
    if (file.size > LIMIT) {
      fail(`${file.name} is too large: the limit is ${LIMIT / 1e6} MB.`);
      return;
    }
    busy = true;
    const request = new XMLHttpRequest(); // which, unlike fetch, tells how much has been sent
    request.open("POST", `/jobs?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => say(`Sending ${file.name}`, event.loaded / event.total);
    request.onerror = lost;
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { return lost(); }
      if (answer.error) return fail(answer.error);
      say("Waiting");
      return watch(answer.job);
    };
    say(`Sending ${file.name}`, 0);
    request.send(file);
  };

  by("file").addEventListener("change", () => send(by("file").files[0]));
  for (const event of ["dragenter", "dragover", "dragleave", "drop"]) {
    // A file that misses the field would else replace the page.
    document.addEventListener(event, (e) => {
      e.preventDefault();
      const away = event === "drop" || (event === "dragleave" && !drop.contains(e.relatedTarget));
      drop.classList.toggle("over", !away);
    });
  }
  document.addEventListener("drop", (event) => send(event.dataTransfer.files[0]));
})();
