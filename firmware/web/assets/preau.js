// Comfort only: every page works without it. It keeps what changes up to date, fills
// in what can be guessed, and shows a password that is being chosen.
"use strict";
(() => {
  const live = document.getElementById("live");
  const lost = document.getElementById("connection-lost");

  // Replaces the parts that changed. Open details stay open, and the focus stays.
  const swap = (html) => {
    const next = document.createElement("template");
    next.innerHTML = html;
    // A card that comes or goes.
    if (parts(next.content) !== parts(live)) {
      live.innerHTML = html;
      return;
    }
    for (const part of next.content.querySelectorAll("[data-part]")) {
      const old = live.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old.innerHTML === part.innerHTML) continue;
      const open = [...old.querySelectorAll("details[open]")].map((item) => item.id);
      const place = focused(old);
      old.innerHTML = part.innerHTML;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (place >= 0) focusable(old)[place]?.focus();
    }
  };
  const parts = (root) =>
    [...root.querySelectorAll("[data-part]")].map((part) => part.dataset.part).join();
  const focusable = (part) => [...part.querySelectorAll("a, button, summary, input")];
  const focused = (part) => focusable(part).indexOf(document.activeElement);

  const follow = () => {
    let asking = false;
    let again = false;
    const refresh = async () => {
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      try {
        const answer = await fetch(live.dataset.fragment, { redirect: "manual" });
        if (answer.type === "opaqueredirect") location.assign("/login");
        else if (answer.ok) {
          // The text as it came: the browser's own spelling would differ.
          swap(await answer.text());
          lost.hidden = true;
        } else lost.hidden = false;
      } catch {
        lost.hidden = false;
      }
      asking = false;
      if (again) {
        again = false;
        setTimeout(refresh, 500);
      }
    };
    const listen = () => {
      const events = new EventSource("/api/v1/events");
      events.addEventListener("status", refresh);
      events.onopen = refresh;
      events.onerror = () => {
        lost.hidden = false;
        // The browser tries again by itself unless the answer was a refusal.
        if (events.readyState === EventSource.CLOSED) {
          setTimeout(() => {
            refresh();
            listen();
          }, 5000);
        }
      };
      addEventListener("pagehide", () => events.close(), { once: true });
    };
    // What no event tells of is asked for again and again.
    const every = Number(live.dataset.every);
    if (every) setInterval(refresh, every * 1000);
    listen();
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  };
  if (live) follow();

  // From the explanation to the page itself, for a browser that accepts the
  // certificate already.
  const secure = document.querySelector("[data-secure]")?.dataset.secure;
  if (secure && !new URLSearchParams(location.search).has("lang")) {
    fetch(`${secure}alive`, { mode: "no-cors", credentials: "omit" })
      .then(() => location.replace(secure))
      .catch(() => {});
  }

  // A link in a mail comes from elsewhere, and then the browser holds the session
  // back; asked from here, it does not.
  if (document.querySelector("[data-page=login]")) {
    fetch("/alive")
      .then((answer) => answer.status === 200 && location.replace("/"))
      .catch(() => {});
  }

  for (const button of document.querySelectorAll("[data-reveal]")) {
    const field = document.getElementById(button.dataset.reveal);
    const hidden = button.textContent;
    button.hidden = false;
    button.addEventListener("click", () => {
      const show = field.type === "password";
      field.type = show ? "text" : "password";
      button.textContent = show ? button.dataset.shown : hidden;
      button.setAttribute("aria-pressed", String(show));
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // A login from the name, until somebody types another.
  for (const login of document.querySelectorAll("[data-login-from]")) {
    const name = document.getElementById(login.dataset.loginFrom);
    let own = login.value !== "";
    login.addEventListener("input", () => (own = login.value !== ""));
    name.addEventListener("input", () => {
      if (own) return;
      const words = name.value
        .toLowerCase()
        .replaceAll("œ", "oe")
        .replaceAll("æ", "ae")
        .normalize("NFD")
        .replace(/\p{M}/gu, "")
        .split(/[^a-z0-9]+/)
        .filter(Boolean);
      const titles = ["m", "mr", "mme", "mlle", "mrs", "ms", "dr"];
      if (words.length > 1 && titles.includes(words[0])) words.shift();
      login.value = words.join(".").slice(0, 20).replace(/^[.0-9]+|[.0-9]+$/g, "");
    });
  }

  const provider = document.getElementById("provider");
  if (provider) {
    document.querySelector("[data-fill]").hidden = true;
    const field = (id) => document.getElementById(id);
    provider.addEventListener("change", () => {
      const chosen = provider.selectedOptions[0];
      for (const hint of document.querySelectorAll("[data-provider]")) {
        hint.hidden = hint.dataset.provider !== provider.value;
      }
      if (!chosen.dataset.port) return;
      field("host").value = chosen.dataset.host;
      field("port").value = chosen.dataset.port;
      field("security").value = chosen.dataset.security;
      if (!field("login").value) field("login").value = field("from").value;
    });
    // The usual port of each way, when the port is that of the other.
    field("security").addEventListener("change", () => {
      const usual = { tls: "465", starttls: "587" };
      if (Object.values(usual).includes(field("port").value)) {
        field("port").value = usual[field("security").value];
      }
    });
  }

  // The reader's own time zone, where nothing was chosen yet.
  const zone = document.getElementById("time_zone");
  if (zone && !document.getElementById("name").value) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((option) => option.value === own)) zone.value = own;
  }

  // Once is enough: a button that was pressed says so.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      const button = event.submitter;
      if (!button) return;
      button.setAttribute("aria-busy", "true");
      if (button.dataset.busy) button.textContent = button.dataset.busy;
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
