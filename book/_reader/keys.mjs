// Single keys.  Whoever speaks to a computer, or presses them by accident, turns them off in the help (WCAG 2.1.4).

const root = document.documentElement;
const NAME = "single-keys";

export const singleKeys = () => root.dataset.keys !== "off";

/** A choice like that of colours: remembered where the browser allows it, and here in any case. */
export function allowSingleKeys(on) {
  root.dataset.keys = on ? "on" : "off";
  try {
    if (on) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, "off");
  } catch {
    // it holds for this page
  }
}

const TYPED = "textarea, select, input:not([type=radio], [type=checkbox], [type=range], [type=button]), [role=textbox]";

/** Have keys do something, but not where somebody writes, nor below an open dialog. */
export function listen(acts) {
  try {
    if (localStorage.getItem(NAME) === "off") root.dataset.keys = "off";
  } catch {
    // nothing is remembered
  }
  addEventListener("keydown", (event) => {
    const letter = /^[a-z]$/i.test(event.key);
    const act = acts[letter ? event.key.toLowerCase() : event.key];
    if (!act || event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.ctrlKey || event.altKey || event.metaKey || (letter && event.shiftKey)) return;
    const [target] = event.composedPath();
    if (!singleKeys() || target.isContentEditable || target.closest?.(TYPED) || document.querySelector("dialog:modal")) return;
    event.preventDefault();
    act();
  });
}
