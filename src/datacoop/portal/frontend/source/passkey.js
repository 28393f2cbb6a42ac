// Passkeys: a form marked data-passkey asks the browser for one and sends the answer. Without JavaScript it stays hidden.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// Wishes as the server writes them (JSON, base64url) become those the browser understands.
function wishes({ publicKey }) {
  const found = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (found.user) found.user = { ...found.user, id: bytes(found.user.id) };
  for (const name of ["excludeCredentials", "allowCredentials"])
    if (found[name]) found[name] = found[name].map((each) => ({ ...each, id: bytes(each.id) }));
  return { publicKey: found };
}

function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function options(form) {
  const inside = form.querySelector("script[type='application/json']");
  if (inside) return JSON.parse(inside.textContent);
  const reply = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(reply.statusText);
  return (await reply.json()).request_options;
}

function say(form, message) {
  form.querySelector(".problem")?.remove();
  const problem = Object.assign(document.createElement("p"), { className: "problem", textContent: message });
  problem.setAttribute("role", "alert");
  form.querySelector("button").before(problem);
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  for (const each of document.querySelectorAll("[data-without-passkey]")) each.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const wished = wishes(await options(form));
      const found = await navigator.credentials[form.dataset.passkey](wished);
      form.elements.credential.value = answer(found);
      form.submit();
    } catch {
      say(form, form.dataset.failed);
    }
  });
}
