// Small behaviours of plain markup, by attribute. Nothing depends on them for reading.
const root = document.documentElement;

function toggleTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  document.cookie = `theme=${next}; path=/; max-age=31536000; SameSite=Lax`;
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

const openDialog = (id) => document.getElementById(id)?.showModal();

const facesOf = (button) => button.dataset.faces.split(/\s+/).filter(Boolean).map(Number);

function showFaces(button) {
  const chosen = button.getAttribute("aria-pressed") === "true" ? [] : facesOf(button);
  document.getElementById(button.dataset.part)?.select?.(chosen);
  markRows(button.dataset.part, chosen);
}

// The rows whose feature the chosen faces of a part belong to are picked out; their table opens.
function markRows(part, faces) {
  for (const button of document.querySelectorAll(`[data-part="${CSS.escape(part)}"][data-faces]`)) {
    const here = facesOf(button).some((face) => faces.includes(face));
    button.setAttribute("aria-pressed", String(here));
    button.closest("tr")?.classList.toggle("picked", here);
    if (here) button.closest("details")?.setAttribute("open", "");
  }
}

// Keys beside a number: one more, one less, within the field's limits.
function stepBy(button) {
  const field = document.getElementById(button.dataset.for);
  if (!field) return;
  const steps = Number(button.dataset.steps);
  if (steps > 0) field.stepUp(steps);
  else field.stepDown(-steps);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Takes back what was tried on a plan: its ghost and the words about it.
function settle(button) {
  document.getElementById(button.dataset.settles)?.settle?.();
  button.closest("[aria-live]")?.replaceChildren();
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  closeMenus(at("details.menu"));
  if (at("[data-theme-toggle]")) toggleTheme();
  if (at("[data-opens]")) openDialog(at("[data-opens]").dataset.opens);
  if (at("[data-closes]")) at("dialog")?.close();
  if (at("[data-steps]")) stepBy(at("[data-steps]"));
  if (at("[data-settles]")) settle(at("[data-settles]"));
  if (at("[data-faces]")) showFaces(at("[data-faces]"));
  if (at("[data-copy]")) navigator.clipboard?.writeText(at("[data-copy]").dataset.copy);
  if (event.target instanceof HTMLDialogElement && event.target.open) closeWhenOutside(event);
});

// A press on the backdrop closes a dialog; a press on its own padding does not.
function closeWhenOutside(event) {
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && event.detail > 0) event.target.close();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details.menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  }
  if (event.key !== "/" || event.target.matches("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector('.search input[type="search"]');
  if (!field) return;
  event.preventDefault();
  field.focus();
});

document.addEventListener("part:select", (event) => markRows(event.target.id, event.detail.faces));

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-busy]")) return;
  const button = event.submitter ?? event.target.querySelector(".button");
  if (button?.getAttribute("aria-busy") === "true") {
    event.preventDefault(); // a second press must not send the same thing twice
    return;
  }
  button?.setAttribute("aria-busy", "true");
});

// Coming back to a page from the browser's history: its buttons are not busy any more.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll('form [aria-busy="true"]')) button.removeAttribute("aria-busy");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("[data-busy]");
  for (const button of form?.querySelectorAll('[aria-busy="true"]') ?? []) button.removeAttribute("aria-busy");
});
