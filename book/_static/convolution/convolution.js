/* A walk through a convolution: nine grey values times nine weights make one pixel of the map; backwards, the map's
 * gradient goes back to the nine pixels that it came from.
 *
 * It mounts on every <div class="mnist-convolution" data-image="784 bytes in base64" data-kernel="nine numbers"
 * data-words="…">, as ``ConvolutionWalk.html()`` writes it, with sentences and kernels that the notebook has, too. The
 * numbers are those of im2col, col2im and Convolution in mnist_study/models/convolution.py, in float64 with grey / 255;
 * tests/browser/test_convolution_page.py holds both sides together. ConvolutionWalk in mnist_study/drawing/walk.py is the
 * same piece in a notebook. Everything counts from 0, in reading order: pixels, weights, output pixels.
 */
(function () {
  "use strict";

  const SIDE = 28; // pixels of the image, across and down
  const KERNEL = 3; // weights, across and down
  const ACROSS = SIDE - KERNEL + 1; // pixels of the map, across and down
  const COUNT = ACROSS * ACROSS;
  const [LARGEST, RANGE] = [1000, "-1000 to 1000"]; // of a weight: what is shown stays readable
  const [PACE, CALM] = [60, 500]; // milliseconds for each output pixel that is played; for who asks for less motion
  /* ---- The numbers ---- */

  /** The nine pixels under the window of an output pixel. */
  function pixels(position) {
    const corner = Math.floor(position / ACROSS) * SIDE + (position % ACROSS);
    return [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => corner + row * SIDE + column));
  }

  /** Uint8Array(784), nine weights -> the map, Float64Array(676); the products are added in reading order. */
  function forward(image, kernel) {
    return Float64Array.from({ length: COUNT }, (_, position) =>
      pixels(position).reduce((sum, pixel, place) => sum + (image[pixel] / 255) * kernel[place], 0)
    );
  }

  /** dL/dx, Float64Array(784), of L = half the sum of y², from the output pixels 0 to `last`, added in that order. */
  function backward(image, kernel, last = COUNT - 1) {
    const y = forward(image, kernel);
    const gradient = new Float64Array(SIDE * SIDE);
    for (let position = 0; position <= last; position++)
      pixels(position).forEach((pixel, place) => (gradient[pixel] += y[position] * kernel[place]));
    return gradient;
  }

  window.MnistConvolution = { forward, backward };

  const usable = (weight) => Math.abs(weight) <= LARGEST; // which NaN is not, either
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

  /** A number in at most seven letters, and zero without a sign. */
  function shown(value) {
    const text = Math.abs(value) < 1000 ? (Math.abs(value) < 0.005 ? 0 : value).toFixed(2) : value.toExponential(1);
    return text.replaceAll("-", "−");
  }

  /** What the deepest colours stand for. */
  const range = (values) => `; blue to ${shown(largest(values))}, red to ${shown(-largest(values))}`;

  /* ---- Colours: grey is ink on paper; blue is positive, red negative, as in the book's figures (RdBu) ---- */

  const RDBU = "67001f b2182b d6604d f4a582 fddbc7 f7f7f7 d1e5f0 92c5de 4393c3 2166ac 053061"
    .split(" ")
    .map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));

  const grey = (value) => Array(3).fill(255 - Math.round(255 * value));

  /** The colour of each value, on a scale from -scale to scale. */
  const signed = (scale) => (value) => {
    const place = (Math.min(Math.max(value / (scale || 1), -1), 1) + 1) * 5;
    const low = Math.min(Math.floor(place), 9);
    return RDBU[low].map((from, channel) => Math.round(from + (place - low) * (RDBU[low + 1][channel] - from)));
  };

  /** A background, and letters in black or white, whichever is easier to read on it. */
  function paint(cell, colour) {
    const [red, green, blue] = colour.map((value) => (value / 255) ** 2.2);
    cell.style.backgroundColor = `rgb(${colour})`;
    cell.style.color = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000" : "#fff";
  }

  /* ---- Views ---- */

  function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  const part = (name, ...children) => element("div", { class: `mnist-convolution-${name}` }, ...children);

  function button(text, press) {
    const made = element("button", { type: "button", text });
    made.addEventListener("click", press);
    return made;
  }

  /** One of several; `choose` is called with its value. */
  function radios(legend, name, values, choose) {
    const inputs = values.map((value) => element("input", { type: "radio", name, value, autocomplete: "off" }));
    inputs[0].checked = true;
    for (const input of inputs) input.addEventListener("change", () => choose(input.value));
    const labels = inputs.map((input) => element("label", {}, input, input.value));
    return { inputs, element: element("fieldset", {}, element("legend", { text: legend }), ...labels) };
  }

  /** A table of numbers; null leaves its cell empty. */
  function numbers(name, rows, columns) {
    const caption = element("caption");
    const cells = Array.from({ length: rows * columns }, () => element("td"));
    const lines = Array.from({ length: rows }, (_, row) => element("tr", {}, ...cells.slice(row * columns, (row + 1) * columns)));
    const table = element("table", { "data-part": name }, caption, element("tbody", {}, ...lines));
    function show(values, colour, words) {
      caption.textContent = words;
      values.forEach((value, at) => {
        cells[at].textContent = value === null ? "" : shown(value);
        paint(cells[at], value === null ? [255, 255, 255] : colour(value));
      });
    }
    return { cells, lines, caption, element: table, show };
  }

  /** A picture of side × side pixels with a square of `size` pixels outlined; whoever drags it, or clicks, calls `go(row, column)`. */
  function picture(name, side, size, go) {
    const canvas = element("canvas", { width: side, height: side, role: "img" });
    const mark = part("mark");
    const caption = element("figcaption");
    mark.style.width = mark.style.height = `${(100 * size) / side}%`;
    const drag = (event) => {
      const box = canvas.getBoundingClientRect();
      const at = [event.clientY - box.top, event.clientX - box.left].map((place) => Math.floor((place / box.width) * side - (size - 1) / 2));
      go(...at.map((place) => Math.min(Math.max(place, 0), ACROSS - 1)));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && drag(event));
    function show(values, colour, row, column, words) {
      const data = new ImageData(side, side);
      values.forEach((value, pixel) => data.data.set([...colour(value), 255], 4 * pixel));
      canvas.getContext("2d").putImageData(data, 0, 0);
      mark.style.top = `${(100 * row) / side}%`;
      mark.style.left = `${(100 * column) / side}%`;
      caption.textContent = words;
      canvas.setAttribute("aria-label", `${words}; row ${row}, column ${column} is outlined`);
    }
    return { element: element("figure", { "data-part": name }, part("paper", canvas, mark), caption), show };
  }

  /** `weights` as nine fields, which change them. `changed` is called for each good number; a bad one changes nothing. */
  function kernelFields(id, weights, changed) {
    const table = numbers("kernel", KERNEL, KERNEL);
    const error = element("p", { id, class: "mnist-convolution-error", role: "alert" });
    const fields = weights.map((_, place) => {
      const label = `Kernel, row ${Math.floor(place / KERNEL)}, column ${place % KERNEL}`;
      const field = element("input", { type: "number", step: "any", "aria-label": label, autocomplete: "off" });
      field.addEventListener("input", () => {
        if (!usable(field.valueAsNumber)) return; // on the way to a number, such as “-”
        weights[place] = field.valueAsNumber;
        mark(place, false);
        changed();
      });
      field.addEventListener("change", () => mark(place, !usable(field.valueAsNumber)));
      table.cells[place].append(field);
      return field;
    });

    function mark(place, bad) {
      fields[place].setAttribute("aria-invalid", bad);
      if (bad) fields[place].setAttribute("aria-describedby", id);
      else fields[place].removeAttribute("aria-describedby");
      const wrong = fields.findIndex((field) => field.getAttribute("aria-invalid") === "true");
      const name = wrong < 0 ? "" : fields[wrong].getAttribute("aria-label");
      error.textContent = name && `${name}: type a number from ${RANGE}; until then ${shown(weights[wrong])} stays in use.`;
    }

    function set(values) {
      values.forEach((value, place) => {
        weights[place] = value;
        fields[place].value = Number(value.toPrecision(4)); // what fits a field; the weight keeps all its digits
        mark(place, false);
      });
      changed();
    }
    table.caption.textContent = "kernel";
    const show = () => weights.forEach((weight, place) => paint(table.cells[place], signed(largest(weights))(weight)));
    return { element: table.element, error, set, show };
  }

  /* ---- The walk ---- */

  /** What the page asks for, or why that cannot be. */
  function read({ image, kernel, words }) {
    const weights = (kernel || "").split(",").map((text) => (text.trim() ? Number(text) : NaN));
    if (weights.length !== 9 || !weights.every(usable)) return { problem: `data-kernel is not nine numbers from ${RANGE}` };
    let said;
    try {
      said = JSON.parse(words); // { directions, presets }
    } catch {
      return { problem: "data-words is missing or damaged" };
    }
    try {
      const bytes = Uint8Array.from(atob(image || ""), (letter) => letter.charCodeAt(0));
      if (bytes.length === SIDE * SIDE) return { image: bytes, weights, ...said };
    } catch {
      // not base64: as wrong as a wrong length
    }
    return { problem: `data-image is not the ${SIDE * SIDE} grey values of an image, in base64` };
  }

  /** A sentence with its {names} replaced. */
  function filled(sentence, values) {
    return sentence.replace(/{(\w+)}/g, (_, name) => values[name]);
  }

  class Walk {
    constructor(root, { image, weights, directions, presets }, id) {
      Object.assign(this, { image, weights, words: directions, kernels: presets, direction: "forwards", timer: null });
      const map = forward(image, weights);
      this.position = map.indexOf(Math.max(...map)); // one begins where the image looks most like the kernel
      this.views();
      this.controls(id);
      this.follow(image, `${id}-image`);
      this.lay(root);
      this.kernel.set([...weights]);
      this.turn("forwards");
    }

    views() {
      const goTo = (row, column) => this.go(row * ACROSS + column);
      this.what = element("p");
      this.status = element("p", { class: "mnist-convolution-status", "aria-live": "polite" });
      [this.left, this.right] = [picture("image", SIDE, KERNEL, goTo), picture("map", ACROSS, 1, goTo)];
      [this.patch, this.products] = ["patch", "products"].map((name) => numbers(name, KERNEL, KERNEL));
      this.sum = numbers("sum", 1, 1);
      this.matrix = numbers("matrix", 3, 9); // the row of this window between its neighbours
      this.heads = this.matrix.lines.map(() => element("th", { scope: "row" }));
      this.matrix.lines.forEach((line, at) => line.prepend(this.heads[at]));
    }

    controls(id) {
      this.directions = radios("Direction", `${id}-direction`, Object.keys(this.words), (direction) => this.turn(direction));
      this.slider = element("input", { type: "range", id, min: 0, max: COUNT - 1, autocomplete: "off" });
      this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
      this.slider.addEventListener("keydown", (event) => {
        const rows = { PageUp: -1, ArrowUp: -1, PageDown: 1, ArrowDown: 1 }[event.key]; // down is down in the picture
        if (!rows) return;
        event.preventDefault();
        this.go(this.position + rows * ACROSS);
      });
      this.play = button("Play", () => this.playing(!this.timer));
      const row = (text, by) => button(text, () => this.go(this.position + by));
      this.buttons = part("buttons", this.play, row("Row up", -ACROSS), row("Row down", ACROSS));
      this.kernel = kernelFields(`${id}-error`, this.weights, () => this.update());
      this.presets = Object.entries(this.kernels).map(([name, values]) => button(name, () => this.kernel.set(values)));
    }

    /** Where the page has a pad, what is drawn on it can be walked over too. */
    follow(image, name) {
      let drawn = null;
      const choose = () => {
        this.image = mine.checked ? drawn : image;
        this.update();
      };
      this.digits = radios("Image", name, ["training digit", "your drawing"], choose);
      const [given, mine] = this.digits.inputs;
      mine.disabled = true;
      this.digits.element.hidden = !document.querySelector(".mnist-pad");
      document.addEventListener("mnist-image", ({ detail }) => {
        if (detail.length !== SIDE * SIDE) return; // of two digits
        drawn = detail;
        mine.disabled = !drawn.some((value) => value > 0);
        if (mine.disabled) given.checked = true;
        choose();
      });
    }

    lay(root) {
      this.work = part("numbers");
      const scrolls = { class: "mnist-convolution-matrix", tabindex: 0, role: "region", "aria-label": "Matrix" };
      root.setAttribute("role", "group");
      root.setAttribute("aria-label", "Walk through a convolution");
      root.replaceChildren(
        part("choices", this.directions.element, this.digits.element),
        this.what,
        part("walk", element("label", { for: this.slider.id, text: "Output pixel" }), this.slider, this.buttons),
        this.status,
        part("pictures", this.left.element, this.right.element),
        this.work,
        element("div", {}, part("presets", element("span", { text: "Kernels:" }), ...this.presets), this.kernel.error),
        element("div", scrolls, this.matrix.element)
      );
    }

    /** To an output pixel, if the map has it. Whoever moves ends the play. */
    go(position) {
      this.playing(false);
      if (position >= 0 && position < COUNT) this.position = position;
      this.update();
    }

    playing(on) {
      clearInterval(this.timer);
      const pace = matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM : PACE;
      this.timer = on ? setInterval(() => this.step(), pace) : null;
      this.play.textContent = on ? "Pause" : "Play";
      this.status.setAttribute("aria-live", on ? "off" : "polite"); // nobody can listen to sixteen sentences a second
    }

    /** The next output pixel; after the last the first, where a play ends. */
    step() {
      this.position = (this.position + 1) % COUNT;
      this.update();
      if (this.position === COUNT - 1) this.playing(false);
    }

    turn(direction) {
      this.direction = direction;
      const [from, into] = direction === "backwards" ? [this.sum, this.patch] : [this.patch, this.sum];
      const [times, equals, becomes] = ["×", "=", "→"].map((text) => element("span", { text, "aria-hidden": "true" }));
      this.work.replaceChildren(from.element, times, this.kernel.element, equals, this.products.element, becomes, into.element);
      this.update();
    }

    update() {
      const { image, weights, position } = this;
      const [words, backwards] = [this.words[this.direction], this.direction === "backwards"];
      const [row, column] = [Math.floor(position / ACROSS), position % ACROSS];
      const map = forward(image, weights);
      const whole = backward(image, weights); // sets the scale, so that a colour means the same all the way
      const input = backwards ? backward(image, weights, position) : Float64Array.from(image, (value) => value / 255);
      const [byMap, byInput] = [signed(largest(map)), backwards ? signed(largest(whole)) : grey];
      const under = (place) => pixels(place).map((pixel) => input[pixel]);
      const returned = (place) => weights.map((weight) => map[place] * weight);
      const products = under(position).map((value, place) => value * weights[place]);
      const rows = [position - 1, position, position + 1].map((place) => (place in map ? place : null));
      const line = backwards ? returned : under;

      this.what.textContent = words.what;
      this.left.show(input, byInput, row, column, `${words.left}, ${SIDE} × ${SIDE}${backwards ? range(whole) : ""}`);
      this.right.show(map, byMap, row, column, `${words.right}, ${ACROSS} × ${ACROSS}${range(map)}`);
      this.patch.show(under(position), byInput, words.patch);
      this.kernel.show();
      if (backwards) this.products.show(returned(position), byInput, words.products);
      else this.products.show(products, byMap, words.products);
      this.sum.show([map[position]], byMap, words.sum);
      this.matrix.show(rows.flatMap((place) => (place === null ? Array(9).fill(null) : line(place))), byInput, filled(words.matrix, { all: COUNT }));
      this.heads.forEach((head, at) => (head.textContent = rows[at] ?? ""));
      this.slider.value = position;
      this.slider.setAttribute("aria-valuetext", `row ${row}, column ${column}`);
      this.status.textContent = `Row ${row}, column ${column}: ${filled(words.status, { sum: shown(map[position]), added: position + 1, all: COUNT })}.`;
      const same = (values) => values.every((value, place) => value === weights[place]);
      for (const one of this.presets) one.setAttribute("aria-pressed", same(this.kernels[one.textContent]));
    }
  }

  function mount(root, number) {
    root.classList.add("mathjax_ignore", "tex2jax_ignore");
    const given = read(root.dataset);
    if (given.image) new Walk(root, given, `mnist-convolution-${number}`);
    else root.replaceChildren(element("p", { text: `There is no convolution to walk through, because ${given.problem}.` }));
  }

  function start() {
    document.querySelectorAll(".mnist-convolution").forEach(mount);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
