/* The numerics of the page's pad: from strokes to an image, to each network's answer, and to a diagnosis.
 *
 * It repeats in JavaScript, rounding included, what the package computes in Python:
 *   rasterise   mnist_study/images/strokes.py, and `position` of mnist_study/images/preparation.py
 *   networks    PageNetwork of mnist_study/drawing/export.py
 *   diagnose    mnist_study/analysis/diagnosis.py
 * Networks and reference come from weights.js (window.MNIST_PAD_DATA), which `export_page` writes.
 * tests/browser/test_pad.py holds both sides together.
 */
(function () {
  "use strict";

  const SIDE = 28; // pixels of an image
  const BOX = 20; // pixels of the box that a prepared digit fits into
  const PEN = 2.6; // pixels of the image
  const PENS = [0.5, 8];
  const CANVAS = 280; // units across the pad
  const [FARTHEST, CLOSEST] = [1e12, 1e-12]; // units: larger coordinates are refused, a smaller drawing is a dot
  const SPACING = 0.25; // pixels between two points of a line that are kept
  const TIE = 1e-9; // pixels: a drawing that is symmetric to the last bit goes the same way everywhere
  const STAGES = ["raw", "cropped", "centred"];

  const round = (value) => Math.floor(value + 0.5);
  const clip = (value, low, high) => Math.min(Math.max(value, low), high);

  /* ---- From strokes to an image ---- */

  /** Strokes, lists of points [x, y], drawn with a round pen: Uint8Array(784), row by row, ink bright on dark. */
  function rasterise(strokes, { pen = PEN, stage = "centred", canvas = CANVAS } = {}) {
    if (!STAGES.includes(stage)) throw new RangeError(`stage: ${stage} is none of ${STAGES.join(", ")}`);
    if (!(pen >= PENS[0] && pen <= PENS[1])) throw new RangeError(`pen: ${pen} pixels is not between ${PENS.join(" and ")}`);
    if (!(canvas > CLOSEST && canvas < Infinity)) throw new RangeError(`canvas: ${canvas} is no side of a pad`);
    const lines = strokes.filter((stroke) => stroke.length > 0);
    if (!lines.every((line) => line.every((point) => point.length === 2 && point.every((value) => Math.abs(value) <= FARTHEST))))
      throw new RangeError("a stroke is a list of finite points [x, y]");
    if (lines.length === 0) return new Uint8Array(SIDE * SIDE);
    if (stage === "raw") {
      const scale = SIDE / canvas;
      return Uint8Array.from(cover(lines.map((line) => line.map(([x, y]) => [x * scale, y * scale])), pen / 2, SIDE), round);
    }
    const [left, top, extent] = bounds(lines);
    const scale = extent > CLOSEST ? (BOX - pen) / extent : 1;
    const moved = lines.map((line) => line.map(([x, y]) => [(x - left) * scale + pen / 2, (y - top) * scale + pen / 2]));
    return position(cover(moved, pen / 2, BOX), stage);
  }

  function bounds(lines) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const line of lines)
      for (const [x, y] of line) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    return [left, top, Math.max(right - left, bottom - top)];
  }

  /** Grey values of pixels, not yet rounded: 1/2 + radius - distance of each centre from the nearest line. */
  function cover(lines, radius, side) {
    const squared = new Float64Array(side * side).fill(Infinity);
    for (const line of lines) {
      const points = thinned(line);
      for (let i = 0; i < Math.max(points.length - 1, 1); i++)
        approach(squared, side, points[i], points[Math.min(i + 1, points.length - 1)]);
    }
    return Float64Array.from(squared, (value) => 255 * clip(0.5 + radius - Math.sqrt(value), 0, 1));
  }

  /** Lower each pixel's squared distance to that from the segment between two points, where it is nearer. */
  function approach(squared, side, start, end) {
    const alongX = end[0] - start[0];
    const alongY = end[1] - start[1];
    const length = alongX * alongX + alongY * alongY || 1;
    for (let row = 0, pixel = 0; row < side; row++) {
      const down = row + 0.5 - start[1];
      for (let column = 0; column < side; column++, pixel++) {
        const across = column + 0.5 - start[0];
        const share = clip((down * alongY + across * alongX) / length, 0, 1);
        const right = across - share * alongX;
        const below = down - share * alongY;
        const distance = right * right + below * below;
        if (distance < squared[pixel]) squared[pixel] = distance;
      }
    }
  }

  /** Without the points that crowd: one for each SPACING travelled, and both ends. */
  function thinned(line) {
    const kept = [line[0]];
    let travelled = 0;
    let passed = 0;
    for (let i = 1; i < line.length; i++) {
      const right = line[i][0] - line[i - 1][0];
      const down = line[i][1] - line[i - 1][1];
      travelled += Math.sqrt(right * right + down * down);
      const now = Math.floor(travelled / SPACING);
      if (now !== passed || i === line.length - 1) kept.push(line[i]);
      passed = now;
    }
    return kept;
  }

  /** Ink in a box (20, 20) into the middle of 28 x 28, by whole pixels. */
  function position(box, stage) {
    const rows = new Float64Array(BOX);
    const columns = new Float64Array(BOX);
    box.forEach((value, pixel) => {
      rows[Math.floor(pixel / BOX)] += value;
      columns[pixel % BOX] += value;
    });
    const top = startOf(rows, stage);
    const left = startOf(columns, stage);
    const image = new Uint8Array(SIDE * SIDE);
    box.forEach((value, pixel) => {
      const row = top + Math.floor(pixel / BOX);
      const column = left + (pixel % BOX);
      if (row < SIDE && column < SIDE) image[row * SIDE + column] = round(value);
    });
    return image;
  }

  function startOf(profile, stage) {
    const size = BOX - Array.from(profile).reverse().findIndex((value) => value > 0);
    if (stage === "cropped") return Math.floor((SIDE - size) / 2);
    let [total, weighted] = [0, 0];
    profile.forEach((value, place) => {
      total += value;
      weighted += value * place;
    });
    return clip(round(SIDE / 2 - weighted / total + TIE), 0, SIDE - size);
  }

  /* ---- Networks ---- */

  const COMPUTE = { conv, linear, pool, affine, relu };

  /** A network of weights.js. Eight-bit weights become numbers when `prepare` is called, or at the first image. */
  class Network {
    constructor(description) {
      this.description = description;
      for (const key of ["name", "parameters", "accuracy", "exported"]) this[key] = description[key];
      this.layers = null;
    }

    prepare() {
      this.layers = this.layers || this.description.layers.map(dequantise);
    }

    /** Uint8Array(784) -> ten numbers. */
    logits(image) {
      this.prepare();
      const { mean, std } = this.description;
      let maps = { values: Float64Array.from(image, (value) => (value - mean) / std), count: 1, side: SIDE };
      for (const layer of this.layers) maps = COMPUTE[layer.kind](maps, layer);
      return Array.from(maps.values);
    }

    /** Uint8Array(784) -> ten numbers that sum to 1. */
    probabilities(image) {
      return softmax(this.logits(image));
    }
  }

  function softmax(logits) {
    const largest = Math.max(...logits);
    const exponentials = logits.map((logit) => Math.exp(logit - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    return exponentials.map((value) => value / sum);
  }

  /** Weights (outputs, inputs), where rows of 0 fill the outputs up to a multiple of four. */
  function dequantise(layer) {
    if (!layer.weight) return layer;
    const eightBits = new Int8Array(bytes(layer.weight));
    const scale = new Float32Array(bytes(layer.scale));
    const outputs = scale.length;
    const inputs = eightBits.length / outputs;
    const filled = Math.ceil(outputs / 4) * 4;
    // Float64Array: JavaScript computes in 64 bits, and converting every number on the way would double the time.
    const weight = new Float64Array(filled * inputs);
    eightBits.forEach((value, at) => (weight[at] = value * scale[Math.floor(at / inputs)]));
    const bias = new Float64Array(filled);
    bias.set(new Float32Array(bytes(layer.bias)));
    return { ...layer, weight, bias, outputs, inputs };
  }

  function bytes(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  }

  /** The maps (count, side, side) lie one after another; what a kernel sees at one place becomes one row. */
  function conv({ values, count, side }, layer) {
    const kernel = layer.shape[3];
    const places = side + 2 * layer.padding - kernel + 1;
    const windows = new Float64Array(places * places * layer.inputs);
    let at = 0;
    for (let row = -layer.padding; row < places - layer.padding; row++)
      for (let column = -layer.padding; column < places - layer.padding; column++)
        for (let map = 0; map < count; map++)
          for (let y = row; y < row + kernel; y++)
            for (let x = column; x < column + kernel; x++, at++)
              if (y >= 0 && y < side && x >= 0 && x < side) windows[at] = values[(map * side + y) * side + x];
    return { values: multiply(windows, layer, places * places), count: layer.outputs, side: places };
  }

  function linear({ values }, layer) {
    return { values: multiply(values, layer, 1), count: layer.outputs, side: 1 };
  }

  /** Rows (count, inputs) times weights (outputs, inputs), plus bias: (outputs, count).
   *  Almost all of a network's time is spent here: four outputs at two places go on together, so that each number
   *  that is read serves several products. */
  function multiply(rows, { weight, bias, inputs, outputs }, count) {
    const result = new Float64Array(bias.length * count);
    for (let output = 0; output < outputs; output += 4) {
      const w0 = output * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      for (let place = 0; place < count; place += 2) {
        const next = place + 1 < count ? 1 : 0; // the last of an odd count is computed twice
        const first = place * inputs;
        const second = first + next * inputs;
        let a0 = bias[output];
        let a1 = bias[output + 1];
        let a2 = bias[output + 2];
        let a3 = bias[output + 3];
        let b0 = a0;
        let b1 = a1;
        let b2 = a2;
        let b3 = a3;
        for (let i = 0; i < inputs; i++) {
          const a = rows[first + i];
          const b = rows[second + i];
          const v0 = weight[w0 + i];
          const v1 = weight[w1 + i];
          const v2 = weight[w2 + i];
          const v3 = weight[w3 + i];
          a0 += v0 * a;
          a1 += v1 * a;
          a2 += v2 * a;
          a3 += v3 * a;
          b0 += v0 * b;
          b1 += v1 * b;
          b2 += v2 * b;
          b3 += v3 * b;
        }
        let at = output * count + place;
        for (const [one, other] of [[a0, b0], [a1, b1], [a2, b2], [a3, b3]]) {
          result[at] = one;
          result[at + next] = other;
          at += count;
        }
      }
    }
    return result.subarray(0, outputs * count);
  }

  function pool({ values, count, side }, { size }) {
    const smaller = Math.floor(side / size);
    const result = new Float64Array(count * smaller * smaller).fill(-Infinity);
    for (let map = 0; map < count; map++)
      for (let row = 0; row < smaller * size; row++)
        for (let column = 0; column < smaller * size; column++) {
          const to = (map * smaller + Math.floor(row / size)) * smaller + Math.floor(column / size);
          result[to] = Math.max(result[to], values[(map * side + row) * side + column]);
        }
    return { values: result, count, side: smaller };
  }

  function affine({ values, count, side }, { weight, bias }) {
    const area = side * side;
    return { values: values.map((value, at) => value * weight[Math.floor(at / area)] + bias[Math.floor(at / area)]), count, side };
  }

  function relu({ values, count, side }) {
    return { values: values.map((value) => (value > 0 ? value : 0)), count, side };
  }

  /* ---- Diagnosis ---- */

  /** Each measure of an image, and the percent of MNIST's training digits that have less of it; null without ink. */
  function diagnose(image) {
    const values = measure(image);
    if (values === null) return null;
    return Object.entries(data.measures).map(([name, unit]) => {
      const percentile = percentileOf(values[name], data.reference[name]);
      return { name, value: values[name], unit, percentile, unusual: Math.min(percentile, 100 - percentile) < data.unusual };
    });
  }

  function measure(image) {
    let [total, downwards, rightwards] = [0, 0, 0];
    let [top, bottom, left, right] = [SIDE, -1, SIDE, -1];
    image.forEach((value, pixel) => {
      if (value === 0) return;
      const row = Math.floor(pixel / SIDE);
      const column = pixel % SIDE;
      total += value;
      downwards += value * row;
      rightwards += value * column;
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
      [left, right] = [Math.min(left, column), Math.max(right, column)];
    });
    if (total === 0) return null;
    const mass = total / 255;
    const height = bottom - top + 1;
    const width = right - left + 1;
    return {
      ink: mass * 255, // not `total`: the reference went the same way, and equal values have to stay equal
      stroke_density: mass / (height * width),
      centre_offset: Math.hypot(downwards / total - 14, rightwards / total - 14),
      height,
      width,
      area_ratio: (height * width) / image.length,
    };
  }

  /** Equal values count half. */
  function percentileOf(value, quantiles) {
    const less = quantiles.filter((other) => other < value).length;
    const notMore = quantiles.filter((other) => other <= value).length;
    return ((less + notMore) * 50) / quantiles.length;
  }

  const data = window.MNIST_PAD_DATA || { networks: [], measures: {}, reference: {} };
  window.MnistReader = {
    rasterise,
    softmax,
    diagnose,
    networks: data.networks.map((description) => new Network(description)),
    defaults: { side: SIDE, pen: PEN, pens: PENS, canvas: CANVAS, stages: STAGES },
  };
})();
