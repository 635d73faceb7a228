/* A digit that is dragged, turned, made thin or thick and blurred, what the page's networks read then, and how each of
 * the study's networks stands one such change.
 *
 * It mounts on every <div class="mnist-changes" data-images="784 bytes of each digit, in base64" data-labels="0,1,…"
 * data-said="…">, as ``drag_a_digit`` of mnist_study/drawing/drag.py writes it, with all words and curves. The
 * networks are the pad's: pad.js loads them, reader.js computes them. What is done to a digit repeats, rounding included,
 *   stroke   change_strokes of mnist_study/images/augmentation.py, and _stroke of mnist_study/images/changes.py
 *   turn     rotated of mnist_study/images/corruptions.py, and sample of mnist_study/images/warping.py
 *   move     shifted of mnist_study/images/corruptions.py
 *   blur     _blur of mnist_study/images/changes.py, and gaussian_filter of SciPy
 * for one image, in a given direction; tests/browser/test_drag_page.py holds both sides together.
 */
(function () {
  "use strict";

  const { element, decoded, choice, mount } = window.MnistDigits || {}; // of digits.js
  const SIDE = 28; // pixels of a digit, across and down
  const MIDDLE = (SIDE - 1) / 2;
  const REACH = 4; // standard deviations at which a Gaussian ends
  const PAUSE = 500; // milliseconds without a change before it is read out

  /* ---- What is done to a digit: Uint8Array(784) to the same ---- */

  const inside = (row, column) => row >= 0 && row < SIDE && column >= 0 && column < SIDE;

  /** `grey(row, column, pixel)` of each pixel, rounded as NumPy does: halves to the even side. */
  function picture(grey) {
    return Uint8Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const value = grey(Math.floor(pixel / SIDE), pixel % SIDE, pixel);
      const low = Math.floor(value);
      return value - low === 0.5 ? low + (low % 2) : Math.round(value);
    });
  }

  /** The grey values of an image; around it is paper. */
  const reader = (image) => (row, column) => (inside(row, column) ? image[row * SIDE + column] : 0);

  /** Edges of strokes moved outwards, or inwards where `amount` is negative; a pixel at most at a time. */
  function stroke(image, amount) {
    const [extreme, left] = [amount > 0 ? Math.max : Math.min, Math.abs(amount)];
    if (left === 0) return image;
    const [at, share] = [reader(image), Math.min(left, 1)];
    const next = picture((row, column, pixel) => {
      const around = [at(row - 1, column), at(row + 1, column), at(row, column - 1), at(row, column + 1)];
      return image[pixel] + share * (extreme(image[pixel], ...around) - image[pixel]);
    });
    return stroke(next, Math.sign(amount) * (left - share));
  }

  /** Turned clockwise about the middle, read bilinearly. */
  function turn(image, degrees) {
    if (degrees === 0) return image;
    const [at, angle] = [reader(image), (degrees * Math.PI) / 180];
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    return picture((row, column) => {
      const [down, right] = [row - MIDDLE, column - MIDDLE];
      const [y, x] = [cosine * down - sine * right + MIDDLE, sine * down + cosine * right + MIDDLE];
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const line = (one) => at(one, left) * (1 - x + left) + at(one, left + 1) * (x - left);
      return line(top) * (1 - y + top) + line(top + 1) * (y - top);
    });
  }

  /** By whole pixels; what leaves the image is lost. */
  function move(image, right, down) {
    const at = reader(image);
    return right || down ? picture((row, column) => at(row - down, column - right)) : image;
  }

  /** A Gaussian of that standard deviation; outside, the image is mirrored at its edge. */
  function blur(image, deviation) {
    if (deviation === 0) return image;
    const reach = Math.floor(REACH * deviation + 0.5);
    const heights = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-(((at - reach) / deviation) ** 2) / 2));
    const total = heights.reduce((sum, height) => sum + height, 0);
    const mirrored = (place) => (place < 0 ? -1 - place : place < SIDE ? place : 2 * SIDE - 1 - place);
    const along = (pixels) => (pixel) => heights.reduce((sum, height, at) => sum + height * pixels(pixel, at - reach), 0) / total;
    const across = Float64Array.from(image.keys(), along((pixel, by) => image[pixel - (pixel % SIDE) + mirrored((pixel % SIDE) + by)]));
    const down = along((pixel, by) => across[mirrored(Math.floor(pixel / SIDE) + by) * SIDE + (pixel % SIDE)]);
    return picture((row, column, pixel) => down(pixel));
  }

  const APPLY = { stroke, rotation: turn, shift: move, blur };

  /** `amounts`: [[name, amount, …], …], in the order of the changes. */
  const changed = (image, amounts) => amounts.reduce((last, [name, ...by]) => APPLY[name](last, ...by), image);

  /** The share at an amount, on the straight lines between the points. */
  function between(amounts, shares, amount) {
    const next = Math.max(amounts.findIndex((one) => one >= amount), 1);
    const part = (amount - amounts[next - 1]) / (amounts[next] - amounts[next - 1]);
    return shares[next - 1] + part * (shares[next] - shares[next - 1]);
  }

  window.MnistChanges = { changed, between };

  /* ---- Words and elements ---- */

  const filled = (sentence, values) => sentence.replace(/{(\w+)}/g, (_, name) => values[name]);
  const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)}\u202f%`;
  const number = (value) => String(Math.round(value * 100) / 100);
  const clip = (value, low, high) => Math.min(Math.max(value, low), high);

  const part = (name, ...children) => element("div", { class: `mnist-changes-${name}` }, ...children);

  const SVG = "http://www.w3.org/2000/svg";

  /** A line of a curve; its strokes keep their width however the drawing is stretched. Under a pointer it says its
   *  name, if it has one. */
  function line(points, kind, name = "") {
    const made = document.createElementNS(SVG, "path");
    if (name) made.appendChild(document.createElementNS(SVG, "title")).textContent = name;
    made.setAttribute("class", `mnist-changes-line ${kind}`);
    made.setAttribute("d", `M${points.map((point) => point.join(" ")).join("L")}`);
    return made;
  }

  function drawing(...lines) {
    const made = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" })) made.setAttribute(name, value);
    made.append(...lines);
    return made;
  }

  function paint(canvas, image) {
    const pixels = new ImageData(SIDE, SIDE);
    image.forEach((value, at) => pixels.data.set([255 - value, 255 - value, 255 - value, 255], 4 * at));
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }

  const paper = (attributes) => element("canvas", { width: SIDE, height: SIDE, ...attributes });

  /* ---- Views ---- */

  /** How far one property is changed: `value`, in words, and set by a slider. */
  function sliderView({ label, step, less, more }, [least, most], unchanged, id, choose) {
    const input = element("input", { type: "range", id, min: least, max: most, step, value: 0, autocomplete: "off" });
    const output = element("output", { for: id, "aria-live": "off" });
    const view = { input, value: 0, element: part("slider", element("label", { for: id, text: label }), output, input) };
    view.set = (value) => {
      input.value = value;
      view.value = Number(input.value); // on a step, between the ends
      view.words = view.value === 0 ? unchanged : `${number(Math.abs(view.value))} ${view.value < 0 ? less : more}`;
      output.textContent = view.words;
      input.setAttribute("aria-valuetext", view.words);
    };
    input.addEventListener("input", () => {
      view.set(input.value);
      choose();
    });
    view.set(0);
    return view;
  }

  /** A property: its sliders, the curves of all networks, those of `readers` from near, and a mark where one is now. */
  function propertyView({ name, sliders, amounts, curves }, readers, unchanged, id, choose) {
    const [least, most] = [amounts[0], amounts.at(-1)];
    const views = sliders.map((one, at) => sliderView(one, [least, most], unchanged, `${id}-${at}`, choose));
    const across = (amount) => (100 * (amount - least)) / (most - least);
    const down = (share) => 100 - 100 * share;
    const curve = (network, kind) => line(amounts.map((amount, at) => [across(amount), down(curves[network][at])]), kind, network);
    const known = readers.filter((network) => network in curves);
    const kind = (network) => `is-network-${readers.indexOf(network)}`;
    const grid = [0, 0.5, 1].map((share) => line([[0, down(share)], [100, down(share)]], "is-grid"));
    const others = Object.keys(curves).filter((network) => !known.includes(network)).map((network) => curve(network, "is-other"));
    const [mark, dots] = [line([[0, 0]], "is-mark"), known.map((network) => line([[0, 0]], `is-dot ${kind(network)}`))];
    const plot = drawing(...grid, ...others, ...known.map((network) => curve(network, kind(network))), mark, ...dots);
    const values = known.map(() => element("b"));
    const legend = known.map((network, at) => element("li", {}, drawing(line([[0, 50], [100, 50]], kind(network))), network, values[at]));
    const scale = part("scale", ...["100\u202f%", "50\u202f%", "0\u202f%"].map((text) => element("span", { text })));
    scale.setAttribute("aria-hidden", "true");

    /** The amounts, and what each network of the page reads there. */
    function show() {
      const amount = views.map(({ value }) => value).reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far));
      const shares = known.map((network) => between(amounts, curves[network], amount));
      mark.setAttribute("d", `M${across(amount)} 0V100`);
      dots.forEach((dot, at) => dot.setAttribute("d", `M${across(amount)} ${down(shares[at])}h0`));
      values.forEach((value, at) => (value.textContent = percent(shares[at])));
      const set = views.map(({ words }, at) => `${sliders[at].label}: ${words}`);
      return { amounts: set.join("; "), shares: known.map((network, at) => `${network} ${percent(shares[at])}`).join(", ") };
    }
    const rows = views.map((view) => view.element);
    const list = element("ul", { role: "list" }, ...legend);
    return { name, views, show, element: part("property", ...rows, part("plot", scale, plot), list) };
  }

  function answerView({ name }, classes, words) {
    const [guess, share, verdict] = ["guess", "share", "verdict"].map((one) => element("span", { class: `mnist-changes-${one}` }));
    const fill = element("span", { class: "mnist-changes-fill" });
    const bar = element("span", { class: "mnist-changes-bar" }, fill);
    const title = element("span", { class: "mnist-changes-name", text: name });
    const made = element("div", { class: "mnist-changes-answer", role: "group", "aria-label": name, "data-model": name }, guess, title, verdict, bar, share);

    /** `label`: the digit's own, if it is known. Returns the same in words. */
    function show(shares, label) {
      const most = Math.max(...shares);
      const answer = classes[shares.indexOf(most)];
      const said = label === null ? "" : answer === label ? words.right : words.wrong;
      made.dataset.guess = guess.textContent = answer;
      made.classList.toggle("is-wrong", said === words.wrong);
      verdict.textContent = said;
      share.textContent = percent(most, 1);
      fill.style.width = `${100 * most}%`;
      return filled(words.answer, { network: name, answer, share: percent(most, 1), verdict: said && `, ${said.slice(2)}` });
    }
    return { element: made, show };
  }

  /* ---- The piece ---- */

  class Changes {
    constructor(root, { images, labels, words, total, properties }, { networks, classes }, id) {
      Object.assign(this, { root, words, total, networks, frame: null, timer: null, moved: null, quiet: true });
      const names = networks.map(({ name }) => name);
      this.answers = networks.map((network) => answerView(network, classes, words));
      this.properties = properties.map((one, at) => {
        const view = propertyView(one, names, words.unchanged, `${id}-${at}`, () => this.change(view));
        return view;
      });
      this.shift = this.properties.find(({ name }) => name === "shift");
      this.spoken = element("p", { class: "mnist-changes-hidden", "aria-live": "polite" });
      const others = Object.keys(properties[0].curves).filter((name) => !names.includes(name)).join(", ");
      root.replaceChildren(
        this.choices(images, labels, id),
        part("see", this.surface(), part("answers", ...this.answers.map((view) => view.element), this.reset())),
        part("properties", ...this.properties.map((view) => view.element)),
        element("p", { class: "mnist-changes-order", text: filled(words.order, { total, others: others || "–" }) }),
        this.spoken
      );
      this.take(images[0], labels[0]);
    }

    choices(images, labels, id) {
      const { words } = this;
      const card = (image) => {
        const canvas = paper({ "aria-hidden": "true" });
        paint(canvas, image);
        return canvas;
      };
      const titles = labels.map((label) => filled(words.digit, { label }));
      const take = (image, at) => this.take(image, at === null ? null : labels[at]);
      return choice(images, { id, legend: words.digits, titles, drawing: words.drawing, card, take });
    }

    /** The digit, that a pointer drags and the arrow keys move. */
    surface() {
      this.canvas = paper({ role: "img" });
      const made = element("div", { class: "mnist-changes-paper", role: "application", tabindex: 0, "aria-label": this.words.paper }, this.canvas);
      const [right, down] = this.shift.views;
      const place = (toRight, downwards) => {
        right.set(toRight);
        down.set(downwards);
        this.change(this.shift);
      };
      let from = null; // where the pointer and the digit were when it was taken hold of
      made.addEventListener("pointerdown", (event) => {
        if (!event.isPrimary || event.button !== 0) return;
        made.setPointerCapture(event.pointerId);
        from = { id: event.pointerId, x: event.clientX, y: event.clientY, right: right.value, down: down.value };
      });
      made.addEventListener("pointermove", (event) => {
        if (!from || event.pointerId !== from.id) return;
        const pixels = (distance) => Math.round((distance * SIDE) / this.canvas.clientWidth);
        place(from.right + pixels(event.clientX - from.x), from.down + pixels(event.clientY - from.y));
      });
      for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
        made.addEventListener(kind, ({ pointerId }) => from && pointerId === from.id && (from = null));
      made.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (!step || event.altKey || event.ctrlKey || event.metaKey) return; // those are the browser's
        event.preventDefault();
        place(right.value + step[0], down.value + step[1]);
      });
      return made;
    }

    reset() {
      const made = element("button", { type: "button", text: this.words.reset });
      made.addEventListener("click", () => {
        for (const { views } of this.properties) for (const view of views) view.set(0);
        this.change(null);
      });
      return made;
    }

    take(image, label) {
      Object.assign(this, { image, label });
      this.change(null);
    }

    /** Something else is to be shown, at the screen's next picture; `property` is what was moved last. */
    change(property) {
      this.moved = property;
      this.frame = this.frame || requestAnimationFrame(() => this.update());
    }

    update() {
      const { words, label, moved, total } = this;
      this.frame = null;
      const amounts = this.properties.map(({ name, views }) => [name, ...views.map(({ value }) => value)]);
      const image = changed(this.image, amounts);
      paint(this.canvas, image);
      const digit = label === null ? words.drawing : filled(words.digit, { label });
      this.canvas.setAttribute("aria-label", filled(words.shown, { digit }));
      const said = this.networks.map((network, at) => this.answers[at].show(network.probabilities(image), label));
      for (const view of this.properties) {
        const shown = view.show();
        if (view === moved) said.unshift(filled(words.curve, { total, ...shown }));
      }
      if (this.quiet) return void (this.quiet = false); // nobody has done anything yet
      clearTimeout(this.timer); // nobody can listen to sixty sentences a second
      this.timer = setTimeout(() => (this.spoken.textContent = `${said.join("; ")}.`), PAUSE);
    }
  }

  function open(root, said, networks, id) {
    const given = networks.problem ? networks : { ...decoded(root.dataset, SIDE * SIDE), ...said };
    if (given.problem) root.replaceChildren(element("p", { text: filled(said.words.problem, given) }));
    else new Changes(root, given, networks, id);
  }

  function begin(root, at) {
    let said;
    try {
      said = JSON.parse(root.dataset.said);
    } catch {
      return; // the sentence that stands there says what is missing
    }
    mount(root, said.words, (networks) => open(root, said, networks, `mnist-changes-${at}`));
  }

  if (!mount) return; // the sentence that stands there stays
  const start = () => document.querySelectorAll(".mnist-changes").forEach(begin);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
