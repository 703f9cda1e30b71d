// What the desk adds to pages that work without it: keys, focus on errors, a warning before logging out.
"use strict";
(() => {
  const MINUTE = 60000;
  const WARN_BEFORE = 5 * MINUTE;

  // F-keys press the button or link that shows them; Escape leaves a field's list alone.
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!/^F([1-9]|1[0-2])$/.test(event.key)) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.click();
  });

  // Enter that ends a conversion must not send the form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);

  // Printing needs this script; without it the browser's own menu prints the page.
  const offerPrinting = () => document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  const showErrors = () => document.getElementById("error-summary")?.focus();

  // A link of the error summary leads to a group's first choice, not to its frame.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a[href^='#']");
    if (!link) return;
    const place = document.getElementById(link.hash.slice(1));
    const field = place?.matches("fieldset") ? place.querySelector("input") : place;
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // A form that was sent once is not sent twice by an impatient second click.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

  const watchIdleTime = () => {
    const seconds = Number(document.body.dataset.idleSeconds);
    const warning = document.getElementById("idle-warning");
    if (!seconds || !warning) return;
    let timer;
    const start = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        warning.hidden = false;
        document.getElementById("idle-go-on").focus();
      }, Math.max(seconds * 1000 - WARN_BEFORE, 0));
    };
    document.getElementById("idle-go-on").addEventListener("click", async () => {
      const answer = await fetch("/session/go-on", { headers: { "HX-Request": "true" } });
      warning.hidden = true;
      if (answer.ok) start();
    });
    start();
  };

  // On narrow screens the menu begins folded; without this script it stays open.
  const foldMenu = () => {
    if (window.matchMedia("(max-width: 60rem)").matches) document.querySelector(".side-fold")?.removeAttribute("open");
  };

  document.addEventListener("DOMContentLoaded", () => {
    foldMenu();
    showErrors();
    offerPrinting();
    watchIdleTime();
  });
})();
