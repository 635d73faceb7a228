/* The page's pad: draw a digit, see the image that the networks see, and what each of them reads.
 *
 * It mounts on every <div class="mnist-pad"> of the page; data-size="small" is the form for the landing page. The
 * numerics are in reader.js, which mirrors mnist_study/images/strokes.py and mnist_study/drawing/. Strokes are kept as
 * data, in units of a pad of 280 x 280, and drawn anew whenever the screen, the theme or the pen changes.
 */
(function () {
  "use strict";

  const MISSING = "The pad’s networks are not here: run “make book” to write them, then open this page again.";
  const INVITATION = "Draw a digit, 0 to 9.";
  const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const TEST_DIGITS = 10000;
  const LONGEST_PAUSE = 350; // milliseconds between two strokes of a replay
  const PREPARATIONS = {
    raw: "The whole pad, scaled down.",
    cropped: "The ink scaled to 20 pixels, the middle of its box in the middle of the image.",
    centred: "The ink scaled to 20 pixels, its centre of mass in the middle of the image: as MNIST was made.",
  };

  const reader = window.MnistReader;
  let mounted = 0; // pads on this page: makes ids and names of radio groups unique

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

  const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const percent = (share) => `${(share * 100).toFixed(1)}\u202f%`;

  function accuracy(share) {
    const wrong = Math.round((1 - share) * TEST_DIGITS);
    return `${(share * 100).toFixed(2)}\u202f% (${wrong} of ${thousands(TEST_DIGITS)} wrong)`;
  }

  function largest(values) {
    return values.indexOf(Math.max(...values));
  }

  /* ---- The surface: pointer to strokes, strokes to ink ---- */

  /** A canvas that keeps strokes {points: [[x, y]], times: [ms]} and calls `changed` while and when one is drawn. */
  class Surface {
    constructor(changed) {
      this.strokes = [];
      this.current = null; // the stroke under the pointer, also the last of `strokes`
      this.pointer = null;
      this.pen = reader.defaults.pen;
      this.changed = changed;
      this.replay = null; // the number of the animation frame that comes next
      this.canvas = element("canvas", { "data-pad": "", role: "img", "aria-label": "Drawing pad, empty" });
      this.listen();
    }

    listen() {
      const on = (kind, hear) => this.canvas.addEventListener(kind, hear);
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
        this.strokes.pop(); // the palm came first, and is no stroke
        this.current = null;
      }
      this.end(); // where the last stroke's end was never told
      this.stopReplay();
      this.pointer = event.pointerId;
      this.kind = event.pointerType;
      let gone = false;
      try {
        this.canvas.setPointerCapture(event.pointerId);
      } catch {
        gone = true; // the pointer has left already; its stroke is a dot
      }
      this.current = { points: [], times: [] };
      this.strokes.push(this.current);
      this.add(event);
      this.draw();
      this.changed(false);
      if (gone) this.end();
    }

    move(event) {
      if (!this.current || event.pointerId !== this.pointer) return;
      const finer = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const one of finer.length ? finer : [event]) this.add(one);
      this.draw();
      this.changed(false);
    }

    end() {
      if (!this.current) return;
      this.current = this.pointer = null;
      this.changed(true);
    }

    /** Keep a point of the pad; one outside moves to its edge, so that all that is read is also seen. */
    add(event) {
      const box = this.canvas.getBoundingClientRect();
      const { canvas: units } = reader.defaults;
      const inside = (value) => Math.min(Math.max(value, 0), 1) * units;
      const point = [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
      const last = this.current.points.at(-1);
      if (last && last[0] === point[0] && last[1] === point[1]) return;
      this.current.points.push(point);
      this.current.times.push(event.timeStamp);
    }

    undo() {
      this.change(() => this.strokes.pop());
    }

    clear() {
      this.change(() => (this.strokes = []));
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

    lines() {
      return this.strokes.map((stroke) => stroke.points);
    }

    /** All ink, in the theme's colour and the screen's own pixels. */
    draw(lines = this.replay === null ? this.lines() : this.shown) {
      const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1));
      if (side === 0) return;
      if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
      const context = this.canvas.getContext("2d");
      const scale = side / reader.defaults.canvas;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, reader.defaults.canvas, reader.defaults.canvas);
      context.strokeStyle = getComputedStyle(this.canvas).color;
      context.lineWidth = (this.pen * reader.defaults.canvas) / reader.defaults.side;
      context.lineCap = context.lineJoin = "round";
      for (const line of lines) {
        context.beginPath();
        context.moveTo(...line[0]);
        for (const point of line) context.lineTo(...point); // the first once more: a single point becomes a dot
        context.stroke();
      }
    }

    /* ---- Replay ---- */

    play() {
      this.stopReplay();
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.draw();
      const shownAt = this.schedule();
      const begun = performance.now();
      const total = shownAt.at(-1).at(-1);
      const frame = (now) => {
        const passed = Math.max(now - begun, 0);
        if (passed >= total) return this.stopReplay();
        this.shown = this.lines()
          .map((line, stroke) => line.filter((_, point) => shownAt[stroke][point] <= passed))
          .filter((line) => line.length > 0);
        this.draw();
        this.replay = requestAnimationFrame(frame);
      };
      this.shown = [];
      this.replay = requestAnimationFrame(frame);
      this.canvas.dataset.replaying = "";
      this.draw();
    }

    /** Milliseconds after the start at which each point shows: as it was drawn, without long pauses. */
    schedule() {
      let saved = this.strokes[0].times[0];
      let last = saved;
      return this.strokes.map(({ times }) => {
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
  function tensorView() {
    const { side } = reader.defaults;
    const canvas = element("canvas", { "data-tensor": "", width: side, height: side, role: "img" });
    const caption = element("p", { text: "28 × 28 pixels that the networks see" });
    return {
      element: element("div", { class: "mnist-pad-tensor" }, canvas, caption),
      show(image) {
        const pixels = new ImageData(side, side);
        image.forEach((value, pixel) => pixels.data.set([value, value, value, 255], pixel * 4));
        canvas.getContext("2d").putImageData(pixels, 0, 0);
        const inked = image.filter((value) => value > 0).length;
        canvas.setAttribute("aria-label", inked ? `The tensor: ${inked} of ${image.length} pixels have ink` : "The tensor: empty");
      },
    };
  }

  /** Ten bars, of which the largest stands out. */
  function probabilityBars() {
    const rows = DIGITS.map((digit) => {
      const bar = element("span", { class: "mnist-pad-fill" });
      const share = element("span", { class: "mnist-pad-percent" });
      const name = element("span", { class: "mnist-pad-digit", text: digit });
      return { bar, share, row: element("li", {}, name, element("span", { class: "mnist-pad-bar" }, bar), share) };
    });
    return {
      element: element("ul", { class: "mnist-pad-bars", role: "list" }, ...rows.map(({ row }) => row)),
      show(probabilities) {
        rows.forEach(({ bar, share, row }, digit) => {
          bar.style.width = probabilities ? `${probabilities[digit] * 100}%` : "0";
          share.textContent = probabilities ? percent(probabilities[digit]) : "–";
          row.classList.toggle("is-guess", probabilities !== null && digit === largest(probabilities));
        });
      },
    };
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

  function networkNotes(network) {
    const notes = [
      `${thousands(network.parameters)} parameters`,
      `test accuracy ${accuracy(network.accuracy)}`,
      `with this page’s 8-bit weights ${accuracy(network.exported)}`,
    ];
    return element("div", { class: "mnist-pad-notes" }, ...notes.map((text) => element("p", { text })));
  }

  function answerView(network, small) {
    const guess = element("p", { class: "mnist-pad-guess" });
    const bars = small ? confidenceBar() : probabilityBars();
    const card = element(
      "div",
      { class: "mnist-pad-answer", role: "group", "aria-label": network.name, "data-model": network.name, "data-guess": "" },
      element("p", { class: "mnist-pad-name", text: network.name }),
      guess,
      bars.element
    );
    if (!small) card.append(networkNotes(network));
    return {
      element: card,
      show(probabilities) {
        card.dataset.guess = probabilities ? largest(probabilities) : "";
        guess.textContent = probabilities ? largest(probabilities) : "–";
        bars.show(probabilities);
      },
    };
  }

  /** Where the networks agree, where they do not, and the same for those who hear the page. */
  function verdictView() {
    const line = element("p", { class: "mnist-pad-verdict" });
    const spoken = element("p", { class: "mnist-pad-hidden", role: "status", "aria-live": "polite" });
    return {
      element: element("div", {}, line, spoken),
      show(guesses) {
        const differ = new Set(guesses.map(({ digit }) => digit)).size > 1;
        line.classList.toggle("is-alert", differ);
        line.textContent = "";
        if (differ) line.append(element("span", { "aria-hidden": "true", text: "≠ " }), "They disagree");
        else line.textContent = guesses.length ? `They agree: ${guesses[0].digit}` : "";
        const sentence = guesses.map(({ name, digit }) => `${name} reads ${digit}`).join(", ");
        if (spoken.textContent !== sentence) spoken.textContent = sentence;
      },
    };
  }

  /** A row for each digit, a column for each network. */
  function logitsView() {
    const head = (name) => element("th", { scope: "col", text: name });
    const cells = DIGITS.map(() => reader.networks.map(() => element("td")));
    const rows = DIGITS.map((digit) => element("tr", {}, element("th", { scope: "row", text: digit }), ...cells[digit]));
    const columns = element("tr", {}, ...["digit", ...reader.networks.map(({ name }) => name)].map(head));
    const table = element("table", {}, element("thead", {}, columns), element("tbody", {}, ...rows));
    return {
      element: element("details", { class: "mnist-pad-logits" }, element("summary", { text: "Show logits" }), table),
      show(logits) {
        logits.forEach((values, network) =>
          DIGITS.forEach((digit) => {
            cells[digit][network].textContent = values ? values[digit].toFixed(2).replace("-", "−") : "–";
            cells[digit][network].classList.toggle("is-guess", values !== null && digit === largest(values));
          })
        );
      },
    };
  }

  /** What the drawing measures, beside MNIST's training digits. */
  function diagnosisView() {
    const rows = new Map();
    const body = element("tbody");
    const head = ["measure", "this drawing", "among MNIST’s training digits"];
    const columns = element("tr", {}, ...head.map((text) => element("th", { scope: "col", text })));
    const caption = element("caption", { text: "How it compares" });
    for (const [name, unit] of Object.entries(window.MNIST_PAD_DATA.measures)) {
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

  function showMeasure({ value, percentile, unusual }, { value: cell, marker, words, row, unit }) {
    const digits = Number.isInteger(value) || value >= 100 ? thousands(Math.round(value)) : value.toFixed(2);
    cell.textContent = `${digits} `;
    cell.append(element("span", { class: "mnist-pad-unit", text: unit }));
    marker.style.display = "";
    marker.style.left = `${percentile}%`;
    words.textContent = unusual ? "" : compared(percentile);
    if (unusual) {
      const sign = percentile < 50 ? "▼ " : "▲ ";
      words.append(element("span", { "aria-hidden": "true", text: sign }), `unusual: ${compared(percentile)}`);
    }
    row.classList.toggle("is-unusual", unusual);
  }

  function compared(percentile) {
    const share = Math.max(percentile, 100 - percentile);
    const number = share > 99 ? share.toFixed(1) : Math.round(share);
    if (share === 100) return `${percentile === 0 ? "less" : "more"} than all of them`;
    return `${percentile < 50 ? "less" : "more"} than ${number}\u202f% of them`;
  }

  /* ---- Controls ---- */

  function penControl(change) {
    const { pen, pens } = reader.defaults;
    const id = `mnist-pad-pen-${mounted}`;
    const input = element("input", { type: "range", id, min: pens[0], max: pens[1], step: 0.1, value: pen });
    const shown = element("output", { for: id });
    const show = () => {
      shown.textContent = `${Number(input.value).toFixed(1)} pixels`;
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.autocomplete = "off"; // or a browser that comes back to the page sets it, and tells nobody
    input.addEventListener("input", () => {
      show();
      change(Number(input.value));
    });
    show();
    const label = element("label", { for: id, text: "Stroke width" });
    return element("div", { class: "mnist-pad-pen" }, label, shown, input);
  }

  function stageControl(change) {
    const words = element("p", { class: "mnist-pad-stage-words", text: PREPARATIONS.centred });
    const choices = reader.defaults.stages.map((stage) => {
      const input = element("input", { type: "radio", name: `mnist-pad-stage-${mounted}`, value: stage, autocomplete: "off" });
      input.checked = stage === "centred";
      input.addEventListener("change", () => {
        words.textContent = PREPARATIONS[stage];
        change(stage);
      });
      return element("label", {}, input, stage);
    });
    const row = element("div", {}, ...choices);
    return element("fieldset", { class: "mnist-pad-stage" }, element("legend", { text: "Preparation" }), row, words);
  }

  /* ---- The pad ---- */

  function mount(root) {
    root.classList.add("mathjax_ignore", "tex2jax_ignore");
    if (!reader || reader.networks.length === 0) {
      root.replaceChildren(element("p", { class: "mnist-pad-missing", text: MISSING }));
      return;
    }
    mounted += 1;
    const small = root.dataset.size === "small";
    const chosen = { pen: reader.defaults.pen, stage: "centred" };
    const tensor = tensorView();
    const verdict = verdictView();
    const answers = reader.networks.map((network) => answerView(network, small));
    const logits = logitsView();
    const diagnosis = diagnosisView();
    const surface = new Surface((finished) => update(finished));
    const hint = element("p", { class: "mnist-pad-hint", text: INVITATION });
    const buttons = {
      undo: button("Undo", () => surface.undo()),
      clear: button("Clear", () => surface.clear()),
      replay: button("Replay", () => surface.play()),
    };

    /** The tensor follows the pen; the networks answer when a stroke is finished. */
    function update(finished = true) {
      const empty = surface.strokes.length === 0;
      const image = reader.rasterise(surface.lines(), chosen);
      hint.hidden = !empty;
      tensor.show(image);
      for (const one of Object.values(buttons)) disable(one, empty);
      if (finished) answer(empty ? null : image);
    }

    function answer(image) {
      const all = reader.networks.map((network) => (image ? network.logits(image) : null));
      const probabilities = all.map((values) => (values ? reader.softmax(values) : null));
      answers.forEach((view, number) => view.show(probabilities[number]));
      const guesses = reader.networks.map(({ name }, number) => ({ name, digit: image && largest(all[number]) }));
      verdict.show(image ? guesses : []);
      logits.show(all);
      diagnosis.show(image && reader.diagnose(image));
      const strokes = surface.strokes.length;
      surface.canvas.setAttribute("aria-label", `Drawing pad, ${strokes ? `strokes: ${strokes}` : "empty"}`);
    }

    /** The button that the keyboard stands on hands the focus to the pad, or Tab would begin again at the page's top. */
    function disable(one, off) {
      if (off && document.activeElement === one) root.focus({ preventScroll: true });
      one.disabled = off;
    }

    function choose(change) {
      Object.assign(chosen, change);
      surface.setPen(chosen.pen);
      update();
    }

    root.tabIndex = -1;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Draw a digit and see what the networks read");
    const paper = element("div", { class: "mnist-pad-paper" }, surface.canvas, hint);
    const tools = element("div", { class: "mnist-pad-buttons" }, buttons.undo, buttons.clear, buttons.replay);
    const draw = element("div", { class: "mnist-pad-draw" }, paper, tools);
    const side = element("div", { class: "mnist-pad-side" }, tensor.element);
    const cards = element("div", { class: "mnist-pad-answers" }, ...answers.map((view) => view.element));
    cards.style.setProperty("--networks", answers.length);
    const work = element("div", { class: "mnist-pad-work" }, draw, side);
    const inside = element("div", { class: "mnist-pad-inside" }, work);
    if (small) side.append(verdict.element, cards);
    else {
      side.append(penControl((pen) => choose({ pen })), stageControl((stage) => choose({ stage })));
      inside.append(verdict.element, cards, logits.element, diagnosis.element);
    }
    root.replaceChildren(inside);
    update();
  }

  /** Weights become numbers, and the browser compiles the loops, before somebody waits for an answer. */
  function warmUp() {
    const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 200));
    const blank = new Uint8Array(reader.defaults.side ** 2);
    const waiting = [...reader.networks];
    const next = () => {
      if (waiting.length === 0) return;
      waiting.shift().logits(blank);
      whenIdle(next);
    };
    whenIdle(next);
  }

  function start() {
    const roots = document.querySelectorAll(".mnist-pad");
    roots.forEach(mount);
    if (roots.length && reader && reader.networks.length) warmUp();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
