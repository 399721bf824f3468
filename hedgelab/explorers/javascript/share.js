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

/** The fragment with one explorer's settings replaced; those at their defaults are left out. */
export function write(fragment, id, settings) {
  const others = parts(fragment).filter((each) => each.includes(":") && !each.startsWith(`${id}:`));
  const own = Object.entries(settings).map(([name, value]) => `${name}=${value}`).join(";");
  return [...others, ...(own ? [`${id}:${own}`] : [])].join("&");
}
