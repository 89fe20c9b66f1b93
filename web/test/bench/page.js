// The benchmark's page: each engine is a function (model, threads) that gives { threads, run, top }. run computes one
// picture and gives its milliseconds, top the most probable class and its probability. The picture is 256×256 noise
// over a gradient, so that resizing changes nothing; the peers get its middle 224×224 as floats, prepared beforehand.
/* global ort, tf */

const size = 224;
const mean = [103.939, 116.779, 123.68]; // BGR

/** @returns {ImageData} */
function picture() {
  const image = new ImageData(256, 256);
  let seed = 1;
  for (let i = 0; i < image.data.length; i++) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    image.data[i] = i % 4 === 3 ? 255 : ((i >> 2) % 256) / 2 + ((seed >> 16) % 128);
  }
  return image;
}

/** The network's input, H×W×C. @returns {Float32Array} */
function input() {
  const { data } = picture();
  const x = new Float32Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    const at = 4 * ((((i / size) | 0) + 16) * 256 + (i % size) + 16);
    for (let c = 0; c < 3; c++) x[3 * i + c] = data[at + 2 - c] - mean[c];
  }
  return x;
}

/** @param {ArrayLike<number>} logits */
function best(logits) {
  const all = Array.from(logits);
  const most = Math.max(...all);
  const sum = all.reduce((s, x) => s + Math.exp(x - most), 0);
  return { index: all.indexOf(most), probability: 1 / sum };
}

async function timed(run) {
  const start = performance.now();
  const value = await run();
  return [performance.now() - start, value];
}

export const engines = {
  async residua(model, threads) {
    const { Residua } = await import('/static/residua.js');
    const models = model === 'resnet50' ? '/models/' : '/bench/models/';
    const net = await Residua.load({ model, models, threads });
    const image = picture();
    return {
      net,
      threads: net.info.threads,
      async run() {
        // The whole call, less decoding and resizing, which the peers are spared.
        const [ms, answer] = await timed(() => net.classify(image));
        return ms - answer.ms.decode - answer.ms.preprocess;
      },
      async top() {
        const [{ index, probability }] = (await net.classify(image)).predictions;
        return { index, probability };
      },
    };
  },

  async 'onnxruntime-web'(model, threads) {
    ort.env.wasm.wasmPaths = '/peers/onnxruntime-web/dist/';
    ort.env.wasm.numThreads = threads;
    const session = await ort.InferenceSession.create(`/bench/${model}.onnx`, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
    });
    const hwc = input();
    const chw = new Float32Array(hwc.length);
    for (let i = 0; i < size * size; i++) for (let c = 0; c < 3; c++) chw[c * size * size + i] = hwc[3 * i + c];
    const x = new ort.Tensor('float32', chw, [1, 3, size, size]);
    return {
      threads: ort.env.wasm.numThreads,
      run: async () => (await timed(() => session.run({ x })))[0],
      top: async () => best((await session.run({ x })).y.data),
    };
  },

  // tfjs has no converter for our files: the same network by its fused operations, norms folded, with random weights.
  async 'tfjs-wasm'(model, threads) {
    tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
    tf.wasm.setThreadsCount(threads);
    await tf.setBackend('wasm');
    const forward = tfNetwork(model);
    const x = tf.tensor(input(), [1, size, size, 3]);
    return {
      threads: tf.wasm.getThreadsCount(),
      async run() {
        const [ms] = await timed(async () => {
          const y = tf.tidy(() => forward(x));
          await y.data();
          y.dispose();
        });
        return ms;
      },
      top: null,
    };
  },
};

/** The blocks of each stage, and in which convolution of a bottleneck the stride is. */
const shapes = {
  resnet18: { counts: [2, 2, 2, 2] },
  resnet50: { counts: [3, 4, 6, 3], bottleneck: true },
  resnet152: { counts: [3, 8, 36, 3], bottleneck: true, strideInMiddle: true },
};

/** @param {string} model */
function tfNetwork(model) {
  const { counts, bottleneck, strideInMiddle } = shapes[model];
  const conv = (k, from, to, stride) => {
    const filter = tf.randomNormal([k, k, from, to], 0, Math.sqrt(2 / (k * k * from)));
    const bias = tf.zeros([to]);
    return (x, activation, preluActivationWeights) =>
      tf.fused.conv2d({ x, filter, strides: stride, pad: 'same', bias, activation, preluActivationWeights });
  };
  const stem = conv(7, 3, 64, 2);
  const blocks = [];
  let from = 64;
  counts.forEach((count, stage) => {
    const width = 64 << stage;
    const to = bottleneck ? 4 * width : width;
    for (let j = 0; j < count; j++) {
      const stride = stage > 0 && j === 0 ? 2 : 1;
      const layers = bottleneck
        ? [
          conv(1, from, width, strideInMiddle ? 1 : stride),
          conv(3, width, width, strideInMiddle ? stride : 1),
          conv(1, width, to, 1),
        ]
        : [conv(3, from, width, stride), conv(3, width, to, 1)];
      const projection = stride !== 1 || from !== to ? conv(1, from, to, stride) : null;
      blocks.push(x => {
        const f = layers.reduce((y, layer, i) => layer(y, i < layers.length - 1 ? 'relu' : 'linear'), x);
        return tf.relu(tf.add(f, projection ? projection(x, 'linear') : x));
      });
      from = to;
    }
  });
  const fc = tf.randomNormal([from, 1000], 0, 1 / Math.sqrt(from));
  return x => {
    const y = tf.maxPool(stem(x, 'relu'), 3, 2, 'same');
    return tf.matMul(blocks.reduce((z, block) => block(z), y).mean([1, 2]), fc);
  };
}

/** Loads all engines, warms them up, and times them in turn. */
export async function race(model, threads, rounds, warmup) {
  const running = {};
  for (const [name, start] of Object.entries(engines)) running[name] = await start(model, threads);
  const times = Object.fromEntries(Object.keys(running).map(name => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    for (const [name, engine] of Object.entries(running)) {
      await new Promise(resume => setTimeout(resume, 20)); // a breath for the browser
      const ms = await engine.run();
      if (round >= 0) times[name].push(ms);
    }
  }
  const report = {};
  for (const [name, engine] of Object.entries(running)) {
    report[name] = { threads: engine.threads, times: times[name], top: engine.top && (await engine.top()) };
  }
  report.residua.profile = await running.residua.net.profile({ runs: 20 });
  running.residua.net.close();
  return report;
}

/** How long it takes from shards in the cache to a network that is ready, in ms. */
export async function loadTimes(runs) {
  const { Residua } = await import('/static/residua.js');
  const out = [];
  for (let i = 0; i < runs; i++) {
    const [ms, net] = await timed(() => Residua.load({ model: 'resnet50' }));
    out.push(ms);
    net.close();
  }
  return out;
}

/** GFLOP/s of fused multiply-adds on registers, the best of some runs: what one core can do at most in 128 bits. */
export async function peak(bytes) {
  const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
  const { spin } = instance.exports;
  const turns = 4e6;
  let least = Infinity;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    spin(turns);
    least = Math.min(least, performance.now() - start);
  }
  return (turns * 12 * 8) / least / 1e6;
}
