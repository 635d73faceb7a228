/* A look inside a network: what its maps see in a test digit, or in the digit that is drawn on the page's pad, and which
 * squares of it the answer needs.
 *
 * It mounts on every <div class="mnist-inside" data-network="…" data-images="their bytes in base64" data-labels="7,2,…"
 * data-patch="5" data-stride="2">, as ``look_inside`` of mnist_study/drawing/inside.py writes it. The networks are the
 * pad's: pad.js loads them, reader.js computes them. What is computed here is also computed in Python:
 *   stagesOf                                 ends_of_stages of mnist_study/analysis/layers.py
 *   classScore, squares, occlusion           mnist_study/analysis/saliency.py
 * tests/browser/test_inside.py holds both sides together. Rows, columns and maps count from 0.
 */
(function () {
  "use strict";

  const { element, decoded, choice, mount } = window.MnistDigits || {}; // of digits.js
  const MOST = 14; // maps of a stage that are shown at first: two rows on a phone
  const SLICE = 30; // milliseconds of covering between two moments for the reader

  /* ---- The numbers ---- */

  const largest = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity);

  /** Numbers of the layers after which a stage is complete: a ReLU, or a pool right behind it; and the last. */
  function stagesOf(layers) {
    const ends = layers.flatMap(({ kind }, at) => (kind !== "relu" ? [] : layers[at + 1].kind === "pool" ? [at + 1] : [at]));
    return [...ends, layers.length - 1];
  }

  /** The part of the image that a unit of a layer's maps looks at: [first, last] of rows and of columns. */
  function field(layers, number, [row, column], [rows, columns]) {
    const upwards = layers.slice(0, number + 1).reverse();
    if (upwards.some(({ kind }) => kind === "linear")) return [[0, rows - 1], [0, columns - 1]];
    const follow = (place, side) => {
      let [first, last] = [place, place];
      for (const layer of upwards) {
        if (layer.kind === "pool") [first, last] = [first * layer.size, last * layer.size + layer.size - 1];
        if (layer.kind === "conv") [first, last] = [first - layer.padding, last - layer.padding + layer.shape[3] - 1];
      }
      return [Math.max(first, 0), Math.min(last, side - 1)];
    };
    return [follow(row, rows), follow(column, columns)];
  }

  /** A class's logit above the mean of all. */
  const classScore = (logits, label) => logits[label] - logits.reduce((sum, one) => sum + one, 0) / logits.length;

  /** Corners [row, column] of the squares that cover an image, in reading order; the last ones end at its edge. */
  function squares([rows, columns], patch, stride) {
    const starts = (side) => {
      const all = Array.from({ length: Math.ceil((side - patch) / stride) }, (_, number) => number * stride);
      return [...all, side - patch];
    };
    return starts(rows).flatMap((row) => starts(columns).map((column) => [row, column]));
  }

  /** Cover one square of paper after the other; each step says how far it is. `falls`, Float64Array(rows * columns): by
   *  how much the score falls for each pixel, on average over the squares that have covered it; `worst` = { fall, row,
   *  column }; `changed`: how many squares change the answer. */
  function* occlusion(network, image, patch, stride) {
    const [rows, columns] = network.shape;
    const logits = network.logits(image);
    const label = logits.indexOf(largest(logits));
    const [whole, sums, covered] = [classScore(logits, label), new Float64Array(image.length), new Float64Array(image.length)];
    const corners = squares([rows, columns], patch, stride);
    const found = { label, falls: new Float64Array(image.length), worst: { fall: -Infinity }, changed: 0, done: 0, all: corners.length };
    for (const [row, column] of corners) {
      const hidden = image.slice();
      const pixels = Array.from({ length: patch * patch }, (_, at) => (row + Math.floor(at / patch)) * columns + column + (at % patch));
      for (const pixel of pixels) hidden[pixel] = 0;
      const without = network.logits(hidden);
      const fall = whole - classScore(without, label);
      if (fall > found.worst.fall) found.worst = { fall, row, column };
      if (without.indexOf(largest(without)) !== label) found.changed++;
      for (const pixel of pixels) {
        sums[pixel] += fall;
        covered[pixel]++;
        found.falls[pixel] = sums[pixel] / covered[pixel];
      }
      found.done++;
      yield found;
    }
  }

  window.MnistInside = { stagesOf, field, squares, occlusion };

  /* ---- Colours ---- */

  const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const [WHITE, BLUE, RED] = [[255, 255, 255], [5, 48, 97], [103, 0, 31]];

  const mix = (from, to, share) => from.map((value, channel) => Math.round(value + share * (to[channel] - value)));
  const grey = (value) => Array(3).fill(255 - value);

  /** From violet for 0 to yellow for `top`. */
  const light = (top) => (value) => {
    const place = Math.min(Math.max(value / (top || 1), 0), 1) * (VIRIDIS.length - 1);
    const low = Math.min(Math.floor(place), VIRIDIS.length - 2);
    return mix(VIRIDIS[low], VIRIDIS[low + 1], place - low);
  };

  /** White for 0; blue is positive, red negative. */
  const signed = (scale) => (value) => mix(WHITE, value > 0 ? BLUE : RED, Math.min(Math.abs(value) / (scale || 1), 1));

  function paint(canvas, values, columns, colour) {
    const rows = values.length / columns;
    Object.assign(canvas, { width: columns, height: rows });
    const pixels = new ImageData(columns, rows);
    values.forEach((value, at) => pixels.data.set([...colour(value), 255], 4 * at));
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }

  /* ---- Elements ---- */

  const part = (name, ...children) => element("div", { class: `mnist-inside-${name}` }, ...children);
  const number = (value) => value.toFixed(2).replace("-", "−");

  /** A picture with a frame around a part of it, and words below. */
  function picture(name) {
    const canvas = element("canvas", { role: "img" });
    const frame = part("frame");
    const caption = element("figcaption");
    function show(values, columns, colour, words, framed) {
      paint(canvas, values, columns, colour);
      caption.textContent = words;
      canvas.setAttribute("aria-label", words);
      frame.hidden = !framed;
      if (!framed) return;
      const [[top, bottom], [left, right]] = framed;
      const percent = (pixels, side) => `${(100 * pixels) / side}%`;
      const rows = values.length / columns;
      Object.assign(frame.style, { top: percent(top, rows), height: percent(bottom - top + 1, rows), left: percent(left, columns), width: percent(right - left + 1, columns) });
    }
    return { canvas, caption, show, element: element("figure", { "data-part": name }, part("paper", canvas, frame), caption) };
  }

  /** One stage: its maps, of which Tab reaches one and arrow keys the others. `choose(index)` is called for the map that
   *  the reader goes to. */
  function stageView(title, names, choose) {
    const heading = element("p", { class: "mnist-inside-title" });
    const list = element("div", { class: "mnist-inside-maps", role: "group", "aria-label": title });
    const tiles = names.map((name, index) => {
      const canvas = element("canvas", { "aria-hidden": "true" });
      const made = element("button", { type: "button", tabindex: -1 }, canvas, element("span", { text: name }));
      for (const kind of ["focus", "pointerenter", "click"]) made.addEventListener(kind, () => choose(index));
      return { made, canvas };
    });
    list.append(...tiles.map(({ made }) => made));
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const shown = tiles.filter(({ made }) => !made.hidden).map(({ made }) => made);
      const next = { Home: 0, End: shown.length - 1 }[event.key] ?? shown.indexOf(document.activeElement) + step;
      if (!(next in shown)) return;
      event.preventDefault();
      shown[next].focus();
    });

    /** `maps`, { values, count, rows, columns }; all of them, or the strongest. */
    function show({ values, count, rows, columns }, all) {
      const area = rows * columns;
      const each = tiles.map((_, index) => values.subarray(index * area, (index + 1) * area));
      const sums = each.map((map) => map.reduce((sum, value) => sum + value, 0));
      const top = largest(values);
      sums[Math.floor(values.indexOf(top) / area)] = Infinity; // the map of the largest unit is always there
      const strongest = [...sums.keys()].sort((a, b) => sums[b] - sums[a]).slice(0, all ? count : MOST);
      tiles.forEach(({ made, canvas }, index) => {
        made.hidden = !strongest.includes(index);
        made.classList.toggle("is-largest", largest(each[index]) === top);
        made.setAttribute("aria-label", `${title}, map ${index}, largest value ${number(largest(each[index]))}`);
        if (!made.hidden) paint(canvas, each[index], columns, light(top));
      });
      const some = strongest.length < count ? `, the ${strongest.length} most active` : "";
      heading.textContent = `${title}: ${count} ${area > 1 ? `maps of ${rows} × ${columns}` : "units"}${some}`;
      stand(tiles.findIndex(({ made }) => made.classList.contains("is-largest") && !made.hidden));
    }

    /** Where Tab leads to. */
    function stand(index) {
      const at = index < 0 ? tiles.findIndex(({ made }) => !made.hidden) : index;
      tiles.forEach(({ made }, one) => (made.tabIndex = one === at ? 0 : -1));
    }

    const mark = (index) => tiles.forEach(({ made }, one) => made.setAttribute("aria-pressed", one === index));
    return { element: part("stage", heading, list), show, mark, stand };
  }

  /* ---- The piece ---- */

  class Inside {
    constructor(root, given, reader, network, id) {
      Object.assign(this, { root, reader, network, ...given, all: false });
      this.ends = stagesOf(network.layers);
      [this.digit, this.map, this.cover, this.kernel] = ["digit", "map", "occlusion", "kernel"].map(picture);
      this.answer = element("p", { class: "mnist-inside-answer", "aria-live": "polite" });
      this.words = element("p", { class: "mnist-inside-words", "aria-live": "polite" });
      const maps = network.activations(this.images[0]);
      this.stages = this.ends.slice(0, -1).map((end, stage) => {
        const names = Array.from({ length: maps[end].count }, (_, index) => String(index));
        return stageView(`Stage ${stage + 1}`, names, (index) => this.look(stage, index));
      });
      const more = element("input", { type: "checkbox", autocomplete: "off" });
      more.addEventListener("change", () => {
        this.all = more.checked;
        this.showStages();
      });
      root.replaceChildren(
        this.choices(id),
        this.answer,
        part("pictures", this.digit.element, this.map.element, this.cover.element, this.kernel.element),
        this.words,
        element("label", { class: "mnist-inside-more" }, more, "Show all maps"),
        ...this.stages.map((view) => view.element)
      );
      this.take(this.images[0]);
    }

    choices(id) {
      const card = (image) => {
        const canvas = element("canvas", { "aria-hidden": "true" });
        paint(canvas, image, this.network.shape[1], grey);
        return canvas;
      };
      const titles = this.labels.map((label, at) => `test digit ${at}, a ${label}`);
      const take = (image) => this.take(image);
      return choice(this.images, { id, legend: "Look at", titles, drawing: "your drawing", card, take });
    }

    take(image) {
      const { network, reader } = this;
      this.image = image;
      this.maps = network.activations(image);
      const logits = [...this.maps.at(-1).values];
      const shares = window.MnistReader.softmax(logits);
      const label = logits.indexOf(largest(logits));
      this.answer.textContent = `${network.name} reads ${reader.classes[label]}, ${(100 * shares[label]).toFixed(1)}\u202f% sure.`;
      this.showStages();
      this.look(0, this.strongest(0));
      this.cutUp();
    }

    showStages() {
      this.stages.forEach((view, stage) => view.show(this.maps[this.ends[stage]], this.all));
    }

    /** The map in which the largest unit of a stage lies. */
    strongest(stage) {
      const { values, rows, columns } = this.maps[this.ends[stage]];
      return Math.floor(values.indexOf(largest(values)) / (rows * columns));
    }

    /** One map from near, where its largest unit looks, in words too; and the kernel, if it looks at the image itself. */
    look(stage, index) {
      const { network, image } = this;
      const end = this.ends[stage];
      const { values, rows, columns } = this.maps[end];
      const map = values.subarray(index * rows * columns, (index + 1) * rows * columns);
      const top = largest(map);
      const at = map.indexOf(top);
      const place = [Math.floor(at / columns), at % columns];
      const seen = field(network.layers, end, place, network.shape);
      const shown = network.shape[1];
      const name = `Stage ${stage + 1}, map ${index}`;
      const where = `rows ${seen[0].join(" to ")}, columns ${seen[1].join(" to ")}`;
      const lit = top > 0;
      this.digit.show(image, shown, grey, lit ? "The digit; framed: what the map’s largest unit looks at" : "The digit", lit && seen);
      const framed = [[place[0], place[0]], [place[1], place[1]]];
      this.map.show(map, columns, light(largest(values)), `${name}; yellow is ${number(largest(values))}, framed its largest unit`, lit && framed);
      const first = network.layers[0];
      this.kernel.element.hidden = stage > 0 || first.kind !== "conv";
      if (!this.kernel.element.hidden) {
        const kernel = first.weight.subarray(index * first.inputs, (index + 1) * first.inputs);
        const scale = largest(kernel.map(Math.abs));
        this.kernel.show(kernel, first.shape[3], signed(scale), `Kernel of map ${index}: blue wants ink, red paper, up to ${number(scale)}`);
      }
      const unit = rows * columns > 1 ? `the largest unit, at row ${place[0]}, column ${place[1]} of the map,` : "the unit";
      this.words.textContent = lit
        ? `${name}: ${unit} is ${number(top)} and looks at ${where} of the image.`
        : `${name}: all of it is 0; it does not answer to this digit.`;
      this.stages.forEach((view, one) => view.mark(one === stage ? index : -1));
      this.stages[stage].stand(index);
    }

    /** Cover the digit piece by piece, in slices, until another digit is looked at. */
    cutUp() {
      const { image, patch, stride, network, reader } = this;
      const steps = occlusion(network, image, patch, stride);
      const go = () => {
        if (this.image !== image) return;
        const begun = performance.now();
        let step = steps.next();
        for (let found = step.value; !step.done; step = steps.next()) {
          this.showCover(step.value, reader.classes[found.label]);
          if (performance.now() - begun > SLICE) return void setTimeout(go);
        }
      };
      setTimeout(go);
    }

    showCover({ falls, worst, changed, done, all }, name) {
      const { patch, network } = this;
      this.cover.element.setAttribute("aria-busy", done < all);
      const scale = largest(falls.map(Math.abs));
      const costs = `Covering the framed square takes most from the score of ${name}: ${number(worst.fall)}. ${changed} of ${all} squares change the answer.`;
      const words = done < all ? `Covering the digit, square ${done} of ${all} …` : costs;
      const framed = done === all && [[worst.row, worst.row + patch - 1], [worst.column, worst.column + patch - 1]];
      this.cover.show(falls, network.shape[1], signed(scale), words, framed);
    }
  }

  /** What the page asks for, or why that cannot be. */
  function read({ patch, stride, ...digits }, [rows, columns]) {
    const [side, step] = [Number(patch), Number(stride)];
    if (!(side >= 1 && side <= Math.min(rows, columns) && step >= 1)) return { problem: "data-patch or data-stride is no number of pixels" };
    return { ...decoded(digits, rows * columns), patch: side, stride: step };
  }

  function open(root, reader, id) {
    const network = (reader.networks || []).find(({ name }) => name === root.dataset.network);
    const given = reader.problem ? reader : network ? read(root.dataset, network.shape) : { problem: "this page has no such network" };
    if (network) network.prepare();
    if (!given.problem && stagesOf(network.layers).length < 2) given.problem = `${network.name} has no layer between image and logits`;
    if (given.problem) root.replaceChildren(element("p", { text: `There is nothing to look into, because ${given.problem}.` }));
    else new Inside(root, given, reader, network, id);
  }

  const WORDS = { title: "A look inside a network", loading: "The network is being loaded …" };
  const begin = (root, at) => mount(root, WORDS, (reader) => open(root, reader, `mnist-inside-${at}`));
  if (!mount) return; // the sentence that stands there stays
  const start = () => document.querySelectorAll(".mnist-inside").forEach(begin);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
