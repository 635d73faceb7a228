/* Small networks and valleys to play with, each a <div> of its name:
 *
 * mnist-backprop: forwards and backwards through 2-2-2 with real numbers. Two inputs, two hidden units with a ReLU, two
 * logits, softmax and cross-entropy. Each unit shows its value and the blame that has come back to it; a unit or a weight
 * that is chosen says what its numbers are made of.
 *
 * mnist-check: the gradient of that network on four inputs, beside central differences, with mistakes to switch on.
 *
 * mnist-valley: descent along a valley that is steep across and flat along, by a rate and a momentum of one's choice.
 */
(function () {
  "use strict";

  /* ---- What both are made of ---- */

  const SVG = "http://www.w3.org/2000/svg";
  function make(space, tag, attributes = {}, ...children) {
    const made = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const html = (...all) => make(null, ...all);
  const svg = (...all) => make(SVG, ...all);
  const say = (number) => (Math.abs(number) < 0.005 ? "0.00" : number.toFixed(2).replace("-", "−"));
  const inside = (number) => say(number).replace(/^−.*/, "($&)"); // after another sign
  const sum = (pairs) => pairs.map(([one, other]) => `${inside(one)} · ${inside(other)}`).join(" + ");

  /** A slider with its words before it. */
  function slider(words, { min, max, step, value = 0 }, heard) {
    const input = html("input", { type: "range", min, max, step, value, autocomplete: "off" });
    input.addEventListener("input", () => heard(Number(input.value)));
    return { input, element: html("label", {}, `${words} `, input) };
  }

  function button(words, action) {
    const made = html("button", { type: "button" }, words);
    made.addEventListener("click", action);
    return made;
  }

  function called(root, name) {
    root.classList.add("mnist-toy", "mathjax_ignore", "tex2jax_ignore");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", name);
  }

  /* ---- Forwards and backwards through 2-2-2 ---- */

  const RATE = 0.5;
  const START = {
    x: [1, 0.5],
    w1: [[0.8, -0.6], [0.4, 0.9]], // from input to hidden unit
    b1: [0.1, 0],
    w2: [[0.7, -0.5], [-0.3, 0.6]], // from hidden unit to logit
    b2: [0, 0],
    label: 1,
  };
  const BOTH = [0, 1];
  const SUB = "₁₂";
  const COLUMNS = [52, 200, 348];
  const ROWS = [74, 236];
  const RADIUS = 30;

  /** All numbers of one pass forwards and one backwards; d… is the derivative of the loss, or what a mistake makes of it. */
  function compute({ x, w1, b1, w2, b2, label }, { mask = false, transpose = false } = {}) {
    const a = BOTH.map((j) => b1[j] + x[0] * w1[0][j] + x[1] * w1[1][j]);
    const h = a.map((value) => Math.max(value, 0));
    const z = BOTH.map((k) => b2[k] + h[0] * w2[0][k] + h[1] * w2[1][k]);
    const most = Math.max(...z);
    const raised = z.map((value) => Math.exp(value - most));
    const p = raised.map((value) => value / (raised[0] + raised[1]));
    const dz = p.map((share, k) => share - (k === label ? 1 : 0));
    const dh = BOTH.map((j) => (transpose ? dz[0] * w2[0][j] + dz[1] * w2[1][j] : dz[0] * w2[j][0] + dz[1] * w2[j][1]));
    const da = dh.map((blame, j) => (a[j] > 0 || mask ? blame : 0));
    const dx = BOTH.map((i) => da[0] * w1[i][0] + da[1] * w1[i][1]);
    const dw1 = x.map((value) => da.map((blame) => value * blame));
    const dw2 = h.map((value) => dz.map((blame) => value * blame));
    return { a, h, z, p, loss: -Math.log(p[label]), dz, dh, da, dx, dw1, db1: da, dw2, db2: dz };
  }

  /** The state after a step downhill. */
  function descend(state, rate) {
    const found = compute(state);
    const less = (value, slope) => (Array.isArray(value) ? value.map((one, at) => less(one, slope[at])) : value - rate * slope);
    return { ...state, w1: less(state.w1, found.dw1), b1: less(state.b1, found.db1), w2: less(state.w2, found.dw2), b2: less(state.b2, found.db2) };
  }

  function mountBackprop(root) {
    let state = structuredClone(START);
    let chosen = "w2-0-1";
    let steps = 0;
    called(root, "Forwards and backwards through a network of two inputs, two hidden units and two logits");

    const picture = svg("svg", { viewBox: "0 0 400 310", role: "group", "aria-label": "The network" });
    const parts = {}; // by name: the group and its two lines of text

    function part(name, content, x, y, anchor = "middle") {
      const value = svg("text", { x, y, "text-anchor": anchor, class: "value" });
      const blame = svg("text", { x, y: y + 15, "text-anchor": anchor, class: "blame" });
      const group = svg("g", { tabindex: "0", role: "button", class: "part", "data-part": name }, ...content, value, blame);
      const choose = () => {
        chosen = name;
        show();
      };
      group.addEventListener("click", choose);
      group.addEventListener("focus", choose);
      parts[name] = { group, value, blame };
      return group;
    }

    for (const layer of [1, 2]) {
      for (const i of BOTH) {
        for (const j of BOTH) {
          const [x1, x2, y1, y2] = [COLUMNS[layer - 1] + RADIUS, COLUMNS[layer] - RADIUS, ROWS[i], ROWS[j]];
          const at = i === j ? 0.5 : 0.26; // labels of the lines that cross stand before the crossing
          const line = svg("line", { x1, y1, x2, y2 });
          const wide = svg("line", { x1, y1, x2, y2, class: "reach" });
          const [x, y] = [x1 + at * (x2 - x1), y1 + at * (y2 - y1)];
          const paper = svg("rect", { x: x - 20, y: y - 17, width: 40, height: 33, rx: 4 });
          picture.append(part(`w${layer}-${i}-${j}`, [wide, line, paper], x, y - 4));
        }
      }
    }
    ["x", "h", "z"].forEach((letter, column) =>
      BOTH.forEach((row) => {
        const name = svg("text", { x: COLUMNS[column], y: ROWS[row] + (row ? 48 : -38), "text-anchor": "middle", class: "name" }, letter + SUB[row]);
        const circle = svg("circle", { cx: COLUMNS[column], cy: ROWS[row], r: RADIUS });
        picture.append(part(`${letter}-${row}`, [circle, name], COLUMNS[column], ROWS[row] - 2));
      }),
    );

    const sliders = BOTH.map((i) =>
      slider(`input x${SUB[i]}`, { min: -2, max: 2, step: 0.1 }, (value) => {
        state.x[i] = value;
        show();
      }),
    );
    const select = html("select", { autocomplete: "off" }, ...BOTH.map((k) => html("option", { value: k }, `z${SUB[k]}`)));
    select.addEventListener("change", () => {
      state.label = Number(select.value);
      show();
    });
    const descended = button("One step downhill", () => {
      state = descend(state, RATE);
      steps += 1;
      show();
    });
    const reset = button("Reset", () => {
      state = structuredClone(START);
      steps = 0;
      show();
    });
    const outcome = html("p", { class: "mnist-toy-outcome", role: "status" });
    const words = html("p", { class: "mnist-toy-words", role: "status" });

    /** What the numbers of a part are made of. */
    function explained(name, found) {
      const [kind, i, j] = name.split("-");
      const { x, w1, b1, w2, b2, label } = state;
      if (kind === "w1" || kind === "w2") {
        const [from, to, value, blame] = kind === "w1" ? ["x", "h", x[i], found.da[j]] : ["h", "z", found.h[i], found.dz[j]];
        const passed = kind === "w1" && found.a[j] <= 0 ? ` (nothing: h${SUB[j]} is silent)` : "";
        return (
          `The weight from ${from}${SUB[i]} to ${to}${SUB[j]}. Its derivative is what came in, ${say(value)}, times the blame of what it feeds, ` +
          `${say(blame)}${passed}: ${say(value * blame)}.`
        );
      }
      if (kind === "z") {
        const made = `${say(b2[i])} + ${sum(BOTH.map((j) => [found.h[j], w2[j][i]]))} = ${say(found.z[i])}`;
        return `z${SUB[i]}: bias and weighted inputs, ${made}. Its blame is its probability minus what is true: ${say(found.p[i])} − ${+i === label ? 1 : 0} = ${say(found.dz[i])}.`;
      }
      if (kind === "h") {
        const made = `${say(b1[i])} + ${sum(BOTH.map((j) => [x[j], w1[j][i]]))} = ${say(found.a[i])}`;
        const back = `${sum(BOTH.map((k) => [found.dz[k], w2[i][k]]))} = ${say(found.dh[i])}`;
        const relu = found.a[i] > 0 ? "the ReLU lets it pass, and lets the blame pass back" : "the ReLU makes it 0, and stops the blame";
        return `h${SUB[i]}: ${made}; ${relu}. The blame that comes back to it: each logit’s, times the weight on the way, ${back}.`;
      }
      const back = `${sum(BOTH.map((j) => [found.da[j], w1[i][j]]))} = ${say(found.dx[i])}`;
      return `x${SUB[i]} is given. The blame that comes back to it is that of the hidden units, times the weights on the way: ${back}. Nobody changes an input in training; chapter 11 will.`;
    }

    function show() {
      const found = compute(state);
      const numbers = {};
      for (const i of BOTH) {
        numbers[`x-${i}`] = [state.x[i], found.dx[i]];
        numbers[`h-${i}`] = [found.h[i], found.dh[i]];
        numbers[`z-${i}`] = [found.z[i], found.dz[i]];
        for (const j of BOTH) {
          numbers[`w1-${i}-${j}`] = [state.w1[i][j], found.dw1[i][j]];
          numbers[`w2-${i}-${j}`] = [state.w2[i][j], found.dw2[i][j]];
        }
      }
      for (const [name, [value, blame]] of Object.entries(numbers)) {
        const [kind, i, j] = name.split("-");
        const thing = kind.startsWith("w") ? `weight from ${kind === "w1" ? "x" : "h"}${+i + 1} to ${kind === "w1" ? "h" : "z"}${+j + 1}` : `${kind}${+i + 1}`;
        parts[name].value.textContent = say(value);
        parts[name].blame.textContent = say(blame);
        parts[name].group.setAttribute("aria-label", `${thing}: ${say(value)}, derivative ${say(blame)}`);
        parts[name].group.setAttribute("aria-pressed", name === chosen);
      }
      sliders.forEach(({ input }, i) => (input.value = state.x[i]));
      select.value = state.label;
      outcome.textContent =
        `${steps} ${steps === 1 ? "step" : "steps"}. z${SUB[state.label]}, the right answer, gets ${(100 * found.p[state.label]).toFixed(1)}\u202f% of the probability: ` +
        `the loss is ${found.loss.toFixed(3)}.`;
      words.textContent = explained(chosen, found);
    }

    root.replaceChildren(
      picture,
      html("p", { class: "mnist-toy-legend" }, html("span", { class: "value" }, "value"), ", below it ", html("span", { class: "blame" }, "the loss’s derivative")),
      html("div", { class: "mnist-toy-controls" }, ...sliders.map(({ element }) => element), html("label", {}, "right answer ", select), descended, reset),
      outcome,
      words,
    );
    show();
  }

  /* ---- A gradient check, and mistakes ---- */

  const EXAMPLES = [ // inputs and right answers; some leave a hidden unit silent
    { x: [1, 0.5], label: 1 },
    { x: [-0.5, 1.2], label: 0 },
    { x: [0.9, -1], label: 1 },
    { x: [-1.1, -0.3], label: 0 },
  ];
  const TENSORS = ["w2", "b2", "w1", "b1", "x"]; // from the loss back to the input
  const MISTAKES = {
    mask: "the ReLU’s mask is taken with ≥",
    transpose: "the transpose of W₂ is forgotten",
    mean: "the mean over the batch is forgotten",
  };
  const ACCEPTED = 1e-6;
  const FLOOR = -16; // of the picture, as a power of ten

  /** Of four examples: numbers of each tensor, one after another, where and what they are. */
  const flat = (state, tensor) => (tensor === "x" ? state.examples.map(({ x }) => x) : state[tensor]).flat();

  function meanLoss(state) {
    const each = state.examples.map((example) => compute({ ...state, ...example }).loss);
    return each.reduce((sum, loss) => sum + loss, 0) / each.length;
  }

  /** The derivatives of the mean loss by backpropagation, mistakes and all: a dict from tensor to a list. */
  function backpropagated(state, wrong) {
    const each = state.examples.map((example) => compute({ ...state, ...example }, wrong));
    const share = wrong.mean ? 1 : 1 / each.length;
    const found = {};
    for (const tensor of TENSORS) {
      const lists = each.map((one) => one[`d${tensor}`].flat().map((value) => share * value));
      found[tensor] = tensor === "x" ? lists.flat() : lists[0].map((_, at) => lists.reduce((sum, list) => sum + list[at], 0));
    }
    return found;
  }

  /** The same by nudging each number up and down by h. */
  function nudged(state, h) {
    const found = {};
    for (const tensor of TENSORS) {
      found[tensor] = flat(state, tensor).map((_, at) => {
        const [more, less] = [h, -h].map((step) => {
          const other = structuredClone(state);
          const lists = tensor === "x" ? other.examples.map(({ x }) => x) : Array.isArray(other[tensor][0]) ? other[tensor] : [other[tensor]];
          lists[Math.floor(at / 2)][at % 2] += step;
          return meanLoss(other);
        });
        return (more - less) / (2 * h);
      });
    }
    return found;
  }

  const norm = (list) => Math.hypot(...list);
  const relative = (one, other) => norm(one.map((value, at) => value - other[at])) / (norm(one) + norm(other) || 1);

  /** The relative error of each tensor's gradient, by name, from the loss back to the input. */
  function check(state, wrong, h) {
    const [ours, slopes] = [backpropagated(state, wrong), nudged(state, h)];
    return Object.fromEntries(TENSORS.map((tensor) => [tensor, relative(ours[tensor], slopes[tensor])]));
  }

  const power = (number) => String(number).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

  function mountCheck(root) {
    called(root, "A gradient check of a network of two inputs, two hidden units and two logits");
    const { x: _, label: __, ...weights } = START;
    const state = { ...weights, examples: EXAMPLES };
    const names = { w2: "W₂", b2: "b₂", w1: "W₁", b1: "b₁", x: "x" };
    let exponent = -5;
    const boxes = {};
    const [left, top, wide, high] = [92, 22, 296, 34];
    const at = (error) => left + (wide * (Math.max(Math.log10(error || 1e-300), FLOOR) - FLOOR)) / -FLOOR;
    const bars = {};
    const picture = svg("svg", { viewBox: "0 0 400 226", role: "img" });
    const limit = at(ACCEPTED);
    for (const tick of [-16, -12, -8, -4, 0]) {
      const x = left + (wide * (tick - FLOOR)) / -FLOOR;
      picture.append(svg("text", { x, y: 220, "text-anchor": "middle" }, tick ? `10${power(tick)}` : "1"));
    }
    TENSORS.forEach((tensor, row) => {
      const y = top + high * row;
      bars[tensor] = svg("rect", { x: left, y: y + 5, height: high - 12, class: "bar" });
      const said = svg("text", { y: y + high / 2 + 4, class: "said" });
      bars[tensor].said = said;
      picture.append(svg("text", { x: left - 10, y: y + high / 2 + 4, "text-anchor": "end" }, names[tensor]), bars[tensor], said);
    });
    picture.append(svg("line", { x1: limit, x2: limit, y1: top - 2, y2: top + high * TENSORS.length + 4, class: "limit" }));
    picture.append(svg("text", { x: limit, y: top - 8, "text-anchor": "middle" }, "accepted up to 10⁻⁶"));
    const outcome = html("p", { class: "mnist-toy-outcome", role: "status" });
    const words = html("p", { class: "mnist-toy-words", role: "status" });
    const switches = Object.entries(MISTAKES).map(([mistake, said]) => {
      boxes[mistake] = html("input", { type: "checkbox", autocomplete: "off" });
      boxes[mistake].addEventListener("change", show);
      return html("label", {}, boxes[mistake], ` ${said}`);
    });
    const nudge = slider("nudge h = 10 to the", { min: -12, max: -1, step: 1, value: exponent }, (value) => {
      exponent = value;
      show();
    });

    function show() {
      const wrong = Object.fromEntries(Object.entries(boxes).map(([mistake, { checked }]) => [mistake, checked]));
      const errors = check(state, wrong, 10 ** exponent);
      for (const tensor of TENSORS) {
        const end = at(errors[tensor]);
        const bad = errors[tensor] > ACCEPTED;
        bars[tensor].setAttribute("width", Math.max(end - left, 1));
        bars[tensor].setAttribute("class", bad ? "bar bad" : "bar");
        bars[tensor].said.setAttribute("x", end > 350 ? end - 6 : end + 6);
        bars[tensor].said.setAttribute("text-anchor", end > 350 ? "end" : "start");
        bars[tensor].said.setAttribute("class", bad && end > 350 ? "said on" : "said");
        bars[tensor].said.textContent = bad ? "wrong" : "";
      }
      const bad = TENSORS.filter((tensor) => errors[tensor] > ACCEPTED);
      const list = (some) => some.map((tensor) => names[tensor]).join(", ");
      outcome.textContent = bad.length
        ? `With h = 10${power(exponent)} the check fails: ${list(bad)} ${bad.length === 1 ? "does" : "do"} not agree with the nudges.`
        : `With h = 10${power(exponent)} the check passes: backpropagation and nudges agree in all five tensors.`;
      picture.setAttribute("aria-label", `Relative errors of five gradients on a logarithmic scale. ${outcome.textContent}`);
      const any = Object.values(wrong).some(Boolean);
      if (!any && bad.length)
        words.textContent =
          exponent > -4
            ? "Nobody made a mistake: with so long a nudge the loss is no straight line, and the difference quotient is what is wrong."
            : "Nobody made a mistake: with so short a nudge the two losses differ in their last digits only, and what is left of the difference is rounding.";
      else if (!bad.length && any) words.textContent = "A mistake that this network does not show: try other examples, or another one.";
      else if (!any) words.textContent = "Now switch on a mistake. Which tensors will go wrong?";
      else if (bad.length === TENSORS.length) words.textContent = "Everything is wrong, from the loss on: look there first.";
      else
        words.textContent =
          `${list(TENSORS.filter((tensor) => !bad.includes(tensor)))} still agree; going back from the loss, ${names[bad[0]]} is the first that does not. ` +
          "The mistake was made between the two.";
    }

    root.replaceChildren(picture, html("div", { class: "mnist-toy-controls mnist-toy-list" }, ...switches, nudge.element), outcome, words);
    show();
  }

  /* ---- A valley ---- */

  const CURVATURES = [4, 0.05]; // across the valley, and along it
  const BEGIN = [1.6, -9]; // so far from the bottom, across and along
  const STEPS = 60;
  const REACH = [2.4, 10]; // what the picture shows, across and along, to either side
  const [WIDE, HIGH] = [400, 190];

  /** The places of so many steps, v ← momentum · v + gradient, w ← w − rate · v: a list of [across, along]. */
  function walk(curvatures, begin, rate, momentum, steps) {
    let [at, velocity] = [[...begin], begin.map(() => 0)];
    const places = [at];
    for (let step = 0; step < steps; step++) {
      velocity = velocity.map((v, i) => momentum * v + curvatures[i] * at[i]);
      at = at.map((w, i) => w - rate * velocity[i]);
      places.push(at);
    }
    return places;
  }

  const height = (curvatures, place) => place.reduce((sum, w, i) => sum + (curvatures[i] * w * w) / 2, 0);

  function mountValley(root) {
    called(root, "Descent along a valley");
    let [rate, momentum] = [0.45, 0];
    const limit = () => (2 * (1 + momentum)) / CURVATURES[0];
    const place = ([across, along]) => [WIDE / 2 + (along / REACH[1]) * (WIDE / 2), HIGH / 2 + (across / REACH[0]) * (HIGH / 2)];
    const rings = [0.1, 0.4, 1, 2, 3.5, 5.5].map((level) =>
      svg("ellipse", {
        cx: WIDE / 2,
        cy: HIGH / 2,
        rx: (Math.sqrt((2 * level) / CURVATURES[1]) / REACH[1]) * (WIDE / 2),
        ry: (Math.sqrt((2 * level) / CURVATURES[0]) / REACH[0]) * (HIGH / 2),
      }),
    );
    const path = svg("polyline", {});
    const dots = svg("g", { class: "dots" });
    const bottom = svg("text", { x: WIDE / 2, y: HIGH / 2 + 5, "text-anchor": "middle" }, "+");
    const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" }, ...rings, bottom, path, dots);
    const outcome = html("p", { class: "mnist-toy-outcome", role: "status" });
    const words = html("p", { class: "mnist-toy-words" });
    const sliders = [
      slider("learning rate", { min: 0.01, max: 1.2, step: 0.01, value: rate }, (value) => {
        rate = value;
        show();
      }),
      slider("momentum", { min: 0, max: 0.95, step: 0.05, value: momentum }, (value) => {
        momentum = value;
        show();
      }),
    ];

    function show() {
      const places = walk(CURVATURES, BEGIN, rate, momentum, STEPS);
      const out = places.findIndex(([across, along]) => Math.abs(across) > 3 * REACH[0] || Math.abs(along) > 3 * REACH[1]);
      const shown = places.slice(0, out < 0 ? places.length : out + 1).map(place);
      path.setAttribute("points", shown.map((point) => point.map((one) => one.toFixed(1)).join(",")).join(" "));
      dots.replaceChildren(...shown.map(([cx, cy], step) => svg("circle", { cx, cy, r: step ? 2.4 : 5 })));
      const share = height(CURVATURES, places.at(-1)) / height(CURVATURES, BEGIN);
      const left = share < 1e-4 ? "less than a ten-thousandth of" : share < 1 ? `${Number((100 * share).toPrecision(2))}\u202f% of` : `${share > 1e4 ? "more than 10\u202f000" : share.toFixed(1)} times`;
      outcome.textContent = `Rate ${say(rate)}, momentum ${say(momentum)}: after ${STEPS} steps the loss is ${left} what it was.`;
      picture.setAttribute("aria-label", `A valley from above, and the way of the descent. ${outcome.textContent}`);
      const across = 1 - rate * CURVATURES[0];
      const plain = momentum === 0 ? ` Each step multiplies the distance across the valley by 1 − rate · c = ${say(across)}, and along it by ${(1 - rate * CURVATURES[1]).toFixed(3)}.` : "";
      const rule = momentum === 0 ? "2 / c" : `2 (1 + ${say(momentum)}) / c`;
      const most = Number(limit().toFixed(3)); // two digits may be those of a rate below or above it
      words.textContent =
        `Across the valley the curvature is c = ${CURVATURES[0]}, along it ${CURVATURES[1]}. Descent is stable below ${rule} = ${most}: ` +
        `this rate is ${rate < limit() ? "below" : rate > limit() ? "above" : "just"} that.${plain}`;
    }

    root.replaceChildren(picture, html("div", { class: "mnist-toy-controls" }, ...sliders.map(({ element }) => element)), outcome, words);
    show();
  }

  window.MnistToys = { compute, descend, backpropagated, check, walk, START, EXAMPLES };
  function start() {
    document.querySelectorAll(".mnist-backprop").forEach(mountBackprop);
    document.querySelectorAll(".mnist-check").forEach(mountCheck);
    document.querySelectorAll(".mnist-valley").forEach(mountValley);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
