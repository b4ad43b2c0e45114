"use strict";
(() => {
  const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, attributes = {}, text = "") => {
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    if (text) found.textContent = text;
    return found;
  };
  const root = document.documentElement;
  root.classList.add("on");

  // Light and dark: as the system has it, until someone chooses.
  const THEMES = ["auto", "light", "dark"];
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem("suite-theme", value);
      return localStorage.getItem("suite-theme");
    } catch {
      return null; // A page from disk may have no storage.
    }
  };
  const themed = (name) => {
    if (name === "auto") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", name);
    for (const button of $("button.theme")) button.textContent = `Colours: ${name}`;
  };
  let theme = THEMES.includes(remembered()) ? remembered() : "auto";
  themed(theme);
  for (const button of $("button.theme")) {
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      remembered(theme);
      themed(theme);
    });
  }

  // Tables: sorted by the values behind the words; what has no value stands last, whichever way.
  const valueOf = (cell) => {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    if (text === "–" || text === "") return null;
    const number = Number(text.replaceAll(",", ""));
    return Number.isFinite(number) ? number : text;
  };
  const compared = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));
  const sorted = (table, head, place) => {
    const up = head.getAttribute("aria-sort") === "descending";
    for (const other of $("thead th", table)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [valueOf(row.cells[place]), row]);
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return up ? compared(a, b) : compared(b, a);
    });
    body.append(...keyed.map(([, row]) => row));
  };
  for (const table of $("table.sortable")) {
    $("thead th", table).forEach((head, place) => {
      const words = head.textContent;
      if (!words.trim()) return;
      const button = make("button", { type: "button" }, words);
      head.replaceChildren(button);
      button.addEventListener("click", () => sorted(table, head, place));
    });
  }

  // The board shows the models that are asked for.
  for (const tools of $("[data-filters]")) {
    const table = document.getElementById(tools.dataset.filters).querySelector("table");
    const [input] = $("input", tools);
    const [family] = $("select", tools);
    const [output] = $("output", tools);
    const rows = [...table.tBodies[0].rows];
    const asked = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        const is = words.every((word) => text.includes(word)) && (!family.value || row.dataset.family === family.value);
        row.hidden = !is;
        shown += is;
      }
      output.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} models`;
    };
    input.addEventListener("input", asked);
    family.addEventListener("change", asked);
  }

  // Files: what is on the page, as it is.
  const save = (name, type, text) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  for (const button of $("button[data-save]")) {
    button.addEventListener("click", () => {
      const svg = button.closest("figure").querySelector("svg").cloneNode(true);
      const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
      style.textContent = JSON.parse(document.getElementById("looks").textContent);
      const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const side of ["width", "height"]) paper.setAttribute(side, "100%");
      paper.setAttribute("class", "f-paper");
      svg.prepend(style, paper);
      save(`${button.dataset.save}.svg`, "image/svg+xml", new XMLSerializer().serializeToString(svg));
    });
  }

  // Records and matrices are packed: they are unpacked when somebody wants them.
  let unpacked;
  const payload = () => {
    unpacked ??= (async () => {
      const bytes = Uint8Array.from(atob(document.getElementById("payload").textContent.trim()), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      return JSON.parse(await new Response(stream).text());
    })();
    return unpacked;
  };
  const matrix = (classes, entries) => {
    const found = classes.map(() => new Array(classes.length).fill(0));
    for (const [i, j, n] of entries) found[i][j] = n;
    return found;
  };
  for (const button of $("button[data-records]")) {
    button.addEventListener("click", async () => {
      const { records } = await payload();
      // As their files have them: with the zeros of their matrices.
      for (const one of records) {
        if (one.confusion?.counts) one.confusion = matrix(Array(one.confusion.size).fill(), one.confusion.counts);
      }
      save(button.dataset.records, "application/x-ndjson", records.map((one) => JSON.stringify(one) + "\n").join(""));
    });
  }

  // Confusion: one model by counts or by shares of the row, or one less another.
  const painted = (cell, share, shade) => {
    const level = Math.min(9, Math.ceil(9 * Math.abs(share)));
    if (level) cell.classList.add(`${shade}${level}`);
  };
  const percent = (share) => (share > 0 && share < 0.005 ? "<1%" : `${Math.round(100 * share)}%`);
  const drawn = (place, { classes, confusion }, model, other, mode) => {
    const [one, two] = [model, other].map((name) => name && matrix(classes, confusion[name]));
    const small = classes.length > 40;
    const table = make("table", { class: small ? "matrix small" : "matrix" });
    const head = table.createTHead().insertRow();
    head.append(make("td"), ...classes.map((name) => make("th", { scope: "col", title: name }, name)));
    const body = table.createTBody();
    const largest = two && Math.max(1, ...one.flatMap((row, i) => row.map((n, j) => Math.abs(n - two[i][j]))));
    one.forEach((row, i) => {
      const line = body.insertRow();
      line.append(make("th", { scope: "row", title: classes[i] }, classes[i]));
      const total = row.reduce((sum, n) => sum + n, 0);
      row.forEach((n, j) => {
        const cell = line.insertCell();
        const share = total ? n / total : 0;
        let words = n ? String(n) : "·";
        if (two) {
          const less = n - two[i][j];
          words = less ? (less > 0 ? `+${less}` : `−${-less}`) : "·";
          painted(cell, less / largest, (less > 0) === (i === j) ? "g" : "b");
        } else {
          if (mode === "shares") words = n ? percent(share) : "·";
          painted(cell, share, "h");
        }
        if (!small) cell.textContent = words;
        cell.title = `${classes[i]} taken for ${classes[j]}: ${words}${two || mode === "shares" ? "" : ` (${percent(share)})`}`;
        if (i === j) cell.classList.add("d");
      });
    });
    place.replaceChildren(table);
  };
  for (const tools of $("[data-confusion]")) {
    const place = document.getElementById(tools.dataset.confusion);
    const [model, less, mode] = $("select", tools);
    const [words] = $("output", tools);
    const show = async () => {
      const { board } = await payload();
      const names = Object.keys(board.confusion);
      const other = less.value === "" ? null : names[less.value];
      mode.disabled = other !== null;
      words.textContent = other === null ? "" : "Rows more (+) or fewer (−) than the other. Green: what a good model does more.";
      drawn(place, board, names[model.value], other, mode.value);
    };
    for (const select of [model, less, mode]) select.addEventListener("change", show);
    if (typeof DecompressionStream === "undefined") {
      root.classList.remove("on"); // An old browser gets what needs no script.
    } else if ("IntersectionObserver" in window) {
      const watcher = new IntersectionObserver((seen) => {
        if (seen.some((entry) => entry.isIntersecting)) {
          watcher.disconnect();
          show();
        }
      }, { rootMargin: "600px" });
      watcher.observe(tools);
    } else show();
  }

  // On paper nothing is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = $("details:not([open])");
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });
})();
