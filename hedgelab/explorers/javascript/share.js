// Settings in the address: #one-path:volatility=0.5;day=20&anatomy:spot=90.  Each explorer has its own part.

/** The parts of a fragment; one that cannot be decoded stays as it is. */
const parts = (fragment) =>
  fragment.replace(/^#/, "").split("&").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });

/** The settings of one explorer in an address's fragment, as texts, or nothing. */
export function read(fragment, id) {
  const part = parts(fragment).find((each) => each.startsWith(`${id}:`));
  return part && Object.fromEntries(part.slice(id.length + 1).split(";").map((pair) => pair.split("=")));
}

/** Of which explorer a fragment says something last: the one that a link is about. */
export const last = (fragment) => parts(fragment).findLast((each) => each.includes(":"))?.split(":")[0];

/** The fragment with one explorer's settings put last; those at their defaults are left out, all of them unless `always`. */
export function write(fragment, id, settings, always = false) {
  const others = parts(fragment).filter((each) => each.includes(":") && !each.startsWith(`${id}:`));
  const own = Object.entries(settings).map(([name, value]) => `${name}=${value}`).join(";");
  return [...others, ...(own || always ? [`${id}:${own}`] : [])].join("&");
}
