// What pages gain with JavaScript: the map beside a list. Everything works without it.
document.documentElement.classList.add("js");

const WIDE = matchMedia("(min-width: 62rem)");

async function open(box) {
  const button = box.querySelector(".map-open");
  if (button) button.hidden = true;
  box.classList.remove("is-closed");
  box.classList.add("is-open");
  try {
    if (!document.querySelector("link[data-maplibre]")) {
      const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: box.dataset.style });
      sheet.dataset.maplibre = "";
      document.head.prepend(sheet);
    }
    const { start } = await import(box.dataset.module);
    await start(box);
  } catch {
    box.classList.add("is-closed");
    const message = Object.assign(document.createElement("p"), { className: "map-message", textContent: box.dataset.missing });
    message.setAttribute("role", "status");
    box.replaceChildren(message);
  }
}

for (const box of document.querySelectorAll("[data-map]")) {
  if (WIDE.matches) {
    // after everything people came for
    (window.requestIdleCallback ?? setTimeout)(() => open(box));
    continue;
  }
  // on a telephone the map is heavy: only when asked for
  box.classList.add("is-closed");
  const button = box.querySelector(".map-open");
  button.hidden = false;
  button.addEventListener("click", () => open(box));
}

// Leave unchosen filters out of the address.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}
