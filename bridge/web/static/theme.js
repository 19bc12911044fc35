// Before anything is drawn, so that no page flashes white in the dark.
(function () {
  "use strict";
  var chosen = null;
  try { chosen = window.localStorage.getItem("theme"); } catch (error) { /* not allowed: as the system is */ }
  var dark = chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
