/* The page's pad: draw a digit, or two, see the image that the networks see, and what each of them reads.
 *
 * It mounts on every <div class="mnist-pad"> of the page; data-size="small" is the form for the landing page, and
 * data-digits="2" begins with two digits. The numerics are in reader.js; the networks, and numbers, names and sentences
 * that Python knows too, in scripts beside this one, which are loaded when a pad comes near the window or is focused.
 * Strokes are kept as data, in units of the pad; each new piece is inked once, and all anew when the screen, the theme
 * or the pen changes. Whenever the image is as it stays, the pad sends a bubbling "mnist-image" whose detail is what the
 * networks saw, a Uint8Array, all 0 where nothing is drawn: other pieces of a page may look at the drawing too.
 */
(function () {
  "use strict";

  const SCRIPTS = { 1: "weights.js", 2: "two_digits.js" }; // by the number of digits that their networks read
  const HERE = document.currentScript.src;
  const NEAR = "300px"; // from the window, for a pad's script to be loaded
  const REMEDY = "load this page again, and if that does not help, write the file anew by “make book”.";
  const LONGEST_PAUSE = 350; // milliseconds between two strokes of a replay
  const MOST_LOGITS = 10; // rows of their table

  let made = 0; // pads on this page, and drawings of them: makes ids and names of radio groups unique

  /* ---- Elements and numbers in words ---- */

  /** An element with attributes; `text` and `class` are set too, and children may be elements or strings. */
  function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  function button(text, press) {
    const made = element("button", { type: "button", text });
    made.addEventListener("click", press);
    return made;
  }

  /** A table's row of heads. */
  const heads = (names) => element("tr", {}, ...names.map((text) => element("th", { scope: "col", text })));

  const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const percent = (share) => `${(share * 100).toFixed(1)}\u202f%`;

  /** a, b and c */
  const listed = (names) => [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");

  function largest(values) {
    return values.indexOf(Math.max(...values));
  }

  /** Labels of the largest values, falling. */
  function first(count, values) {
    return [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, count);
  }

  /* ---- Scripts ---- */

  const readers = {}; // by the number of digits, promises

  /** The reader of so many digits, or { problem }; one of two digits needs networks of the one of a single digit. */
  function readerFor(digits) {
    readers[digits] = readers[digits] || openReader(digits);
    return readers[digits];
  }

  async function openReader(digits) {
    if (!window.MnistReader) return { problem: "reader.js is missing or damaged" };
    const lender = digits > 1 ? await readerFor(1) : null;
    if (lender && lender.problem) return lender;
    const file = SCRIPTS[digits];
    const reader = window.MnistReader.open(file, await load(new URL(file, HERE)), lender);
    if (!reader.problem) warmUp(reader);
    return reader;
  }

  /** What a script leaves behind, if anything; a page that was opened as a file may load no other way. */
  function load(address) {
    return new Promise((resolve) => {
      const script = element("script", { src: address });
      script.onload = script.onerror = () => {
        resolve(window.MNIST_PAD_DATA);
        delete window.MNIST_PAD_DATA;
      };
      document.head.append(script);
    });
  }

  /** Weights become numbers, and the browser compiles the loops, before somebody waits for an answer. */
  function warmUp({ networks, image }) {
    const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 200));
    const blank = new Uint8Array(image.shape[0] * image.shape[1]);
    const waiting = [...networks];
    const next = () => {
      if (waiting.length === 0) return;
      waiting.shift().logits(blank);
      whenIdle(next);
    };
    whenIdle(next);
  }

  /* ---- The surface: pointer to strokes, strokes to ink ---- */

  /** A canvas that keeps lines [[x, y], …] and the times [ms, …] of their points; `changed` is called while a line is
   *  drawn, and with true when all are as they stay. */
  class Surface {
    constructor({ pad, digits, image }, changed) {
      this.height = pad.canvas; // in units of the pad
      this.width = digits * pad.canvas;
      this.unit = pad.canvas / image.shape[0]; // for each pixel of the image
      this.lines = [];
      this.times = [];
      this.current = null; // the line under the pointer, also the last of `lines`
      this.pointer = null;
      this.pen = pad.pen;
      this.changed = changed;
      this.replay = null; // the number of the animation frame that comes next
      this.canvas = element("canvas", { "data-pad": "", role: "img", "aria-label": "Drawing pad, empty" });
      this.before = element("canvas"); // a copy of what was there before the current line
      this.listen();
    }

    listen() {
      const on = (kind, listener) => this.canvas.addEventListener(kind, listener);
      on("pointerdown", (event) => this.start(event));
      on("pointermove", (event) => this.move(event));
      for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
        on(kind, (event) => event.pointerId === this.pointer && this.end());
      on("contextmenu", (event) => this.current && event.preventDefault()); // a long press of a pen is no right click
      new ResizeObserver(() => this.draw()).observe(this.canvas);
      window.addEventListener("resize", () => this.draw()); // zooming changes the device's pixels, not the canvas' size
      new MutationObserver(() => this.draw()).observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }

    start(event) {
      if (!event.isPrimary || event.button !== 0) return;
      if (this.current && event.pointerId !== this.pointer) {
        if (event.pointerType !== "pen" || this.kind === "pen") return; // a palm, or a second finger
        this.drop(); // the palm came first, and is no stroke
        this.draw();
      }
      this.end(); // where no event has ended the last stroke
      this.stopReplay();
      this.pointer = event.pointerId;
      this.kind = event.pointerType;
      let gone = false;
      try {
        this.canvas.setPointerCapture(event.pointerId);
      } catch {
        gone = true; // the pointer has left already; its stroke is a dot
      }
      this.keep();
      this.current = [];
      this.lines.push(this.current);
      this.times.push([]);
      this.add(event);
      this.ink(this.current);
      this.changed(false);
      if (gone) this.end();
    }

    move(event) {
      if (!this.current || event.pointerId !== this.pointer) return;
      const finer = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      const inked = this.current.length;
      for (const one of finer.length ? finer : [event]) this.add(one);
      if (this.current.length === inked) return;
      this.ink(this.current, inked - 1);
      this.changed(false);
    }

    end() {
      if (!this.current) return;
      this.restore();
      this.ink(this.current); // in one go: where pieces overlap, their edges are rough
      this.current = this.pointer = null;
      this.changed(true);
    }

    /** Without the last line. */
    drop() {
      this.lines.pop();
      this.times.pop();
      this.current = this.pointer = null;
    }

    /** Keep a point of the pad; one outside moves to its edge, so that all that is read is also seen. */
    add(event) {
      const box = this.canvas.getBoundingClientRect();
      const inside = (share) => Math.min(Math.max(share, 0), 1);
      const point = [
        inside((event.clientX - box.left) / box.width) * this.width,
        inside((event.clientY - box.top) / box.height) * this.height,
      ];
      const last = this.current.at(-1);
      if (last && last[0] === point[0] && last[1] === point[1]) return;
      this.current.push(point);
      this.times.at(-1).push(event.timeStamp);
    }

    undo() {
      this.change(() => this.drop());
    }

    clear() {
      this.change(() => ([this.lines, this.times] = [[], []]));
    }

    change(edit) {
      this.stopReplay();
      this.current = this.pointer = null;
      edit();
      this.draw();
      this.changed(true);
    }

    setPen(width) {
      this.pen = width;
      if (this.replay === null) this.draw();
    }

    /** All ink anew, in the theme's colour and the screen's own pixels. */
    draw() {
      const { clientWidth, clientHeight } = this.canvas;
      const [width, height] = [clientWidth, clientHeight].map((side) => Math.round(side * (window.devicePixelRatio || 1)));
      if (width === 0) return; // while another drawing is looked at
      if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
      const context = this.canvas.getContext("2d");
      context.setTransform(width / this.width, 0, 0, height / this.height, 0, 0);
      context.clearRect(0, 0, this.width, this.height);
      context.strokeStyle = getComputedStyle(this.canvas).color;
      context.lineWidth = this.pen * this.unit;
      context.lineCap = context.lineJoin = "round";
      for (const line of this.replay === null ? this.lines : this.shown()) {
        if (line === this.current) this.keep();
        this.ink(line);
      }
    }

    /** Ink a line from one of its points to another, on top of what is there; a single point becomes a dot. */
    ink(line, from = 0, to = line.length) {
      const context = this.canvas.getContext("2d");
      context.beginPath();
      context.moveTo(...line[from]);
      for (let at = from; at < to; at++) context.lineTo(...line[at]);
      context.stroke();
    }

    keep() {
      const { width, height } = this.canvas;
      Object.assign(this.before, { width, height }); // which also wipes it
      this.before.getContext("2d").drawImage(this.canvas, 0, 0);
    }

    restore() {
      const context = this.canvas.getContext("2d");
      context.save();
      context.resetTransform();
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      context.drawImage(this.before, 0, 0);
      context.restore();
    }

    /* ---- Replay ---- */

    play() {
      this.stopReplay();
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      const { lines } = this;
      const shownAt = this.schedule();
      const begun = performance.now();
      const total = shownAt.at(-1).at(-1);
      let [number, points] = [0, 0]; // the line that is shown in part, and how much of it
      const frame = (now) => {
        const passed = Math.max(now - begun, 0);
        if (passed >= total) return this.stopReplay();
        for (; number < lines.length; number++, points = 0) {
          const inked = points;
          while (points < lines[number].length && shownAt[number][points] <= passed) points++;
          if (points > inked) this.ink(lines[number], Math.max(inked - 1, 0), points);
          if (points < lines[number].length) break;
        }
        this.replay = requestAnimationFrame(frame);
      };
      this.shown = () => [...lines.slice(0, number), ...(points ? [lines[number].slice(0, points)] : [])];
      this.replay = requestAnimationFrame(frame);
      this.canvas.dataset.replaying = "";
      this.draw();
    }

    /** Milliseconds after the start at which each point shows: as it was drawn, without long pauses. */
    schedule() {
      let saved = this.times[0][0];
      let last = saved;
      return this.times.map((times) => {
        saved += Math.max(times[0] - last - LONGEST_PAUSE, 0);
        last = times.at(-1);
        return times.map((time) => time - saved);
      });
    }

    stopReplay() {
      if (this.replay === null) return;
      cancelAnimationFrame(this.replay);
      this.replay = null;
      delete this.canvas.dataset.replaying;
      this.draw();
    }
  }

  /* ---- Views: each shows one thing, and has `element` and `show` ---- */

  /** The image that the networks see, pixel for pixel. */
  function tensorView({ image: { shape: [rows, columns] } }) {
    const canvas = element("canvas", { "data-tensor": "", width: columns, height: rows, role: "img" });
    canvas.style.aspectRatio = columns / rows;
    const caption = element("p", { text: `${rows} × ${columns} pixels that the networks see` });
    return {
      element: element("div", { class: "mnist-pad-tensor" }, canvas, caption),
      show(image) {
        const pixels = new ImageData(columns, rows);
        image.forEach((value, pixel) => pixels.data.set([value, value, value, 255], pixel * 4));
        canvas.getContext("2d").putImageData(pixels, 0, 0);
        const inked = image.filter((value) => value > 0).length;
        canvas.setAttribute("aria-label", inked ? `The tensor: ${inked} of ${image.length} pixels have ink` : "The tensor: empty");
      },
    };
  }

  /** A bar for each class, of which the largest stands out. */
  function probabilityBars({ classes }) {
    const rows = classes.map((text) => {
      const bar = element("span", { class: "mnist-pad-fill" });
      const share = element("span", { class: "mnist-pad-percent" });
      const name = element("span", { class: "mnist-pad-digit", text });
      return { bar, share, row: element("li", {}, name, element("span", { class: "mnist-pad-bar" }, bar), share) };
    });
    return {
      element: element("ul", { class: "mnist-pad-bars", role: "list" }, ...rows.map(({ row }) => row)),
      show(probabilities) {
        rows.forEach(({ bar, share, row }, label) => {
          bar.style.width = probabilities ? `${probabilities[label] * 100}%` : "0";
          share.textContent = probabilities ? percent(probabilities[label]) : "–";
          row.classList.toggle("is-guess", probabilities !== null && label === largest(probabilities));
        });
      },
    };
  }

  /** A cell for each class, in rows of its first place and columns of its second; the line below it is about the cell
   *  under the pointer or the keyboard, and about the likeliest classes where there is none. */
  function probabilityMap(reader, name) {
    const { classes, places } = reader;
    const [[down, rows], [across, columns]] = Object.entries(places);
    const cells = classes.map(() => element("td", { tabindex: -1 }));
    const line = element("p", { class: "mnist-pad-line" });
    let [probabilities, marginals, stop] = [null, null, 0]; // `stop`: the cell that Tab leads to

    function say(label) {
      const about = (one) => `${classes[one]}: ${percent(probabilities[one])}`;
      const place = (word, number) => {
        const letter = classes[label][number];
        return `${word} ${letter}: ${percent(marginals[number][places[word].indexOf(letter)])}`;
      };
      if (!probabilities) line.textContent = "";
      else if (label < 0) line.textContent = first(3, probabilities).map(about).join(", ");
      else line.textContent = `${about(label)}; ${Object.keys(places).map(place).join(", ")}`;
    }

    function lead(label, tabIndex) {
      cells[stop].tabIndex = -1;
      stop = label;
      cells[stop].tabIndex = tabIndex;
    }

    const focused = () => cells.indexOf(document.activeElement);
    const order = element("span", { class: "mnist-pad-hidden", text: `: ${down} downwards, ${across} to the right` });
    const caption = element("caption", {}, name, order);
    const body = rows.map((text, row) => {
      const head = element("th", { scope: "row", text });
      return element("tr", {}, head, ...cells.slice(row * columns.length, (row + 1) * columns.length));
    });
    const top = heads(columns);
    top.prepend(element("td"));
    const table = element("table", { role: "grid" }, caption, element("thead", {}, top), element("tbody", {}, ...body));
    table.addEventListener("pointermove", ({ target, movementX, movementY }) => {
      if (!movementX && !movementY) return; // the page has scrolled under a pointer at rest
      say(cells.includes(target) ? cells.indexOf(target) : focused());
    });
    table.addEventListener("pointerleave", () => say(focused()));
    table.addEventListener("focusout", () => say(-1));
    table.addEventListener("focusin", () => {
      if (probabilities) lead(focused(), 0);
      say(focused());
    });
    table.addEventListener("keydown", (event) => {
      const at = focused();
      const start = at - (at % columns.length);
      const end = start + columns.length - 1;
      const goal = {
        ArrowLeft: Math.max(at - 1, start),
        ArrowRight: Math.min(at + 1, end),
        ArrowUp: at - columns.length,
        ArrowDown: at + columns.length,
        Home: event.ctrlKey ? 0 : start,
        End: event.ctrlKey ? cells.length - 1 : end,
      }[event.key];
      if (goal === undefined || event.altKey || event.metaKey) return; // those are the browser's
      event.preventDefault();
      if (cells[goal]) cells[goal].focus();
    });
    return {
      element: element("div", { class: "mnist-pad-map" }, table, line),
      show(next) {
        probabilities = next;
        marginals = next && reader.marginals(next);
        const guess = next ? largest(next) : 0;
        cells.forEach((cell, label) => {
          shade(cell, next ? next[label] : 0);
          cell.classList.toggle("is-guess", next !== null && label === guess);
          cell.setAttribute("aria-label", `${classes[label]}: ${next ? percent(next[label]) : "–"}`);
        });
        if (focused() < 0) lead(guess, next ? 0 : -1);
        say(focused());
      },
    };
  }

  /** A cell's colour: by the root of its probability, so that one of a hundredth is still seen. */
  function shade(cell, probability) {
    const wanted = `${Math.round(100 * Math.sqrt(probability))}%`;
    if (cell.style.getPropertyValue("--shade") !== wanted) cell.style.setProperty("--shade", wanted);
  }

  /** How the maps are to be read. */
  function legend({ places }) {
    const [down, across] = Object.keys(places);
    const steps = [0, 0.01, 0.1, 0.5, 1].map((share) => {
      const swatch = element("span", { class: "mnist-pad-swatch" });
      shade(swatch, share);
      return element("li", {}, swatch, `${share * 100}\u202f%`);
    });
    const words = `Maps: ${down} downwards, ${across} to the right; the guess is outlined. Point at a cell, or walk with the arrow keys.`;
    return element("div", { class: "mnist-pad-legend" }, element("p", { text: words }), element("ul", { role: "list" }, ...steps));
  }

  /** How sure a network is, in one bar: for the small pad. */
  function confidenceBar() {
    const bar = element("span", { class: "mnist-pad-fill" });
    const share = element("span", { class: "mnist-pad-percent" });
    return {
      element: element("p", { class: "mnist-pad-confidence" }, element("span", { class: "mnist-pad-bar" }, bar), share),
      show(probabilities) {
        const sure = probabilities ? Math.max(...probabilities) : 0;
        bar.style.width = `${sure * 100}%`;
        share.textContent = probabilities ? percent(sure) : "–";
      },
    };
  }

  function answerView(reader, network, small) {
    const { classes, places } = reader;
    const numbers = Object.keys(places).length > 1;
    const guess = element("p", { class: "mnist-pad-guess" });
    const pieces = network.name.split(/(?<=_)/).flatMap((piece) => [piece, element("wbr")]); // where a line may break
    const head = element("div", { class: "mnist-pad-head" }, element("p", { class: "mnist-pad-name" }, ...pieces), guess);
    const reading = element("p", { class: "mnist-pad-reading" });
    const share = element("p", { class: "mnist-pad-share" });
    if (numbers) head.append(...(small ? [reading] : [share, reading]));
    const body = small ? confidenceBar() : numbers ? probabilityMap(reader, network.name) : probabilityBars(reader);
    const card = element(
      "div",
      { class: "mnist-pad-answer", role: "group", "aria-label": network.name, "data-model": network.name, "data-guess": "" },
      head,
      body.element
    );

    /** How it goes about two digits; what each of them is, where it looks at them one after the other. */
    function read(probabilities) {
      const halves = () => reader.marginals(probabilities).map((shares, place) => Object.values(places)[place][largest(shares)]);
      return probabilities && network.parts ? `${network.reading}: ${halves().join(", ")}` : network.reading;
    }

    return {
      element: card,
      show(probabilities) {
        const name = probabilities ? classes[largest(probabilities)] : "";
        card.dataset.guess = name;
        guess.textContent = name || "–";
        share.textContent = probabilities ? percent(Math.max(...probabilities)) : "–";
        reading.textContent = read(probabilities);
        body.show(probabilities);
      },
    };
  }

  /** Where the networks agree, where they do not, and the same for a screen reader. */
  function verdictView({ refused }) {
    const line = element("p", { class: "mnist-pad-verdict" });
    const doubt = element("p", { class: "mnist-pad-refusal", hidden: "" });
    const spoken = element("p", { class: "mnist-pad-hidden", role: "status", "aria-live": "polite" });
    return {
      element: element("div", {}, line, doubt, spoken),
      show(guesses, refusing) {
        const differ = new Set(guesses.map(({ answer }) => answer)).size > 1;
        line.classList.toggle("is-alert", differ);
        line.textContent = "";
        if (differ) line.append(element("span", { "aria-hidden": "true", text: "≠ " }), "They disagree");
        else line.textContent = guesses.length ? `They agree: ${guesses[0].answer}` : "";
        doubt.hidden = refusing.length === 0;
        doubt.textContent = refusing.length ? refused.replace("{names}", listed(refusing)) : "";
        const answers = guesses.map(({ name, answer }) => `${name} reads ${answer}`).join(", ");
        const sentence = [answers, doubt.textContent].filter(Boolean).join(". ");
        if (spoken.textContent !== sentence) spoken.textContent = sentence;
      },
    };
  }

  /** A row for each class, or for the likeliest of them, a column for each network. */
  function logitsView({ networks, classes }) {
    const rows = classes.slice(0, MOST_LOGITS).map(() => {
      const [head, cells] = [element("th", { scope: "row" }), networks.map(() => element("td"))];
      return { head, cells, row: element("tr", {}, head, ...cells) };
    });
    const columns = heads(["read as", ...networks.map(({ name }) => name)]);
    const body = element("tbody", {}, ...rows.map(({ row }) => row));
    const title = rows.length < classes.length ? `the ${rows.length} likeliest of ${classes.length}` : "";
    const summary = element("summary", { text: title ? `Show logits (${title})` : "Show logits" });
    const scrolls = { class: "mnist-pad-wide", tabindex: 0, role: "region", "aria-label": "Logits" };
    const table = element("div", scrolls, element("table", {}, element("thead", {}, columns), body));
    return {
      element: element("details", { class: "mnist-pad-logits" }, summary, table),
      show(logits, probabilities) {
        const likely = classes.map((_, label) => probabilities.reduce((sum, shares) => sum + (shares ? shares[label] : 0), 0));
        const shown = first(rows.length, likely).sort((a, b) => a - b);
        rows.forEach(({ head, cells }, row) => {
          const label = shown[row];
          head.textContent = classes[label];
          cells.forEach((cell, network) => {
            const values = logits[network];
            cell.textContent = values ? values[label].toFixed(2).replace("-", "−") : "–";
            cell.classList.toggle("is-guess", values !== null && label === largest(values));
          });
        });
      },
    };
  }

  /** What each network is, and how well it reads the test set. */
  function networksTable({ networks, tested }) {
    const accuracy = (errors) => `${((1 - errors / tested) * 100).toFixed(2)}\u202f% (${thousands(errors)} of ${thousands(tested)} wrong)`;
    const rows = networks.map(({ name, parameters, errors, exported_errors: exported }) => {
      const cells = [thousands(parameters), accuracy(errors), accuracy(exported)].map((text) => element("td", { text }));
      return element("tr", {}, element("th", { scope: "row", text: name }), ...cells);
    });
    const columns = heads(["network", "parameters", "test accuracy", "with this page’s 8-bit weights"]);
    const caption = element("caption", { text: "The networks" });
    return element("table", { class: "mnist-pad-networks" }, caption, element("thead", {}, columns), element("tbody", {}, ...rows));
  }

  /** What the drawing measures, beside MNIST's training digits. */
  function diagnosisView({ measures: units, compared_with: others }) {
    const rows = new Map();
    const body = element("tbody");
    const columns = heads(["measure", "this drawing", `among ${others}`]);
    const caption = element("caption", { text: "How it compares" });
    for (const [name, unit] of Object.entries(units)) {
      const parts = { value: element("td"), marker: element("span"), words: element("span", { class: "mnist-pad-words" }) };
      const scale = element("span", { class: "mnist-pad-scale", "aria-hidden": "true" }, parts.marker);
      const title = element("th", { scope: "row", text: name.replaceAll("_", " ") });
      parts.row = element("tr", {}, title, parts.value, element("td", {}, element("div", {}, scale, parts.words)));
      parts.unit = unit;
      rows.set(name, parts);
      body.append(parts.row);
    }
    return {
      element: element("table", { class: "mnist-pad-diagnosis" }, caption, element("thead", {}, columns), body),
      show(measures) {
        for (const parts of rows.values()) {
          parts.value.textContent = parts.words.textContent = "–";
          parts.marker.style.display = "none";
          parts.row.classList.remove("is-unusual");
        }
        for (const measure of measures || []) showMeasure(measure, rows.get(measure.name));
      },
    };
  }

  function showMeasure({ value, percentile, unusual, compared }, { value: cell, marker, words, row, unit }) {
    const digits = Number.isInteger(value) || value >= 100 ? thousands(Math.round(value)) : value.toFixed(2);
    cell.textContent = `${digits} `;
    cell.append(element("span", { class: "mnist-pad-unit", text: unit }));
    marker.style.display = "";
    marker.style.left = `${percentile}%`;
    words.textContent = unusual ? "" : compared;
    if (unusual) {
      const sign = percentile < 50 ? "▼ " : "▲ ";
      words.append(element("span", { "aria-hidden": "true", text: sign }), `unusual: ${compared}`);
    }
    row.classList.toggle("is-unusual", unusual);
  }

  /* ---- Controls ---- */

  /** One of a few; `change` is called with the value of the chosen. */
  function choice(attributes, title, options, chosen, change) {
    const name = `mnist-pad-${attributes.class}-${(made += 1)}`;
    const labels = options.map(([value, text]) => {
      const input = element("input", { type: "radio", name, value, autocomplete: "off" });
      input.checked = value === chosen;
      input.addEventListener("change", () => change(value));
      return element("label", {}, input, text);
    });
    return element("fieldset", attributes, title, element("div", {}, ...labels));
  }

  function digitsControl(chosen, change) {
    const title = element("legend", { class: "mnist-pad-hidden", text: "How many digits" });
    return choice({ class: "mnist-pad-digits" }, title, [[1, "One digit"], [2, "Two digits"]], chosen, change);
  }

  function penControl({ pad: { pen, pens } }, change) {
    const id = `mnist-pad-pen-${(made += 1)}`;
    const input = element("input", { type: "range", id, min: pens[0], max: pens[1], step: 0.1, value: pen });
    const shown = element("output", { for: id });
    const show = () => {
      shown.textContent = `${Number(input.value).toFixed(1)} pixels`;
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.autocomplete = "off"; // or a browser that comes back to the page sets it without an event
    input.addEventListener("input", () => {
      show();
      change(Number(input.value));
    });
    show();
    const label = element("label", { for: id, text: "Stroke width" });
    return element("div", { class: "mnist-pad-pen" }, label, shown, input);
  }

  function stageControl({ stage: chosen, stages }, change) {
    const words = element("p", { class: "mnist-pad-stage-words", text: stages[chosen] });
    const options = Object.keys(stages).map((stage) => [stage, stage]);
    const control = choice({ class: "mnist-pad-stage" }, element("legend", { text: "Preparation" }), options, chosen, (stage) => {
      words.textContent = stages[stage];
      change(stage);
    });
    control.append(words);
    return control;
  }

  /* ---- The pad ---- */

  /** A drawing and all that is shown of it: `element`, and `update`, which shows it anew. */
  function desk(root, reader, small) {
    const chosen = { pen: reader.pad.pen, stage: reader.stage };
    let drawing = reader.drawing(chosen);
    const tensor = tensorView(reader);
    const verdict = verdictView(reader);
    const answers = reader.networks.map((network) => answerView(reader, network, small));
    const logits = logitsView(reader);
    const diagnosis = diagnosisView(reader);
    const surface = new Surface(reader, (finished) => update(finished));
    const hint = element("p", { class: "mnist-pad-hint", text: reader.invitation });
    const buttons = {
      undo: button("Undo", () => surface.undo()),
      clear: button("Clear", () => surface.clear()),
      replay: button("Replay", () => surface.play()),
    };

    /** The tensor follows the pen; the networks answer when a stroke is finished. */
    function update(finished = true) {
      const empty = surface.lines.length === 0;
      const image = drawing.image(surface.lines, { exact: finished });
      hint.hidden = !empty;
      tensor.show(image);
      for (const one of Object.values(buttons)) disable(one, empty);
      if (!finished) return;
      answer(empty ? null : image);
      root.dispatchEvent(new CustomEvent("mnist-image", { bubbles: true, detail: image.slice() }));
    }

    function answer(image) {
      const all = reader.networks.map((network) => (image ? network.logits(image) : null));
      const probabilities = all.map((values) => values && window.MnistReader.softmax(values));
      answers.forEach((view, number) => view.show(probabilities[number]));
      const guesses = reader.networks.map(({ name }, number) => ({ name, answer: image && reader.classes[largest(all[number])] }));
      const refusing = image ? reader.networks.filter((network) => network.refuses(image)).map(({ name }) => name) : [];
      verdict.show(image ? guesses : [], refusing);
      logits.show(all, probabilities);
      diagnosis.show(image && reader.diagnose(image));
      const strokes = surface.lines.length;
      surface.canvas.setAttribute("aria-label", `Drawing pad, ${strokes ? `strokes: ${strokes}` : "empty"}`);
    }

    /** The button that the keyboard stands on hands the focus to the pad, or Tab would begin again at the page's top. */
    function disable(one, off) {
      if (off && document.activeElement === one) root.focus({ preventScroll: true });
      one.disabled = off;
    }

    function choose(change) {
      drawing = reader.drawing(Object.assign(chosen, change));
      surface.setPen(chosen.pen);
      update();
    }

    const paper = element("div", { class: "mnist-pad-paper" }, surface.canvas, hint);
    const tools = element("div", { class: "mnist-pad-buttons" }, buttons.undo, buttons.clear, buttons.replay);
    const cards = element("div", { class: "mnist-pad-answers" }, ...answers.map((view) => view.element));
    const side = element("div", { class: "mnist-pad-side" }, tensor.element, verdict.element);
    const whole = element("div", { class: "mnist-pad-desk" }, tools, paper, side, cards);
    if (!small) {
      if (reader.digits > 1) cards.append(legend(reader));
      const controls = [penControl(reader, (pen) => choose({ pen })), stageControl(reader, (stage) => choose({ stage }))];
      whole.append(...controls, logits.element, networksTable(reader), diagnosis.element);
    }
    return { element: whole, update };
  }

  function mount(root) {
    root.classList.add("mathjax_ignore", "tex2jax_ignore");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Draw, and see what the networks read");
    root.tabIndex = 0; // until there is something inside for the keyboard to stand on
    const small = root.dataset.size === "small";
    const desks = {}; // by the number of digits: each keeps its drawing while one looks at the other
    const waiting = element("p", { class: "mnist-pad-waiting", role: "status", text: "The networks are being loaded …" });
    const inside = element("div", { class: "mnist-pad-inside" }, waiting);
    let shown = waiting;

    function place(next) {
      shown.replaceWith(next);
      shown = next;
    }

    async function show(digits) {
      root.dataset.digits = digits;
      if (!desks[digits]) place(waiting);
      const reader = await readerFor(digits);
      if (Number(root.dataset.digits) !== digits) return; // the switch went on while a script came in
      desks[digits] = desks[digits] || (reader.problem ? sorry(reader.problem) : desk(root, reader, small));
      place(desks[digits].element);
      desks[digits].update();
    }

    const begin = root.dataset.digits === "2" ? 2 : 1;
    root.dataset.digits = begin;
    if (!small) inside.prepend(digitsControl(begin, show));
    root.replaceChildren(inside);

    const observer = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && reached(), {
      rootMargin: NEAR,
    });
    function reached() {
      observer.disconnect();
      root.removeEventListener("focusin", reached);
      root.tabIndex = -1;
      show(begin);
    }
    root.addEventListener("focusin", reached);
    observer.observe(root);
  }

  /** Why there is no pad, in one sentence. */
  function sorry(problem) {
    const text = `There is no pad to draw on, because its file ${problem}; ${REMEDY}`;
    return { element: element("p", { class: "mnist-pad-missing", text }), update() {} };
  }

  window.MnistPad = { readerFor, load, REMEDY };
  const start = () => document.querySelectorAll(".mnist-pad").forEach(mount);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
