/* Training in the page: the study's own arithmetic, a fourth engine beside NumPy, JAX and PyTorch.
 *
 * `MnistEngine` is one function, and all that it needs is inside it: its text also becomes the source of a worker, since
 * a page that was opened as a file may start one in no other way. What it computes is what the package computes:
 *   Trainer.step      mnist_study/models/layers.py (Dense, ReLU), losses.py (SoftmaxCrossEntropy), penalties.py
 *   OPTIMIZERS        mnist_study/training/optimizers.py (GradientDescent, Momentum, Adam)
 *   first weights     mnist_study/models/layers.py (zeros, small, he), from a generator of our own
 * tests/browser/test_train_page.py trains both sides from the same weights on the same batches.
 */
window.MnistEngine = function () {
  "use strict";

  const CLASSES = 10;
  const BLOCK = [4, 16]; // rows and columns of a product that the WebAssembly kernel computes at a time
  const CHUNK = 512; // digits that go through the network at a time: bounds the memory of a large batch
  const PAGE = 65536; // bytes, of WebAssembly's memory
  const [BETA_1, BETA_2, EPSILON] = [0.9, 0.999, 1e-8]; // of Adam

  const upTo = (block, count) => Math.ceil(count / block) * block;

  /* ---- Memory and products ---- */

  /** What WebAssembly.Memory is to a heap, for browsers without WebAssembly. */
  class PlainMemory {
    constructor({ initial }) {
      this.buffer = new ArrayBuffer(initial * PAGE);
    }

    grow(pages) {
      const before = new Uint8Array(this.buffer);
      this.buffer = new ArrayBuffer(before.length + pages * PAGE);
      new Uint8Array(this.buffer).set(before);
    }
  }

  /** Numbers side by side in one piece of memory, which grows: the WebAssembly kernel sees nothing else. */
  class Heap {
    /** `program`: the bytes of the kernel; without them, or where the browser cannot run them, JavaScript multiplies. */
    constructor(program) {
      const Memory = typeof WebAssembly === "undefined" ? PlainMemory : WebAssembly.Memory;
      this.memory = new Memory({ initial: 1 });
      this.used = 0;
      this.product = program ? compile(program, this.memory) : null;
      this.kind = this.product ? "WebAssembly" : "JavaScript";
    }

    /** The place of so many numbers, all 0, in bytes; views that were made before may not hold any more. */
    reserve(count) {
      const start = this.used;
      this.used = upTo(16, start + 4 * count);
      const missing = this.used - this.memory.buffer.byteLength;
      if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
      return start;
    }

    floats(start, count) {
      return new Float32Array(this.memory.buffer, start, count);
    }

    /** c += a b, with a (rows, inner), b (inner, columns), c (rows, columns), each by its first byte. `a` is read by two
     *  strides, in numbers, so that it may be the transpose of what lies in memory; rows are a multiple of 4, columns of 16. */
    multiply(a, [down, along], b, c, rows, columns, inner) {
      if (this.product) return this.product(a, 4 * down, 4 * along, b, c, rows, columns, inner);
      const [left, right, sums] = [a, b, c].map((start) => new Float32Array(this.memory.buffer, start));
      for (let row = 0; row < rows; row++)
        for (let middle = 0; middle < inner; middle++) {
          const factor = left[row * down + middle * along];
          if (factor === 0) continue; // ink is rare, and so are active units
          for (let column = 0, from = middle * columns, to = row * columns; column < columns; column++)
            sums[to + column] += factor * right[from + column];
        }
    }
  }

  function compile(program, memory) {
    try {
      return new WebAssembly.Instance(new WebAssembly.Module(program), { page: { memory } }).exports.product;
    } catch {
      return null; // no WebAssembly in this browser, or none with vectors of four numbers
    }
  }

  /* ---- Chance ---- */

  /** Numbers from 0 to 1, the same for the same seed (mulberry32, by Tommy Ettinger, in the public domain). */
  function generator(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** A normal number of spread 1 (Box and Muller, Annals of Mathematical Statistics 29, 1958). */
  const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  /** 0 … count - 1 in random order. */
  function shuffled(count, random) {
    const order = Uint32Array.from({ length: count }, (_, at) => at);
    for (let last = count - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }

  /* ---- Updates: w changes by its gradient, in place ---- */

  const OPTIMIZERS = {
    momentum(w, gradient, [velocity], { rate, momentum }) {
      for (let i = 0; i < w.length; i++) {
        velocity[i] = momentum * velocity[i] + gradient[i];
        w[i] -= rate * velocity[i];
      }
    },

    adam(w, gradient, [first, second], { rate }, updates) {
      const size = (rate * Math.sqrt(1 - BETA_2 ** updates)) / (1 - BETA_1 ** updates);
      const small = EPSILON * Math.sqrt(1 - BETA_2 ** updates);
      for (let i = 0; i < w.length; i++) {
        const g = gradient[i];
        first[i] += (1 - BETA_1) * (g - first[i]);
        second[i] += (1 - BETA_2) * (g * g - second[i]);
        w[i] -= (size * first[i]) / (Math.sqrt(second[i]) + small);
      }
    },
  };

  /* ---- The network and its training ---- */

  /** A network of linear layers with ReLU between them, and what trains it.
   *
   *  `hidden`: units of each hidden layer, multiples of 16. `mean`, `std`: grey values are read as (grey - mean) / std.
   *  All weights lie in one row of numbers, first the matrices (inputs, outputs), then the biases, so that an update is
   *  one loop; the outputs of each layer are filled up to a multiple of 16 by units whose weights stay 0. */
  class Trainer {
    constructor(heap, { hidden, mean, std, pixels = 784, seed = 0, weights = null }) {
      this.heap = heap;
      this.sizes = [pixels, ...hidden, CLASSES];
      this.wide = this.sizes.map((size, at) => (at ? upTo(BLOCK[1], size) : size));
      this.grey = Float32Array.from({ length: 256 }, (_, grey) => Math.fround(grey - mean) / std);
      this.random = generator(seed);
      this.updates = 0;
      this.rule = null; // the name of the last update's
      this.layers = this.sizes.slice(1).map((outputs, at) => ({ inputs: this.wide[at], outputs, wide: this.wide[at + 1] }));

      this.penalised = this.layers.reduce((sum, { inputs, wide }) => sum + inputs * wide, 0);
      this.count = this.penalised + this.layers.reduce((sum, { wide }) => sum + wide, 0);
      [this.w, this.gradient, this.first, this.second] = [0, 0, 0, 0].map(() => heap.reserve(this.count));
      let [matrix, bias] = [0, this.penalised];
      for (const layer of this.layers) {
        [layer.matrix, layer.bias] = [matrix, bias];
        matrix += layer.inputs * layer.wide;
        bias += layer.wide;
        layer.turned = heap.reserve(layer.inputs * layer.wide); // the transposed matrix
      }
      this.maps = this.wide.map((size) => heap.reserve(CHUNK * size)); // what goes into the layers, and the logits
      this.blames = this.wide.map((size) => heap.reserve(CHUNK * size)); // the loss's gradient by these
      if (weights) this.setWeights(weights);
      else this.initialise();
    }

    /** A view of all of a kind: "w", "gradient", "first" or "second". */
    all(kind) {
      return this.heap.floats(this[kind], this.count);
    }

    /** He's start for hidden layers, a small one for the logits; without hidden layers, zeros. */
    initialise() {
      const w = this.all("w");
      if (this.layers.length === 1) return;
      this.layers.forEach(({ matrix, inputs, outputs, wide }, at) => {
        const spread = at < this.layers.length - 1 ? Math.sqrt(2 / inputs) : 0.01;
        for (let input = 0; input < inputs; input++)
          for (let output = 0; output < outputs; output++) w[matrix + input * wide + output] = spread * normal(this.random);
      });
    }

    /** [{ weight: (inputs, outputs), bias }, …], as plain rows of numbers. */
    getWeights() {
      const w = this.all("w");
      return this.layers.map(({ matrix, bias, inputs, outputs, wide }) => {
        const weight = new Float32Array(inputs * outputs);
        for (let input = 0; input < inputs; input++)
          weight.set(w.subarray(matrix + input * wide, matrix + input * wide + outputs), input * outputs);
        return { inputs, outputs, weight, bias: w.slice(bias, bias + outputs) };
      });
    }

    setWeights(weights) {
      const w = this.all("w");
      this.layers.forEach(({ matrix, bias, inputs, outputs, wide }, at) => {
        for (let input = 0; input < inputs; input++)
          w.set(weights[at].weight.slice(input * outputs, (input + 1) * outputs), matrix + input * wide);
        w.set(weights[at].bias, bias);
      });
    }

    /** Put digits into the first layer's input: `images` holds all of them, `chosen` their numbers. */
    place(images, chosen) {
      const pixels = this.sizes[0];
      const x = this.heap.floats(this.maps[0], CHUNK * pixels);
      chosen.forEach((digit, row) => {
        for (let pixel = 0, from = digit * pixels, to = row * pixels; pixel < pixels; pixel++)
          x[to + pixel] = this.grey[images[from + pixel]];
      });
      x.fill(0, chosen.length * pixels, upTo(BLOCK[0], chosen.length) * pixels);
    }

    /** Logits of the `count` digits that were placed: a view of (rows, 16). */
    forward(count) {
      const rows = upTo(BLOCK[0], count);
      const w = this.all("w");
      this.layers.forEach(({ matrix, bias, inputs, wide }, at) => {
        const y = this.heap.floats(this.maps[at + 1], rows * wide);
        for (let row = 0; row < rows; row++) y.set(w.subarray(bias, bias + wide), row * wide);
        this.heap.multiply(this.maps[at], [inputs, 1], this.w + 4 * matrix, this.maps[at + 1], rows, wide, inputs);
        if (at < this.layers.length - 1) for (let i = 0; i < y.length; i++) if (y[i] < 0) y[i] = 0;
      });
      return this.heap.floats(this.maps.at(-1), rows * this.wide.at(-1));
    }

    /** Logits become probabilities in place; returns { loss: sum of the cross-entropies, right }, and tells `seen` of
     *  each digit: its label and what it is read as. */
    judge(logits, labels, chosen, seen = () => {}) {
      const wide = this.wide.at(-1);
      let [loss, right] = [0, 0];
      chosen.forEach((digit, row) => {
        const start = row * wide;
        const label = labels[digit];
        let best = 0;
        for (let k = 1; k < CLASSES; k++) if (logits[start + k] > logits[start + best]) best = k;
        const largest = logits[start + best];
        let sum = 0;
        const mine = logits[start + label];
        for (let k = 0; k < CLASSES; k++) sum += logits[start + k] = Math.exp(logits[start + k] - largest);
        for (let k = 0; k < CLASSES; k++) logits[start + k] /= sum;
        loss += largest + Math.log(sum) - mine;
        right += best === label;
        seen(label, best);
      });
      return { loss, right };
    }

    /** One update on the digits `chosen`; returns { loss, accuracy } of the batch before it.
     *  rule: { optimizer: "momentum" | "adam", rate, momentum, l2 } */
    step(images, labels, chosen, rule) {
      const found = this.differentiate(images, labels, chosen, rule.l2);
      if (this.rule !== rule.optimizer) {
        for (const memory of ["first", "second"]) this.all(memory).fill(0);
        [this.rule, this.updates] = [rule.optimizer, 0];
      }
      this.updates += 1;
      OPTIMIZERS[rule.optimizer](this.all("w"), this.all("gradient"), [this.all("first"), this.all("second")], rule, this.updates);
      return found;
    }

    /** The gradient of the mean cross-entropy plus l2 / 2 times the sum of the squared weights; the cross-entropy alone is
     *  what it returns as the loss. */
    differentiate(images, labels, chosen, l2) {
      const [w, gradient] = [this.all("w"), this.all("gradient")];
      gradient.fill(0);
      let [loss, right] = [0, 0];
      for (let start = 0; start < chosen.length; start += CHUNK) {
        const part = chosen.subarray(start, start + CHUNK);
        this.place(images, part);
        const logits = this.forward(part.length);
        const found = this.judge(logits, labels, part);
        loss += found.loss;
        right += found.right;
        this.backward(logits, labels, part, chosen.length);
      }
      for (let i = 0; l2 && i < this.penalised; i++) gradient[i] += l2 * w[i];
      return { loss: loss / chosen.length, accuracy: right / chosen.length };
    }

    /** Blame flows from the probabilities back to the first layer, and adds to the gradient. */
    backward(probabilities, labels, chosen, batch) {
      const rows = upTo(BLOCK[0], chosen.length);
      const [w, gradient] = [this.all("w"), this.all("gradient")];
      const last = this.layers.length;
      const wide = this.wide[last];
      const blame = this.heap.floats(this.blames[last], rows * wide).fill(0);
      chosen.forEach((digit, row) => {
        for (let k = 0; k < CLASSES; k++)
          blame[row * wide + k] = (probabilities[row * wide + k] - (k === labels[digit] ? 1 : 0)) / batch;
      });
      for (let at = last - 1; at >= 0; at--) {
        const { matrix, bias, inputs, wide } = this.layers[at];
        const below = this.maps[at];
        // dL/dW = xᵀ dL/dy, dL/db = sum of dL/dy over the batch, dL/dx = dL/dy Wᵀ
        this.heap.multiply(below, [1, inputs], this.blames[at + 1], this.gradient + 4 * matrix, inputs, wide, rows);
        const given = this.heap.floats(this.blames[at + 1], rows * wide);
        for (let row = 0; row < rows; row++) for (let k = 0; k < wide; k++) gradient[bias + k] += given[row * wide + k];
        if (at === 0) return;
        const turned = this.heap.floats(this.layers[at].turned, inputs * wide);
        for (let i = 0; i < inputs; i++) for (let k = 0; k < wide; k++) turned[k * inputs + i] = w[matrix + i * wide + k];
        const passed = this.heap.floats(this.blames[at], rows * inputs).fill(0);
        this.heap.multiply(this.blames[at + 1], [wide, 1], this.layers[at].turned, this.blames[at], rows, inputs, wide);
        const x = this.heap.floats(below, rows * inputs);
        for (let i = 0; i < passed.length; i++) if (x[i] <= 0) passed[i] = 0;
      }
    }

    /** { loss, accuracy, confusions: 10 rows of labels by what they are read as, dead: hidden units that none of the
     *  digits moves, hidden: how many units there are } */
    evaluate(images, labels) {
      const confusions = new Uint32Array(CLASSES * CLASSES);
      const alive = this.layers.slice(0, -1).map(({ outputs }) => new Uint8Array(outputs));
      const numbers = Uint32Array.from(labels, (_, at) => at);
      let [loss, right] = [0, 0];
      for (let start = 0; start < labels.length; start += CHUNK) {
        const part = numbers.subarray(start, start + CHUNK);
        this.place(images, part);
        const found = this.judge(this.forward(part.length), labels, part, (label, read) => confusions[label * CLASSES + read]++);
        loss += found.loss;
        right += found.right;
        alive.forEach((units, at) => {
          const y = this.heap.floats(this.maps[at + 1], part.length * units.length);
          for (let i = 0; i < y.length; i++) if (y[i] > 0) units[i % units.length] = 1;
        });
      }
      const units = alive.map((layer) => layer.length).reduce((sum, length) => sum + length, 0);
      const living = alive.map((layer) => layer.reduce((sum, one) => sum + one, 0)).reduce((sum, one) => sum + one, 0);
      return { loss: loss / labels.length, accuracy: right / labels.length, confusions, dead: units - living, hidden: units };
    }

    /** Uint8Array of one image -> ten probabilities. */
    probabilities(image) {
      this.place(image, Uint32Array.of(0));
      const logits = this.forward(1);
      this.judge(logits, [0], [0]);
      return Array.from(logits.subarray(0, CLASSES));
    }

    /** One weight's derivative, by backpropagation and by a central difference of the loss in 64 bits: { layer, input,
     *  output, backward, difference }. `number` counts the weights of all layers, without biases. */
    checkGradient(images, labels, chosen, l2, number, step = 1e-4) {
      this.differentiate(images, labels, chosen, l2);
      const layers = this.getWeights();
      let at = 0;
      while (number >= layers[at].weight.length) number -= layers[at++].weight.length;
      const weights = layers.map(({ weight, ...rest }) => ({ ...rest, weight: Float64Array.from(weight) }));
      const { outputs } = layers[at];
      const [input, output] = [Math.floor(number / outputs), number % outputs];
      const { matrix, wide } = this.layers[at];
      const backward = this.all("gradient")[matrix + input * wide + output];
      const there = (distance) => {
        const kept = weights[at].weight[number];
        weights[at].weight[number] += distance;
        const loss = this.plainLoss(weights, images, labels, chosen, l2);
        weights[at].weight[number] = kept;
        return loss;
      };
      return { layer: at + 1, input, output, backward, difference: (there(step) - there(-step)) / (2 * step) };
    }

    /** The strongest curvature of the loss (with its penalty) where the weights are now: power iteration, in which the
     *  Hessian times a direction is a central difference of gradients (Pearlmutter, Neural Computation 6, 1994, has the
     *  exact way). From below, and close to it after some twenty rounds. */
    curvature(images, labels, chosen, l2, { rounds = 20, step = 1e-2 } = {}) {
      const here = this.all("w").slice();
      const random = generator(1);
      let direction = Float64Array.from(here, (_, at) => (this.trains(at) ? normal(random) : 0));
      let found = 0;
      const slopes = (distance) => {
        this.all("w").set(here.map((value, at) => value + distance * direction[at]));
        this.differentiate(images, labels, chosen, l2);
        return this.all("gradient").slice();
      };
      for (let round = 0; round < rounds; round++) {
        const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0)) || 1;
        direction = direction.map((value) => value / length);
        const [above, below] = [slopes(step), slopes(-step)];
        const next = direction.map((_, at) => (above[at] - below[at]) / (2 * step));
        found = next.reduce((sum, value, at) => sum + value * direction[at], 0);
        direction = next;
      }
      this.all("w").set(here);
      return found;
    }

    /** Whether the number at a place of all weights is trained: those that fill up an output are not. */
    trains(at) {
      return this.layers.some(({ matrix, bias, inputs, outputs, wide }) => {
        const [column, row] = [(at - matrix) % wide, Math.floor((at - matrix) / wide)];
        return (at >= matrix && row < inputs && column < outputs) || (at >= bias && at < bias + outputs);
      });
    }

    /** The loss, written down as in a textbook, in 64 bits: slow, and nothing that it shares with `differentiate`. */
    plainLoss(weights, images, labels, chosen, l2) {
      const pixels = this.sizes[0];
      let loss = 0;
      chosen.forEach((digit) => {
        let x = Array.from(images.subarray(digit * pixels, (digit + 1) * pixels), (grey) => this.grey[grey]);
        weights.forEach(({ weight, bias, outputs }, at) => {
          const y = Float64Array.from(bias);
          x.forEach((value, input) => {
            if (value !== 0) for (let k = 0; k < outputs; k++) y[k] += value * weight[input * outputs + k];
          });
          x = at < weights.length - 1 ? y.map((value) => Math.max(value, 0)) : y;
        });
        const largest = Math.max(...x);
        loss += largest + Math.log(x.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) - x[labels[digit]];
      });
      const squares = weights.reduce((sum, { weight }) => sum + weight.reduce((total, one) => total + one * one, 0), 0);
      return loss / chosen.length + (l2 / 2) * squares;
    }
  }

  return { Heap, Trainer, generator, shuffled };
};
