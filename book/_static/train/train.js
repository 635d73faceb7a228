/* Train a network in the page, and watch it: a panel for every <div class="mnist-train" data-network="784-64-10">.
 *
 * The arithmetic is in engine.js, and runs in a worker made of its text, so that the page stays smooth and one that was
 * opened as a file can have it, too. The digits are in scripts beside this one, which are loaded when they are asked for.
 * What is drawn on the page's pad is read by the network as it is at that moment.
 */
(function () {
  "use strict";

  const HERE = document.currentScript.src;
  const { element } = window.MnistDigits;
  const SCRIPTS = ["digits.js", "more_digits.js"]; // book/trainer.py writes them
  const SIDE = 28;
  const SHOWN = 16; // hidden units
  const POINTS = 800; // of a curve; a longer one keeps every other point
  const PIXELS = { unit: [0, 255] }; // mean and spread of grey values; "standard" comes with the digits

  /** Networks by name: their hidden layers, how grey values are read, and a recipe that suits them. */
  const NETWORKS = {
    "784-10 (softmax)": { hidden: [], pixels: "unit", recipe: { optimizer: "momentum", momentum: 0.9, rate: 0.1, batch: 64 } },
    "784-64-10": { hidden: [64], pixels: "standard", recipe: { optimizer: "adam", momentum: 0.9, rate: 0.002, batch: 64 } },
    "784-128-10": { hidden: [128], pixels: "standard", recipe: { optimizer: "adam", momentum: 0.9, rate: 0.002, batch: 64 } },
    "784-256-128-10": { hidden: [256, 128], pixels: "standard", recipe: { optimizer: "adam", momentum: 0.9, rate: 0.001, batch: 128 } },
  };
  const RULES = { momentum: "Gradient descent", adam: "Adam" };
  const BATCHES = { 1: "1 digit", 16: "16 digits", 64: "64 digits", 128: "128 digits", 512: "512 digits", 0: "all digits" };

  let made = 0; // ids are unique on a page

  const spaced = (number) => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const percent = (share, places = 1) => `${(share * 100).toFixed(places)}\u202f%`;
  const minus = (text) => text.replace("-", "−");

  const tenTo = (power) => `10${String(power).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]))}`;

  /** 0.05, 2 × 10⁻⁴: so many digits. */
  function short(number, digits = 2) {
    if (!Number.isFinite(number)) return "no number";
    if (number === 0 || (Math.abs(number) >= 0.01 && Math.abs(number) < 1e4)) return minus(String(Number(number.toPrecision(digits))));
    const [factor, exponent] = number.toExponential(digits - 1).split("e");
    return `${minus(String(Number(factor)))}\u202f×\u202f${tenTo(Number(exponent))}`;
  }

  /** Two numbers in as few digits, two or more, as tell them apart. */
  function apart(one, other) {
    let digits = 2;
    while (digits < 6 && one !== other && short(one, digits) === short(other, digits)) digits += 1;
    return [short(one, digits), short(other, digits)];
  }

  /** A loss, with its last zeros, too: it changes under the reader's eyes, and its length should not. */
  const lossOf = (loss) => (loss >= 0.001 && loss < 1000 ? loss.toPrecision(3) : short(loss, 3));

  /* ---- The worker: this function's text, after the engine's ---- */

  function work(engine) {
    const { Heap, Trainer, generator, shuffled } = engine();
    const SLICE = 40; // milliseconds of training before messages are looked at
    const REPORT = 120; // milliseconds between two reports
    const WORTH = 6; // validation takes at most a sixth of the time
    const TRACE = 12; // points of the training batches' curve, of a report
    const SOME = 500; // digits that a gradient is checked on, at most
    const BROKEN = 1e4; // a loss at which a training is stopped

    let [program, training, validation, trainer, rule, order, random, check, seed, timer] = [];
    let [running, at, steps, passed, seconds, reported, judged, cost] = [false, 0, 0, 0, 0, 0, -Infinity, 0];
    let since = []; // [epochs, loss, accuracy] of each step since the last report

    const orders = {
      digits(message) {
        [program, training, validation] = [message.program, message.training, message.validation];
      },

      more({ images, labels }) {
        const joined = (one, other) => {
          const both = new Uint8Array(one.length + other.length);
          both.set(one);
          both.set(other, one.length);
          return both;
        };
        training = { images: joined(training.images, images), labels: joined(training.labels, labels) };
      },

      rule(message) {
        rule = message.rule;
      },

      start({ network, ...message }) {
        stop();
        seed = message.seed;
        trainer = new Trainer(new Heap(program), { ...network, seed });
        [random, check] = [generator(seed + 1), generator(seed + 2)];
        [order, at, steps, passed, seconds, judged] = [null, 0, 0, 0, 0, -Infinity];
        since = [];
        report(true);
      },

      run() {
        if (running) return;
        running = true;
        report(false);
        slice();
      },

      pause() {
        stop();
        report(true);
      },

      step() {
        stop();
        step();
        report(true);
      },

      check() {
        const count = Math.min(SOME, training.labels.length);
        const some = shuffled(training.labels.length, check).subarray(0, count);
        const weights = trainer.layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
        const number = Math.floor(check() * weights);
        postMessage({ kind: "checked", digits: count, ...trainer.checkGradient(training.images, training.labels, some, rule.l2, number) });
      },

      curvature() {
        const count = Math.min(2 * SOME, training.labels.length);
        const some = shuffled(training.labels.length, check).subarray(0, count);
        postMessage({ kind: "curved", digits: count, curvature: trainer.curvature(training.images, training.labels, some, rule.l2) });
      },

      read({ image }) {
        postMessage({ kind: "read", probabilities: trainer.probabilities(image) });
      },
    };

    const mean = (rows) => rows[0].map((_, column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length);

    function stop() {
      running = false;
      clearTimeout(timer);
    }

    function step() {
      const all = training.labels.length;
      if (!order || at >= all || order.length !== all) [order, at] = [shuffled(all, random), 0];
      const chosen = order.subarray(at, Math.min(at + (rule.batch || all), all));
      const begun = performance.now();
      const found = trainer.step(training.images, training.labels, chosen, rule);
      seconds += (performance.now() - begun) / 1000;
      at += chosen.length;
      steps += 1;
      passed += chosen.length / all;
      since.push([passed, found.loss, found.accuracy]);
      if (!(found.loss < BROKEN)) {
        running = false;
        postMessage({ kind: "diverged", loss: found.loss, steps });
      }
    }

    function slice() {
      const begun = performance.now();
      while (running && performance.now() - begun < SLICE) step();
      if (!running) return report(true);
      if (performance.now() - reported > REPORT) report(performance.now() - judged > WORTH * cost);
      timer = setTimeout(slice);
    }

    function report(whole) {
      let found = null;
      if (whole) {
        const begun = performance.now();
        found = trainer.evaluate(validation.images, validation.labels);
        [judged, cost] = [performance.now(), performance.now() - begun];
      }
      const together = Math.ceil(since.length / TRACE);
      const batches = [];
      for (let first = 0; first < since.length; first += together) batches.push(mean(since.slice(first, first + together)));
      since = [];
      const { inputs, outputs, weight } = trainer.getWeights()[0];
      reported = performance.now();
      const about = { seed, steps, epochs: passed, seconds, engine: trainer.heap.kind, running };
      postMessage({ kind: "report", ...about, batches, validation: found, weight, inputs, outputs }, [weight.buffer]);
    }

    onmessage = ({ data }) => orders[data.kind](data);
  }

  function startWorker() {
    const source = `const window = {};\nconst engine = ${window.MnistEngine};\n(${work})(engine);`;
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    return new Worker(address);
  }

  /* ---- Digits ---- */

  const scripts = {}; // promises, by name

  /** What a script holds, its images unpacked; or { problem }. Loaded once for all panels of a page. */
  function digitsOf(file) {
    scripts[file] = scripts[file] || fetched(file);
    return scripts[file];
  }

  async function fetched(file) {
    if (!canUnpack()) return { problem: "this browser is too old to unpack the digits; a newer one can." };
    const { data, problem } = window.MnistReader.unsealed(await window.MnistPad.load(new URL(file, HERE)));
    if (problem) {
      delete scripts[file]; // so that one may try again
      return { problem: `the file ${file} ${problem}; ${window.MnistPad.REMEDY}` };
    }
    const [training, validation] = await Promise.all(
      [data.training, data.validation].map((digits) => digits && unpacked(digits, data.levels)),
    );
    const spread = validation && spreadOf(validation.images);
    return { ...data, training, validation, spread, program: data.kernel && window.MnistReader.bytes(data.kernel) };
  }

  const unpacker = () => new DecompressionStream("deflate-raw");

  function canUnpack() {
    try {
      return Boolean(unpacker());
    } catch {
      return false; // no DecompressionStream, or one that knows gzip alone
    }
  }

  /** Grey values (N x 784) and labels: two pixels a byte, deflated, as book/trainer.py packs them. */
  async function unpacked({ images, labels }, levels) {
    const packed = new Blob([window.MnistReader.bytes(images)]).stream();
    const pairs = new Uint8Array(await new Response(packed.pipeThrough(unpacker())).arrayBuffer());
    const grey = Uint8Array.from({ length: 16 }, (_, level) => Math.min(Math.round((level * 255) / (levels - 1)), 255));
    const pixels = new Uint8Array(2 * pairs.length);
    pairs.forEach((pair, at) => {
      pixels[2 * at] = grey[pair >> 4];
      pixels[2 * at + 1] = grey[pair & 15];
    });
    return { images: pixels, labels: Uint8Array.from(labels, Number) };
  }

  /** How much each pixel varies: the standard deviation of its grey values. */
  function spreadOf(images) {
    const [area, count] = [SIDE * SIDE, images.length / (SIDE * SIDE)];
    const [sums, squares] = [new Float64Array(area), new Float64Array(area)];
    images.forEach((grey, at) => {
      sums[at % area] += grey;
      squares[at % area] += grey * grey;
    });
    return sums.map((sum, pixel) => Math.sqrt(Math.max(squares[pixel] / count - (sum / count) ** 2, 0)));
  }

  /* ---- Views ---- */

  const KINDS = ["batches", "validation"]; // of curves
  const SVG = "http://www.w3.org/2000/svg";
  function drawn(tag, attributes, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /** Two curves over epochs, of the training batches and of the validation digits. Points below the scale are triangles at
   *  its edge. */
  function chart(title, { logarithmic, words }) {
    const [width, height, left, bottom, top, right] = [340, 190, 46, 24, 10, 12];
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
    const value = element("p", { class: "mnist-train-value" });
    const below = element("span", { class: "mnist-train-below" });
    const frame = `mnist-train-${(made += 1)}`;
    const clip = drawn("clipPath", { id: frame }, drawn("rect", { x: 0, y: 0, width, height: height - bottom + 1 }));
    const across = (share) => left + share * (width - left - right);
    const up = (share) => height - bottom - share * (height - bottom - top);
    const scale = logarithmic ? Math.log10 : (number) => number;

    const MOST = 6; // ticks
    function ticks(low, high) {
      if (!logarithmic) return [0, 0.5, 1].map((share) => low + share * (high - low));
      const found = [];
      for (let power = Math.floor(low); power <= high; power++)
        for (const first of [1, 2, 5]) if (power + Math.log10(first) >= low && power + Math.log10(first) <= high) found.push(power + Math.log10(first));
      if (found.length <= MOST) return found;
      const powers = found.filter((tick) => Number.isInteger(tick));
      return powers.filter((power) => power % Math.ceil(powers.length / MOST) === 0);
    }

    function named(tick) {
      if (!logarithmic) return `${Math.round(tick * 100)}\u202f%`;
      return tick >= 4 || tick <= -4 ? tenTo(tick) : String(Number((10 ** tick).toPrecision(1)));
    }

    function show(history, last) {
      const series = [history.batches, history.validation];
      const all = series.flat().map(([, number]) => scale(number)).filter(Number.isFinite);
      const most = Math.max(history.batches.at(-1)?.[0] || 0, history.validation.at(-1)?.[0] || 0, 1e-9);
      const later = series.flatMap((points) => points.slice(points.length >> 2).map(([, number]) => number));
      const [low, high] = logarithmic ? [Math.min(...all, -0.5), Math.max(...all, 0.5)] : [Math.floor(10 * Math.min(...later, 0.9)) / 10, 1];
      const place = ([epoch, number]) => `${across(epoch / most).toFixed(1)},${up((scale(number) - low) / (high - low)).toFixed(1)}`;
      const lines = ticks(low, high).flatMap((tick) => {
        const y = up((tick - low) / (high - low));
        return [drawn("line", { x1: left, x2: width - right, y1: y, y2: y, class: "grid" }), drawn("text", { x: left - 5, y: y + 4, "text-anchor": "end" }, named(tick))];
      });
      const ends = [drawn("text", { x: left, y: height - 6 }, "0"), drawn("text", { x: width - right, y: height - 6, "text-anchor": "end" }, `${most < 10 ? most.toFixed(1) : Math.round(most)} epochs`)];
      const finite = series.map((points) => points.filter(([, number]) => Number.isFinite(scale(number))));
      const curves = finite.map((points, at) => drawn("polyline", { points: points.map(place).join(" "), class: KINDS[at] }));
      const hidden = finite.map((points) => points.filter(([, number]) => scale(number) < low));
      const triangles = hidden.flatMap((points, at) =>
        points.map(([epoch]) => drawn("path", { d: `M${across(epoch / most).toFixed(1)},${up(0)}l-3.5,-6h7z`, class: KINDS[at] })),
      );
      svg.replaceChildren(clip, ...lines, ...ends, drawn("g", { "clip-path": `url(#${frame})` }, ...curves), ...triangles);
      below.textContent = triangles.length ? `off the scale: ▼\u202f${triangles.length}` : "";
      value.textContent = words(last);
      svg.setAttribute("aria-label", [`${title}: ${value.textContent}`, below.textContent].filter(Boolean).join("; "));
    }
    return { element: element("figure", {}, element("figcaption", { text: title }, below), svg, value), show };
  }

  /** What each of the first layer's units looks for: blue where ink raises its score, red where ink lowers it, as in the
   *  book's figures; each weight times how much its pixel varies, since where no digit has ink a weight says nothing. */
  function pictures() {
    const box = element("div", { class: "mnist-train-units" });
    const caption = element("figcaption");
    let canvases = [];
    function show({ weight, inputs, outputs, spread }, templates) {
      const count = templates ? outputs : Math.min(outputs, SHOWN);
      if (canvases.length !== count) {
        canvases = Array.from({ length: count }, () => element("canvas", { width: SIDE, height: SIDE, role: "img" }));
        box.replaceChildren(...canvases.map((canvas, unit) => element("span", {}, canvas, templates ? String(unit) : "")));
        box.classList.toggle("are-templates", templates);
      }
      caption.textContent = templates
        ? "The ten templates: ink on blue raises the digit’s score, ink on red lowers it"
        : `What the first ${count} of ${outputs} hidden units look for: ink on blue, none on red`;
      canvases.forEach((canvas, unit) => {
        canvas.setAttribute("aria-label", templates ? `weights of the ${unit}` : `weights of hidden unit ${unit + 1}`);
        let most = 1e-6;
        for (let input = 0; input < inputs; input++) most = Math.max(most, Math.abs(weight[input * outputs + unit] * spread[input]));
        const pixels = new ImageData(SIDE, SIDE);
        for (let input = 0; input < inputs; input++) {
          const share = (weight[input * outputs + unit] * spread[input]) / most;
          const faded = 1 - Math.abs(share);
          const colour = share > 0 ? [33, 102, 172] : [178, 24, 43];
          pixels.data.set([...colour.map((one) => one + (247 - one) * faded), 255], input * 4);
        }
        canvas.getContext("2d").putImageData(pixels, 0, 0);
      });
    }
    return { element: element("figure", { class: "mnist-train-weights" }, caption, box), show };
  }

  /** Validation digits, rows of labels by columns of what they are read as. */
  function confusionsTable() {
    const digits = [...Array(10).keys()];
    const cells = digits.map(() => digits.map(() => element("td")));
    const head = element("tr", {}, element("td"), ...digits.map((digit) => element("th", { scope: "col", text: digit })));
    const rows = cells.map((row, digit) => element("tr", {}, element("th", { scope: "row", text: digit }), ...row));
    const caption = element("caption", { text: "Validation digits: each row a label, each column what they are read as" });
    return {
      element: element("table", { class: "mnist-train-confusions" }, caption, element("thead", {}, head), element("tbody", {}, ...rows)),
      show(confusions) {
        const off = confusions.map((count, at) => (at % 11 ? count : 0));
        const most = Math.max(...off, 1);
        confusions.forEach((count, at) => {
          const cell = cells[Math.floor(at / 10)][at % 10];
          cell.textContent = count || "";
          cell.style.setProperty("--share", at % 11 ? off[at] / most : 0);
          cell.classList.toggle("is-right", at % 11 === 0);
        });
      },
    };
  }

  /** What the network in training makes of the page's drawing. */
  function reading() {
    const rows = [...Array(10).keys()].map((digit) => {
      const bar = element("span", { class: "mnist-train-fill" });
      const share = element("span", { class: "mnist-train-share" });
      return { bar, share, row: element("li", {}, element("b", { text: digit }), element("span", { class: "mnist-train-bar" }, bar), share) };
    });
    const invitation = "Draw a digit on the pad below: the network that you train reads it, too.";
    const words = element("p", { role: "status", text: invitation });
    return {
      element: element("section", { class: "mnist-train-reading" }, words, element("ul", { role: "list" }, ...rows.map(({ row }) => row))),
      show(probabilities) {
        const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
        const text = probabilities ? `Your network reads your drawing as a ${best}.` : invitation;
        if (words.textContent !== text) words.textContent = text;
        rows.forEach(({ bar, share, row }, digit) => {
          bar.style.width = probabilities ? `${probabilities[digit] * 100}%` : "0";
          share.textContent = probabilities ? percent(probabilities[digit]) : "–";
          row.classList.toggle("is-guess", digit === best);
        });
      },
    };
  }

  /* ---- Controls ---- */

  function select(title, options, chosen, change) {
    const id = `mnist-train-${(made += 1)}`;
    const input = element("select", { id, autocomplete: "off" });
    for (const [value, text] of options) input.append(element("option", { value, text }));
    input.value = chosen;
    input.addEventListener("change", () => change(input.value));
    return { input, element: element("p", {}, element("label", { for: id, text: title }), input) };
  }

  /** A slider over powers of ten, or over shares; `far` is what its left end means. */
  function slider(title, { low, high, step, value, read, write }, change) {
    const id = `mnist-train-${(made += 1)}`;
    const input = element("input", { type: "range", id, min: low, max: high, step, autocomplete: "off" });
    const shown = element("output", { for: id });
    const set = (number) => {
      input.value = write(number);
      show();
    };
    const show = () => {
      shown.textContent = short(read(Number(input.value)));
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.addEventListener("input", () => {
      show();
      change(read(Number(input.value)));
    });
    set(value);
    return { input, set, element: element("p", { class: "mnist-train-slider" }, element("label", { for: id, text: title }), shown, input) };
  }

  const power = (low, high) => ({ low, high, step: 0.05, read: (at) => 10 ** at, write: Math.log10 });

  /* ---- The panel ---- */

  function mount(root) {
    root.classList.add("mathjax_ignore", "tex2jax_ignore");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Train a network in this page");
    const asked = root.dataset.network in NETWORKS ? root.dataset.network : Object.keys(NETWORKS)[0];
    const settings = { name: asked, l2: 0, seed: 0, ...NETWORKS[asked].recipe };
    for (const name of ["rate", "momentum", "batch", "l2"]) if (root.dataset[name]) settings[name] = Number(root.dataset[name]);
    if (root.dataset.optimizer in RULES) settings.optimizer = root.dataset.optimizer;
    let [worker, standard, drawing, running, more] = [null, null, null, false, false];
    let history;
    let latest = {};
    let loading = false; // more digits, while the first can be trained on

    const send = (kind, content = {}) => worker && worker.postMessage({ kind, ...content });
    const rule = () => ({ optimizer: settings.optimizer, rate: settings.rate, momentum: settings.momentum, l2: settings.l2, batch: settings.batch });
    const set = (name) => (value) => {
      settings[name] = value;
      send("rule", { rule: rule() });
      show();
    };

    const networks = select("Network", Object.keys(NETWORKS).map((name) => [name, name]), asked, (name) => {
      Object.assign(settings, { name }, NETWORKS[name].recipe);
      rules.input.value = settings.optimizer;
      batches.input.value = settings.batch;
      rate.set(settings.rate);
      momentum.set(settings.momentum);
      reset();
    });
    const amounts = select("Training digits", [["few", "10\u202f000"], ["all", "48\u202f000 (3.9 MB more)"]], "few", (amount) => amount === "all" && fetchMore());
    const rules = select("Update rule", Object.entries(RULES), settings.optimizer, set("optimizer"));
    const batches = select("Batch", ["1", "16", "64", "128", "512", "0"].map((size) => [size, BATCHES[size]]), settings.batch, (size) => set("batch")(Number(size)));
    const rate = slider("Learning rate", { ...power(-4, 1.5), value: settings.rate }, set("rate"));
    const momentum = slider("Momentum", { low: 0, high: 0.99, step: 0.01, value: settings.momentum, read: (at) => at, write: (at) => at }, set("momentum"));
    const weakest = -6;
    const decay = slider("L2 penalty", { low: weakest, high: 0, step: 0.25, value: settings.l2, read: (at) => (at === weakest ? 0 : 10 ** at), write: (value) => (value ? Math.log10(value) : weakest) }, set("l2"));

    const press = (text, action) => {
      const button = element("button", { type: "button", text });
      button.addEventListener("click", async () => (await ready()) && action());
      return button;
    };
    const buttons = {
      run: press("Train (loads 1.2 MB of digits)", () => toggle()),
      step: press("One step", () => send("step")),
      reset: press("Reset", () => reset()),
      check: press("Check a gradient", () => send("check")),
      curvature: press("Measure the curvature", () => send("curvature")),
    };
    const status = element("p", { class: "mnist-train-status", role: "status" });
    const note = element("p", { class: "mnist-train-note", role: "status" });
    note.hidden = true;
    const interval = ({ accuracy }, count) => 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / count);
    const losses = chart("Loss", {
      logarithmic: true,
      words: ({ batches: b, validation: v }) => [b && `training batches ${lossOf(b.loss)}`, v && `validation ${lossOf(v.loss)}`].filter(Boolean).join(", "),
    });
    const accuracies = chart("Accuracy", {
      words: ({ batches: b, validation: v }) => [b && `training batches ${percent(b.accuracy)}`, v && `validation ${percent(v.accuracy)} ± ${(100 * interval(v, v.count)).toFixed(1)}`].filter(Boolean).join(", "),
    });
    const [units, confusions, mine] = [pictures(), confusionsTable(), reading()];
    const legend = element("p", { class: "mnist-train-legend" }, element("span", { class: "batches" }), " training batches ", element("span", { class: "validation" }), " 2\u202f000 validation digits");

    root.replaceChildren(
      element("div", { class: "mnist-train-choices" }, networks.element, amounts.element, rules.element, batches.element),
      element("div", { class: "mnist-train-sliders" }, rate.element, momentum.element, decay.element),
      element("div", { class: "mnist-train-buttons" }, ...Object.values(buttons)),
      status,
      note,
      element("div", { class: "mnist-train-charts" }, losses.element, accuracies.element, legend),
      element("div", { class: "mnist-train-views" }, units.element, confusions.element),
      mine.element,
    );

    function say(text) {
      note.hidden = !text;
      note.textContent = text || "";
    }

    /** Digits and worker, once; whether they are there. */
    async function ready() {
      if (worker) return true;
      status.textContent = "The digits are being loaded …";
      const found = await digitsOf(SCRIPTS[0]);
      if (worker) return true; // another click was faster
      if (found.problem) {
        status.textContent = "";
        say(`There is nothing to train on, because ${found.problem}`);
        return false;
      }
      standard = [found.mean, found.std];
      worker = startWorker();
      worker.onmessage = ({ data }) => hear[data.kind](data);
      worker.onerror = ({ message }) => say(`The training has stopped: ${message}. Load this page again.`);
      send("digits", { program: found.program, training: found.training, validation: found.validation });
      latest = { count: found.validation.labels.length, spread: found.spread };
      reset();
      return true;
    }

    async function fetchMore() {
      if (more) return;
      if (!(await ready())) {
        amounts.input.value = "few";
        return;
      }
      loading = amounts.input.disabled = true;
      show();
      const found = await digitsOf(SCRIPTS[1]);
      loading = false;
      if (found.problem) {
        [amounts.input.disabled, amounts.input.value] = [false, "few"];
        say(`It stays at 10\u202f000 digits, because ${found.problem}`);
        return show();
      }
      more = true;
      send("more", found.training);
      reset();
    }

    function reset() {
      settings.seed += 1;
      const { hidden, pixels } = NETWORKS[settings.name];
      const [mean, std] = PIXELS[pixels] || standard || PIXELS.unit;
      history = { batches: { loss: [], accuracy: [] }, validation: { loss: [], accuracy: [] } };
      say("");
      send("rule", { rule: rule() });
      send("start", { network: { hidden, mean, std }, seed: settings.seed });
      show();
    }

    function toggle() {
      say("");
      send(running ? "pause" : "run"); // whether it runs is what its reports say
    }

    const hear = {
      report({ batches, validation, ...report }) {
        if (report.seed !== settings.seed) return; // of the training before a reset
        running = report.running;
        latest = { ...latest, ...report, batches: batches.length ? average(batches) : report.steps && latest.batches };
        if (validation) latest.validation = { ...validation, count: latest.count };
        for (const [epochs, loss, accuracy] of batches) {
          add(history.batches.loss, [epochs, loss]);
          add(history.batches.accuracy, [epochs, accuracy]);
        }
        for (const measure of validation ? ["loss", "accuracy"] : [])
          add(history.validation[measure], [report.epochs, validation[measure]]);
        if (drawing) send("read", { image: drawing });
        show();
      },

      diverged({ loss, steps }) {
        const grown = Number.isFinite(loss) ? `has grown to ${short(loss, 3)}` : "is no number any more";
        say(
          `The loss ${grown} after ${spaced(steps)} ${steps === 1 ? "step" : "steps"}, and the training has stopped. ${tooFar()} ` +
            `Lower the learning rate (it was ${short(settings.rate)}) and reset.`,
        );
      },

      checked({ layer, input, output, backward, difference, digits }) {
        const apart = Math.abs(backward - difference) / Math.max(Math.abs(backward) + Math.abs(difference), 1e-8);
        const place = layer === 1 ? `pixel ${(input % SIDE) + 1} of row ${Math.floor(input / SIDE) + 1}` : `unit ${input + 1}`;
        const blank = backward === 0 && difference === 0 ? " Nothing reached this weight: it is behind a unit that is silent, or a pixel that is blank." : "";
        say(
          `The weight of layer ${layer} from ${place} to unit ${output + 1}, on ${digits} training digits. Its derivative by backpropagation: ` +
            `${short(backward, 5)}; by moving the weight up and down a little: ${short(difference, 5)}. Relative difference ${short(apart, 1)}.${blank}`,
        );
      },

      curved({ curvature, digits }) {
        const { optimizer, momentum: kept, rate: now } = settings;
        const limit = (2 * (1 + kept)) / curvature;
        const [most, rate] = apart(limit, now);
        const means =
          optimizer === "adam"
            ? `For plain descent that would allow a rate of ${short(2 / curvature)}; Adam’s steps have a length of their own.`
            : `${kept ? "With this momentum" : "Plain"} descent is stable along it below ${stableBelow(kept && short(kept))} = ${most}; the rate is ${rate}, ${now < limit ? "below" : "above"} that.`;
        say(curvature > 0 ? `Here the loss curves most with c = ${short(curvature, 3)} (on ${digits} training digits). ${means}` : "Here the loss curves upwards along no direction that was found.");
      },

      read({ probabilities }) {
        mine.show(drawing && probabilities);
      },
    };

    const stableBelow = (momentum) => (momentum ? `2 (1 + ${momentum}) / c` : "2 / c");

    /** Why a rate can be too large, by the rule. */
    function tooFar() {
      if (settings.optimizer === "adam")
        return "Adam’s steps have about the length of the rate, whatever the gradient is: too large a rate throws every weight far.";
      const where = "Where the loss curves with c along a direction,";
      return settings.momentum
        ? `${where} descent with momentum β is stable below a rate of ${stableBelow("β")}, and β is ${short(settings.momentum)} here: ` +
            "above it each swing across the valley is wider than the last."
        : `${where} a step at a rate of more than ${stableBelow(0)} lands further from the valley’s floor than it started, and so does the next.`;
    }

    function average(rows) {
      const mean = (column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length;
      return { loss: mean(1), accuracy: mean(2) };
    }

    function add(points, point) {
      points.push(point);
      if (points.length > POINTS) points.splice(0, points.length, ...points.filter((_, at) => at % 2 === 1));
    }

    function show() {
      root.dataset.state = loading ? "loading" : running ? "running" : worker ? "paused" : "waiting";
      root.dataset.steps = latest.steps || 0;
      root.dataset.accuracy = latest.validation ? latest.validation.accuracy : "";
      if (!worker) return;
      buttons.run.textContent = running ? "Pause" : "Train";
      momentum.input.disabled = settings.optimizer !== "momentum";
      const { steps = 0, epochs = 0, seconds = 0, engine, validation } = latest;
      const dead = validation && validation.hidden ? `; ${validation.dead} of ${validation.hidden} hidden units are dead: no validation digit moves them` : "";
      const coming = loading ? "38\u202f000 more digits are being loaded … " : "";
      status.textContent = `${coming}${spaced(steps)} steps, ${epochs.toFixed(1)} epochs, ${seconds.toFixed(1)} s of training in ${engine || "…"}${dead}`;
      if (!validation) return;
      losses.show({ batches: history.batches.loss, validation: history.validation.loss }, latest);
      accuracies.show({ batches: history.batches.accuracy, validation: history.validation.accuracy }, latest);
      units.show(latest, NETWORKS[settings.name].hidden.length === 0);
      confusions.show(Array.from(validation.confusions));
    }

    document.addEventListener("mnist-image", ({ detail }) => {
      if (detail.length !== SIDE * SIDE) return; // of two digits
      drawing = detail.some((value) => value > 0) ? detail : null;
      mine.element.hidden = false;
      if (drawing) send("read", { image: drawing });
      else mine.show(null);
    });
    mine.show(null);
    mine.element.hidden = !document.querySelector(".mnist-pad");
    show();
  }

  const start = () => document.querySelectorAll(".mnist-train").forEach(mount);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
