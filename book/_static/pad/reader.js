/* The numerics of the page's pad: from strokes to an image, to each network's answer, and to a diagnosis.
 *
 * It repeats in JavaScript, rounding included, what the package computes in Python:
 *   Drawing, Apart   mnist_study/images/strokes.py, and `position` of mnist_study/images/preparation.py
 *   Network          page_network of mnist_study/drawing/page_network.py, mnist_study/models/parts.py
 *   diagnose         mnist_study/analysis/diagnosis.py
 * Every constant, name and sentence that both share comes with the networks from a script, which `export_page` of
 * mnist_study/drawing/export.py writes. tests/browser/test_page_pad.py holds both sides together.
 */
(function () {
  "use strict";

  const FORMAT = 2; // of the scripts
  const PATIENCE = 100; // a drawing that outgrows its box is measured anew once for each hundredth of its points

  const round = (value) => Math.floor(value + 0.5);
  const clip = (value, low, high) => Math.min(Math.max(value, low), high);

  /* ---- What a script brings ---- */

  /** A reader of what the script `file` has sealed; or { problem }, words that begin with the file at fault.
   *  `lender` is the reader of the script that lends this one some of its networks; what they take for no digit is no
   *  longer theirs to say, for they read other images. */
  function open(file, sealed, lender) {
    const { data, problem } = unsealed(sealed);
    if (problem || !data.networks.length) return { problem: `${file} ${problem || "holds no network"}` };
    const lent = (name) => lender && lender.networks.find((network) => network.name === name);
    const missing = data.networks.find(({ name, from }) => from && !lent(name));
    if (missing) return { problem: `${missing.from} does not hold ${missing.name}, which ${file} wants of it` };
    const whole = (one) => (one.from ? { ...lent(one.name).description, refusal: null, ...one } : one);
    return new Reader({ ...data, networks: data.networks.map((one) => new Network(whole(one), data.image.shape)) });
  }

  /** A script's content, or what is wrong with it. */
  function unsealed(sealed) {
    if (sealed === undefined) return { problem: "is missing or cut short" };
    if (sealed.format !== FORMAT) return { problem: "comes from another version of the study" };
    const { content, length, crc32: expected } = sealed;
    if (typeof content !== "string" || content.length !== length || crc32(content) !== expected)
      return { problem: "is damaged: its length or checksum is not what it says" };
    return { data: JSON.parse(content) };
  }

  /** The checksum of IEEE 802.3, as Python's zlib has it, of a text in ASCII. */
  function crc32(text) {
    const table = Uint32Array.from({ length: 256 }, (_, byte) => {
      for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
      return byte;
    });
    let rest = -1;
    for (let at = 0; at < text.length; at++) rest = table[(rest ^ text.charCodeAt(at)) & 0xff] ^ (rest >>> 8);
    return ~rest >>> 0;
  }

  /** All that a script says, and what is done with it. */
  class Reader {
    constructor(data) {
      Object.assign(this, data);
    }

    /** A drawing that grows; its `image(lines)` is Uint8Array(rows * columns), ink bright on dark. */
    drawing({ pen = this.pad.pen, stage = this.stage, canvas = this.pad.canvas } = {}) {
      const [stages, [thinnest, thickest]] = [Object.keys(this.stages), this.pad.pens];
      if (!stages.includes(stage)) throw new RangeError(`stage: ${stage} is none of ${stages.join(", ")}`);
      if (!(pen >= thinnest && pen <= thickest)) throw new RangeError(`pen: ${pen} pixels is not between ${thinnest} and ${thickest}`);
      if (!(canvas > this.strokes.closest && canvas < Infinity)) throw new RangeError(`canvas: ${canvas} is no side of a pad`);
      const options = { ...this.strokes, radius: pen / 2, canvas };
      return stage === "apart" ? new Apart(this.digit, options) : new Drawing(this.image, { ...options, stage });
    }

    /** Strokes, lists of points [x, y], drawn with a round pen. */
    rasterise(strokes, options) {
      return this.drawing(options).image(strokes);
    }

    /** For each place of a class's name how likely each of its letters is: sums of the classes' probabilities. */
    marginals(probabilities) {
      let stride = this.classes.length;
      return Object.values(this.places).map((letters) => {
        stride /= letters.length;
        const sums = letters.map(() => 0);
        probabilities.forEach((share, label) => (sums[Math.floor(label / stride) % letters.length] += share));
        return sums;
      });
    }

    /** Each measure of an image, and the percent of the training digits that have less of it, also in words; null
     *  without ink. */
    diagnose(image) {
      const values = measure(image, this.image.shape);
      if (values === null) return null;
      return Object.entries(this.measures).map(([name, unit]) => {
        const percentile = percentileOf(values[name], this.reference[name]);
        const unusual = Math.min(percentile, 100 - percentile) < this.unusual;
        const compared = this.compared.find(([highest]) => percentile <= highest)[1];
        return { name, value: values[name], unit, percentile, unusual, compared };
      });
    }
  }

  /* ---- From strokes to an image ---- */

  /** A drawing that grows. `image` takes its lines again and again, each time with more points, and looks only at what
   *  is new: work is linear in the number of points. Lines that are not the same arrays as before are read anew.
   *
   *  Two things are kept: the bounds of the ink, and for each pixel the squared distance from the nearest line
   *  (`field`), which a new piece can only lower. When the ink has outgrown its bounds, the scale has changed and the
   *  field is measured anew; while a long stroke is under way, only after each hundredth more points. */
  class Drawing {
    constructor({ shape, box }, options) {
      Object.assign(this, { shape }, options);
      [this.rows, this.columns] = this.stage === "raw" ? shape : box;
      this.restart();
    }

    restart() {
      this.seen = new Cursor(); // up to where the bounds are known
      this.bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
      this.drawn = new Cursor(); // up to where the field is measured, if `frame` still holds
      this.frame = null;
      this.shown = new Uint8Array(this.shape[0] * this.shape[1]);
    }

    /** The image of lines; without `exact`, one that has outgrown its bounds may lag a little behind. */
    image(lines, { exact = true } = {}) {
      if (!this.seen.follows(lines)) this.restart();
      this.seen.advance(lines, (point) => this.extend(point));
      const total = this.seen.count;
      if (total === 0) return this.shown;
      const frame = this.framed();
      if (!this.frame || Object.keys(frame).some((key) => frame[key] !== this.frame[key])) {
        if (!exact && (total - this.drawn.count) * PATIENCE < total) return this.shown;
        this.frame = frame;
        this.field = new Float64Array(this.rows * this.columns).fill(Infinity);
        this.drawn = new Cursor();
      }
      this.drawn.advance(lines, (point, first) => this.follow(point, first));
      const grey = this.grey();
      return (this.shown = this.stage === "raw" ? Uint8Array.from(grey, round) : this.position(grey));
    }

    extend(point) {
      if (point.length !== 2 || !point.every((value) => Math.abs(value) <= this.farthest))
        throw new RangeError("a stroke is a list of finite points [x, y]");
      const [x, y] = point;
      const { left, top, right, bottom } = this.bounds;
      this.bounds = { left: Math.min(left, x), top: Math.min(top, y), right: Math.max(right, x), bottom: Math.max(bottom, y) };
    }

    /** Where the drawing lies in the field: (x - left) * scale + margin. */
    framed() {
      if (this.stage === "raw") return { left: 0, top: 0, scale: this.shape[0] / this.canvas, margin: 0 };
      const { left, top, right, bottom } = this.bounds;
      const scales = [[right - left, this.columns], [bottom - top, this.rows]]
        .filter(([extent]) => extent > this.closest)
        .map(([extent, room]) => (room - 2 * this.radius) / extent);
      return { left, top, scale: scales.length ? Math.min(...scales) : 1, margin: this.radius };
    }

    /** Go on to one more point. Points that crowd are left out: one is kept for each `spacing` travelled. */
    follow([x, y], first) {
      const { left, top, scale, margin } = this.frame;
      const point = [(x - left) * scale + margin, (y - top) * scale + margin];
      if (first) {
        if (this.drawn.count > 0) this.finish(this.field);
        this.line = { kept: point, last: point, travelled: 0, passed: 0, dot: true };
        return;
      }
      const { line } = this;
      const right = point[0] - line.last[0];
      const down = point[1] - line.last[1];
      line.travelled += Math.sqrt(right * right + down * down);
      const passed = Math.floor(line.travelled / this.spacing);
      if (passed !== line.passed) {
        this.approach(this.field, line.kept, point);
        line.kept = point;
      }
      line.passed = passed;
      line.last = point;
      line.dot = false;
    }

    /** A line's end is kept, however near; a line of one point is a dot. */
    finish(field) {
      const { kept, last, dot } = this.line;
      if (dot || kept !== last) this.approach(field, kept, last);
    }

    /** Lower each pixel's squared distance to that from the segment between two points, where it is nearer. */
    approach(field, start, end) {
      const alongX = end[0] - start[0];
      const alongY = end[1] - start[1];
      const length = alongX * alongX + alongY * alongY || 1;
      for (let row = 0, pixel = 0; row < this.rows; row++) {
        const down = row + 0.5 - start[1];
        for (let column = 0; column < this.columns; column++, pixel++) {
          const across = column + 0.5 - start[0];
          const fraction = clip((down * alongY + across * alongX) / length, 0, 1);
          const right = across - fraction * alongX;
          const below = down - fraction * alongY;
          const distance = right * right + below * below;
          if (distance < field[pixel]) field[pixel] = distance;
        }
      }
    }

    /** Grey values of pixels, not yet rounded: 1/2 + radius - distance of each centre from the nearest line. */
    grey() {
      const field = this.field.slice(); // the end of a line that grows is not its end for long
      this.finish(field);
      return field.map((squared) => 255 * clip(0.5 + this.radius - Math.sqrt(squared), 0, 1));
    }

    /** Ink in a box into the middle of the image, by whole pixels. */
    position(box) {
      const [rows, columns] = this.shape;
      const down = new Float64Array(this.rows);
      const across = new Float64Array(this.columns);
      box.forEach((value, pixel) => {
        down[Math.floor(pixel / this.columns)] += value;
        across[pixel % this.columns] += value;
      });
      const top = this.startOf(down, rows);
      const left = this.startOf(across, columns);
      const image = new Uint8Array(rows * columns);
      box.forEach((value, pixel) => {
        const row = top + Math.floor(pixel / this.columns);
        const column = left + (pixel % this.columns);
        if (row < rows && column < columns) image[row * columns + column] = round(value);
      });
      return image;
    }

    startOf(profile, side) {
      const size = profile.length - Array.from(profile).reverse().findIndex((value) => value > 0);
      if (this.stage === "cropped") return Math.floor((side - size) / 2);
      let [total, weighted] = [0, 0];
      profile.forEach((value, place) => {
        total += value;
        weighted += value * place;
      });
      return clip(round(side / 2 - weighted / total + this.tie), 0, side - size);
    }
  }

  /** Two digits, cut between strokes, each of them a drawing by itself. A digit that stands alone is the same drawing
   *  on either side: it is not read anew where it grows across the pad's middle. */
  class Apart {
    constructor(digit, options) {
      Object.assign(this, { digit, options });
      this.restart();
    }

    restart() {
      this.seen = new Cursor();
      this.extents = []; // of each line, from its leftmost to its rightmost point
      const drawing = () => new Drawing(this.digit, { ...this.options, stage: "centred" });
      [this.left, this.right, this.alone, this.nothing] = [drawing(), drawing(), drawing(), drawing()];
    }

    /** As of a drawing. */
    image(lines, options) {
      if (!this.seen.follows(lines)) this.restart();
      this.seen.advance(lines, ([x]) => {
        const [left, right] = this.extents[this.seen.number] || [x, x];
        this.extents[this.seen.number] = [Math.min(left, x), Math.max(right, x)];
      });
      const parts = this.divide(lines);
      const drawings = parts.every((part) => part.length)
        ? [this.left, this.right]
        : parts.map((part) => (part.length ? this.alone : this.nothing));
      return sideBySide(drawings.map((drawing, side) => drawing.image(parts[side], options)), this.digit.shape[1]);
    }

    /** Which lines are of the left digit and which of the right. */
    divide(lines) {
      const { extents } = this;
      const middle = (number) => extents[number][0] + extents[number][1]; // twice as far
      const order = [...lines.keys()].filter((number) => lines[number].length).sort((a, b) => middle(a) - middle(b));
      const before = running(Math.max, order.map((number) => extents[number][1]));
      const behind = running(Math.min, order.map((number) => extents[number][0]).reverse()).reverse();
      const [leftmost, rightmost] = [behind[0], before.at(-1)];
      const gaps = behind.slice(1).map((left, cut) => left - before[cut]);
      const widest = Math.max(...gaps);
      let cut = gaps.indexOf(widest) + 1;
      if (!(widest > -this.options.overlap * (rightmost - leftmost)))
        cut = rightmost + leftmost > 2 * this.options.canvas ? 0 : order.length;
      return [order.slice(0, cut), order.slice(cut)].map((part) => part.sort((a, b) => a - b).map((number) => lines[number]));
    }
  }

  /** [a, most(a, b), most(a, b, c), …] */
  function running(most, values) {
    let last = values[0];
    return values.map((value) => (last = most(last, value)));
  }

  /** Images of so many columns each become one. */
  function sideBySide(images, columns) {
    const width = images.length * columns;
    const pixel = (_, at) => images[Math.floor((at % width) / columns)][Math.floor(at / width) * columns + (at % columns)];
    return Uint8Array.from({ length: images.length * images[0].length }, pixel);
  }

  /** A place in lines that grow at their end. */
  class Cursor {
    constructor() {
      this.number = 0; // of the line
      this.line = null; // that line
      this.passed = 0; // points of it
      this.count = 0; // points of all
    }

    /** Whether these are the lines that were passed, and perhaps more. */
    follows(lines) {
      return this.line === null || (lines[this.number] === this.line && this.line.length >= this.passed);
    }

    /** Go on to the end: `visit` each point that is new, and say whether it is the first of its line. */
    advance(lines, visit) {
      for (; this.number < lines.length; this.number++, this.passed = 0) {
        this.line = lines[this.number];
        for (; this.passed < this.line.length; this.passed++) {
          visit(this.line[this.passed], this.passed === 0);
          this.count++;
        }
        if (this.number === lines.length - 1) return;
      }
    }
  }

  /* ---- Networks ---- */

  const COMPUTE = { conv, linear, pool, affine, relu };

  /** A network of a script. Eight-bit weights become numbers when `prepare` is called, or at the first image. */
  class Network {
    constructor(description, [rows, columns]) {
      this.description = description;
      for (const key of ["name", "parameters", "errors", "exported_errors", "reading", "parts"]) this[key] = description[key];
      this.shape = [rows, columns / (this.parts || 1)]; // of what its layers read at a time
      this.layers = null;
    }

    prepare() {
      this.layers = this.layers || this.description.layers.map(dequantise);
    }

    /** Uint8Array(rows * columns) -> a number for each class: where parts are read by themselves, the sums of theirs. */
    logits(image) {
      const parts = this.parts ? partsOf(image, this.shape[1], this.parts) : [image];
      return parts.map((part) => this.read(part)).reduce((joined, next) => joined.flatMap((one) => next.map((other) => one + other)));
    }

    read(part) {
      return Array.from(this.activations(part).at(-1).values);
    }

    /** What comes out of each layer, downwards: { kind, values, count, rows, columns }, its maps one after another. */
    activations(part) {
      this.prepare();
      const { mean, std } = this.description;
      const [rows, columns] = this.shape;
      let maps = { values: Float64Array.from(part, (value) => (value - mean) / std), count: 1, rows, columns };
      return this.layers.map((layer) => (maps = { ...COMPUTE[layer.kind](maps, layer), kind: layer.kind }));
    }

    /** Whether the network takes an image for no digit; never, where nothing says how it would. */
    refuses(image) {
      const rule = this.description.refusal;
      if (!rule) return false;
      if (rule.score in SCORES) return SCORES[rule.score](this.logits(image)) > rule.limit;
      this.distance = this.distance || new Distance(rule);
      return this.distance.of(this.activations(image).at(-2).values) > rule.limit;
    }

    /** Uint8Array(rows * columns) -> a number for each class; they sum to 1. */
    probabilities(image) {
      return softmax(this.logits(image));
    }
  }

  /** How strange a picture is, from its logits: SCORES of mnist_study/analysis/rejection.py. */
  const SCORES = {
    probability: (logits) => -Math.log(Math.max(...softmax(logits))),
    entropy: (logits) => -softmax(logits).reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0),
    gap(logits) {
      const [first, second] = [...logits].sort((a, b) => b - a);
      return second - first;
    },
    logit: (logits) => -Math.max(...logits),
    energy(logits) {
      const most = Math.max(...logits);
      return -most - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    },
  };

  /** How far features lie from the nearest class mean, squared, both whitened: FeatureDistance of
   *  mnist_study/analysis/rejection.py. */
  class Distance {
    constructor({ whitening, means }) {
      [this.whitening, this.means] = [whitening, means].map((text) => new Float32Array(bytes(text)));
    }

    of(features) {
      const count = features.length;
      const white = new Float64Array(count);
      features.forEach((value, row) => {
        for (let column = 0; column < count; column++) white[column] += value * this.whitening[row * count + column];
      });
      let nearest = Infinity;
      for (let start = 0; start < this.means.length; start += count)
        nearest = Math.min(nearest, white.reduce((sum, value, at) => sum + (value - this.means[start + at]) ** 2, 0));
      return nearest;
    }
  }

  /** An image into so many parts, each of so many columns. */
  function partsOf(image, columns, parts) {
    const pixels = image.length / parts;
    const pixel = (part, at) => image[(Math.floor(at / columns) * parts + part) * columns + (at % columns)];
    return Array.from({ length: parts }, (_, part) => Uint8Array.from({ length: pixels }, (_, at) => pixel(part, at)));
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

  /** The maps (count, rows, columns) lie one after another; what a kernel sees at one place becomes one row. */
  function conv({ values, count, rows, columns }, layer) {
    const { padding } = layer;
    const kernel = layer.shape[3];
    const [down, across] = [rows, columns].map((side) => side + 2 * padding - kernel + 1);
    const windows = new Float64Array(down * across * layer.inputs);
    let at = 0;
    for (let row = -padding; row < down - padding; row++)
      for (let column = -padding; column < across - padding; column++)
        for (let map = 0; map < count; map++)
          for (let y = row; y < row + kernel; y++)
            for (let x = column; x < column + kernel; x++, at++)
              if (y >= 0 && y < rows && x >= 0 && x < columns) windows[at] = values[(map * rows + y) * columns + x];
    return { values: multiply(windows, layer, down * across), count: layer.outputs, rows: down, columns: across };
  }

  function linear({ values }, layer) {
    return { values: multiply(values, layer, 1), count: layer.outputs, rows: 1, columns: 1 };
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

  function pool({ values, count, rows, columns }, { size }) {
    const [down, across] = [rows, columns].map((side) => Math.floor(side / size));
    const result = new Float64Array(count * down * across).fill(-Infinity);
    for (let map = 0; map < count; map++)
      for (let row = 0; row < down * size; row++)
        for (let column = 0; column < across * size; column++) {
          const to = (map * down + Math.floor(row / size)) * across + Math.floor(column / size);
          result[to] = Math.max(result[to], values[(map * rows + row) * columns + column]);
        }
    return { values: result, count, rows: down, columns: across };
  }

  function affine(maps, { weight, bias }) {
    const area = maps.rows * maps.columns;
    const change = (value, at) => value * weight[Math.floor(at / area)] + bias[Math.floor(at / area)];
    return { ...maps, values: maps.values.map(change) };
  }

  function relu(maps) {
    return { ...maps, values: maps.values.map((value) => (value > 0 ? value : 0)) };
  }

  /* ---- Diagnosis ---- */

  function measure(image, [rows, columns]) {
    let [total, downwards, rightwards] = [0, 0, 0];
    let [top, bottom, left, right] = [rows, -1, columns, -1];
    image.forEach((value, pixel) => {
      if (value === 0) return;
      const row = Math.floor(pixel / columns);
      const column = pixel % columns;
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
      centre_offset: Math.hypot(downwards / total - rows / 2, rightwards / total - columns / 2),
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

  window.MnistReader = { open, softmax, unsealed, bytes, SCORES };
})();
