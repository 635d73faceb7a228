/* The page's pad: draw a digit, see the image that the networks see, and what each of them reads.
 *
 * It mounts on every <div class="mnist-pad"> of the page; data-size="small" is the form for the landing page. The
 * numerics are in reader.js, numbers, names and sentences that Python knows too in weights.js. Strokes are kept as data,
 * in units of the pad; each new piece is inked once, and all anew when the screen, the theme or the pen changes.
 * Whenever the image is as it stays, the pad sends a bubbling "mnist-image" whose detail is what the networks saw, a
 * Uint8Array, all 0 where nothing is drawn: other pieces of a page may look at the drawing too.
 */
(function () {
  "use strict";

  const REMEDY = "load this page again, and if that does not help, write the file anew by “make book”.";
  const LONGEST_PAUSE = 350; // milliseconds between two strokes of a replay

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

  /** One sentence that says why there is no pad, or nothing. */
  function trouble() {
    const [file, problem] = reader ? ["weights.js", reader.problem] : ["reader.js", "is missing or damaged"];
    return problem && `There is no pad to draw on, because its file ${file} ${problem}; ${REMEDY}`;
  }

  const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const percent = (share) => `${(share * 100).toFixed(1)}\u202f%`;

  function accuracy(errors) {
    const share = 1 - errors / reader.tested;
    return `${(share * 100).toFixed(2)}\u202f% (${thousands(errors)} of ${thousands(reader.tested)} wrong)`;
  }

  function largest(values) {
    return values.indexOf(Math.max(...values));
  }

  /* ---- The surface: pointer to strokes, strokes to ink ---- */

  /** A canvas that keeps lines [[x, y], …] and the times [ms, …] of their points; `changed` is called while a line is
   *  drawn, and with true when all are as they stay. */
  class Surface {
    constructor(changed) {
      this.lines = [];
      this.times = [];
      this.current = null; // the line under the pointer, also the last of `lines`
      this.pointer = null;
      this.pen = reader.pad.pen;
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
      const inside = (value) => Math.min(Math.max(value, 0), 1) * reader.pad.canvas;
      const point = [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
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
      const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1));
      if (side === 0) return;
      if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
      const context = this.canvas.getContext("2d");
      const scale = side / reader.pad.canvas;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, reader.pad.canvas, reader.pad.canvas);
      context.strokeStyle = getComputedStyle(this.canvas).color;
      context.lineWidth = (this.pen * reader.pad.canvas) / reader.image.columns;
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
  function tensorView() {
    const { rows, columns } = reader.image;
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
  function probabilityBars() {
    const rows = reader.classes.map((text) => {
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
      `test accuracy ${accuracy(network.errors)}`,
      `with this page’s 8-bit weights ${accuracy(network.exported_errors)}`,
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
        const name = probabilities ? reader.classes[largest(probabilities)] : "";
        card.dataset.guess = name;
        guess.textContent = name || "–";
        bars.show(probabilities);
      },
    };
  }

  /** Where the networks agree, where they do not, and the same for a screen reader. */
  function verdictView() {
    const line = element("p", { class: "mnist-pad-verdict" });
    const spoken = element("p", { class: "mnist-pad-hidden", role: "status", "aria-live": "polite" });
    return {
      element: element("div", {}, line, spoken),
      show(guesses) {
        const differ = new Set(guesses.map(({ answer }) => answer)).size > 1;
        line.classList.toggle("is-alert", differ);
        line.textContent = "";
        if (differ) line.append(element("span", { "aria-hidden": "true", text: "≠ " }), "They disagree");
        else line.textContent = guesses.length ? `They agree: ${guesses[0].answer}` : "";
        const sentence = guesses.map(({ name, answer }) => `${name} reads ${answer}`).join(", ");
        if (spoken.textContent !== sentence) spoken.textContent = sentence;
      },
    };
  }

  /** A row for each class, a column for each network. */
  function logitsView() {
    const head = (name) => element("th", { scope: "col", text: name });
    const cells = reader.classes.map(() => reader.networks.map(() => element("td")));
    const rows = reader.classes.map((text, label) => element("tr", {}, element("th", { scope: "row", text }), ...cells[label]));
    const columns = element("tr", {}, ...["digit", ...reader.networks.map(({ name }) => name)].map(head));
    const table = element("table", {}, element("thead", {}, columns), element("tbody", {}, ...rows));
    return {
      element: element("details", { class: "mnist-pad-logits" }, element("summary", { text: "Show logits" }), table),
      show(logits) {
        logits.forEach((values, network) =>
          cells.forEach((row, label) => {
            row[network].textContent = values ? values[label].toFixed(2).replace("-", "−") : "–";
            row[network].classList.toggle("is-guess", values !== null && label === largest(values));
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
    for (const [name, unit] of Object.entries(reader.measures)) {
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

  function penControl(change) {
    const { pen, pens } = reader.pad;
    const id = `mnist-pad-pen-${mounted}`;
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

  function stageControl(change) {
    const words = element("p", { class: "mnist-pad-stage-words", text: reader.stages[reader.stage] });
    const choices = Object.entries(reader.stages).map(([stage, sentence]) => {
      const input = element("input", { type: "radio", name: `mnist-pad-stage-${mounted}`, value: stage, autocomplete: "off" });
      input.checked = stage === reader.stage;
      input.addEventListener("change", () => {
        words.textContent = sentence;
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
    if (trouble()) {
      root.replaceChildren(element("p", { class: "mnist-pad-missing", text: trouble() }));
      return;
    }
    mounted += 1;
    const small = root.dataset.size === "small";
    const chosen = { pen: reader.pad.pen, stage: reader.stage };
    let drawing = new reader.Drawing(chosen);
    const tensor = tensorView();
    const verdict = verdictView();
    const answers = reader.networks.map((network) => answerView(network, small));
    const logits = logitsView();
    const diagnosis = diagnosisView();
    const surface = new Surface((finished) => update(finished));
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
      const probabilities = all.map((values) => (values ? reader.softmax(values) : null));
      answers.forEach((view, number) => view.show(probabilities[number]));
      const guesses = reader.networks.map(({ name }, number) => ({ name, answer: image && reader.classes[largest(all[number])] }));
      verdict.show(image ? guesses : []);
      logits.show(all);
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
      drawing = new reader.Drawing(Object.assign(chosen, change));
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
    const blank = new Uint8Array(reader.image.rows * reader.image.columns);
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
    if (roots.length && !trouble()) warmUp();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
