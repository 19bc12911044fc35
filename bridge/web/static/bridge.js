// What pages do beyond links and forms. Each works on attributes; no page has a script of its own.
(function () {
  "use strict";

  function theme() { return document.documentElement.getAttribute("data-bs-theme"); }

  document.addEventListener("click", function (event) {
    var toggle = event.target.closest("[data-theme-toggle]");
    if (toggle) {
      var next = theme() === "dark" ? "light" : "dark";
      document.documentElement.setAttribute("data-bs-theme", next);
      try { window.localStorage.setItem("theme", next); } catch (error) { /* holds for this page */ }
      draw(document);
    }
    var copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy);
      if (copy.dataset.copied) { copy.querySelector("span").textContent = copy.dataset.copied; }
    }
    var share = event.target.closest("[data-share]");
    if (share) {
      navigator.share({ text: share.dataset.text, url: share.dataset.share })
        .catch(function () { /* closed without sharing */ });
    }
    if (event.target.closest("[data-print]")) { window.print(); }
    var line = event.target.closest("[data-line]");
    if (line) { goToLine(document.getElementById(line.dataset.of), Number(line.dataset.line)); }
  });

  document.addEventListener("change", function (event) {
    var name = event.target.dataset.tickAll;
    if (!name) { return; }
    event.target.form.querySelectorAll('input[type="checkbox"][name="' + name + '"]').forEach(
      function (one) { one.checked = event.target.checked; });
  });

  // Puts the cursor into a line of a text field, and the line into sight.
  function goToLine(area, line) {
    var before = area.value.split("\n").slice(0, line - 1);
    var start = before.join("\n").length + (before.length ? 1 : 0);
    var end = area.value.indexOf("\n", start);
    area.focus();
    area.setSelectionRange(start, end < 0 ? area.value.length : end);
    area.scrollTop = (line - 4) * parseFloat(getComputedStyle(area).lineHeight);
  }

  document.addEventListener("submit", function (event) {
    var question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    // A second click while the first is on its way sends nothing.
    // What a button shows in a frame beside it leaves the form where it is.
    var aside = event.submitter && event.submitter.getAttribute("formtarget");
    if (aside) {
      var frame = document.querySelector('iframe[name="' + aside + '"]');
      if (frame) { frame.scrollIntoView({ block: "nearest" }); }
    }
    if (event.target.method === "post" && !aside && !event.target.hasAttribute("hx-post")) {
      if (event.target.dataset.sent) { event.preventDefault(); return; }
      event.target.dataset.sent = "1";
    }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // As it is painted: the variable itself may be a mixture of others, which no canvas understands.
  function colour(name) {
    var probe = document.createElement("i");
    probe.style.color = "var(--tblr-" + name + ")";
    document.body.appendChild(probe);
    var painted = getComputedStyle(probe).color;
    probe.remove();
    return painted;
  }

  function drawOne(canvas) {
    var told = document.getElementById(canvas.dataset.chart);
    if (!told || !window.Chart) { return; }
    var chart = JSON.parse(told.textContent);
    var present = window.Chart.getChart(canvas);
    if (present) { present.destroy(); }
    chart.data.datasets.forEach(function (set) {
      var painted = [].concat(set.colour || "primary").map(colour);
      var one = painted.length === 1 ? painted[0] : painted;
      set.backgroundColor = one;
      set.borderColor = one;
    });
    var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    chart.options = chart.options || {};
    chart.options.animation = still ? false : { duration: 200 };
    chart.options.maintainAspectRatio = false;
    chart.options.color = colour("body-color");
    Object.values(chart.options.scales || {}).forEach(function (axis) {
      axis.ticks = Object.assign({ color: colour("body-color") }, axis.ticks);
      axis.grid = Object.assign({ color: colour("border-color") }, axis.grid);
    });
    new window.Chart(canvas, chart);
  }

  function draw(root) { root.querySelectorAll("canvas[data-chart]").forEach(drawOne); }

  document.addEventListener("DOMContentLoaded", function () {
    // What a person would press at once anyway; where scripts are off there is its button.
    var sent = document.querySelector("form[data-send-now]");
    if (sent && !document.prerendering) { sent.requestSubmit(); return; }
    draw(document);
    if (navigator.share) {
      document.querySelectorAll("[data-share]").forEach(function (one) { one.hidden = false; });
    }
    var focus = document.querySelector("[data-focus], .is-invalid");
    if (focus) { focus.focus(); }
  });
  document.addEventListener("htmx:afterSwap", function (event) { draw(event.target); });
  document.addEventListener("htmx:beforeSwap", function (event) {
    // A refused form comes back with its reasons: show it.
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
    if (event.detail.xhr.status === 401) { window.location.reload(); }
  });
})();
