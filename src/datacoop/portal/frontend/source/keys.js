// Keys on pages that are worked through: a key presses the control that names it (data-key). Whoever does not want
// them, because they speak to their computer or because keys stick, unticks the box; that is remembered here.
const box = document.querySelector("[data-keys]");
const wanted = box?.querySelector("input");
const NAME = "keys";
let pressed = false;

function remembered() {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true;
  }
}

if (wanted) {
  box.hidden = false;
  wanted.checked = remembered();
  wanted.addEventListener("change", () => {
    try {
      localStorage.setItem(NAME, wanted.checked ? "on" : "off");
    } catch {
      // nothing is kept where nothing may be kept
    }
  });
}

addEventListener("keydown", (event) => {
  if (!wanted?.checked || pressed || event.repeat || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // what scrolls keeps its arrows
  if (key.startsWith("Arrow") && event.target.closest(".scroll")) return;
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!control) return;
  event.preventDefault();
  // one press is one answer, however slow the next page
  pressed = true;
  control.click();
});

// back through the history: the page is as it was, and answers again
addEventListener("pageshow", () => (pressed = false));
