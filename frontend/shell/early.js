// Runs before the first paint: the theme that was chosen and the page that was asked for, so that
// the static shell does not flash in another colour or shape.
const root = document.documentElement;
try {
  const theme = localStorage.getItem("vapwright.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
} catch {
  // storage may be forbidden: the system's theme it is
}
root.dataset.room = location.pathname === "/" && !location.hash.startsWith("#v1.") ? "playground" : "document";
