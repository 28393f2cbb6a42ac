// The console of /api/: shows in the page what an address answers. Without it each form leads to the answer itself.
const MOST = 20_000;

const bearer = document.querySelector("#bearer");
if (bearer) bearer.hidden = false;

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const output = form.querySelector("output");
    const token = document.querySelector("#bearer input")?.value.trim();
    output.textContent = "…";
    try {
      const address = addressOf(form);
      const answer = await fetch(address, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
      output.replaceChildren(...shown(address, answer, await answer.text()));
    } catch (problem) {
      output.textContent = String(problem);
    }
    output.scrollIntoView({ block: "nearest" });
  });
}

function addressOf(form) {
  const given = new FormData(form);
  const path = given.get("route").replace("{id}", encodeURIComponent(given.get("id") ?? ""));
  const asked = [...given].filter(([name, value]) => value && name !== "route" && !(name === "id" && form.dataset.id));
  const query = new URLSearchParams(asked).toString();
  return query ? `${path}?${query}` : path;
}

function shown(address, answer, body) {
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const rest = body.length > MOST ? `${body.slice(0, MOST)}\n… +${body.length - MOST}` : body;
  return [`GET ${address}\n\n${answer.status} ${answer.statusText}\n${head}`, indented(rest, answer)].map((text) => {
    const block = document.createElement("pre");
    block.textContent = text;
    return block;
  });
}

function indented(body, answer) {
  if (!(answer.headers.get("content-type") ?? "").includes("json")) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
