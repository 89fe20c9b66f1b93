/** The page of the tests of the Skip lab's canvas: it has the sample's numbers, as the page has a run's. */
/** @typedef {{ Name: string, Layers: string[] }} Named */

/** @type {any} */ (globalThis).openLab = openLab;

/**
 * Opens the canvas with the first networks of the sample, and shows a scene.
 * @param {{
 *   networks: number, steps: number, scene: import('./page/lab/canvas.js').LabScene, language?: 'en' | 'zh',
 *   options?: Partial<import('./page/lab/canvas.js').Options>,
 * }} wanted  steps: how many steps of the run have passed
 */
async function openLab({ networks, steps, scene, language = 'en', options = {} }) {
  document.documentElement.lang = language; // before the page's scripts load
  const { startLanguage } = await import('./page/i18n.js');
  const { createLabCanvas } = await import('./page/lab/canvas.js');
  await startLanguage(document.createElement('button'));
  const numbers = await (await fetch('trace/lab.json')).json();
  const rows = new Float32Array(await (await fetch('trace/steps.bin')).arrayBuffer());
  /** @type {any[]} */
  const points = [];
  const container = /** @type {HTMLElement} */ (document.getElementById('view'));
  const lab = /** @type {any} */ (globalThis).labCanvas = { points, readies: 0, reason: '' };
  await /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
    const canvas = lab.canvas = createLabCanvas({
      container,
      onReady() {
        lab.readies++;
        resolve();
      },
      onPoint: point => points.push(point),
      onFail: reason => reject(new Error(reason)),
    });
    canvas.networks(numbers.Networks.slice(0, networks).map((/** @type {Named} */ n) =>
      ({ name: n.Name, layers: n.Layers })));
    /** @type {any[][]} */
    const all = splitSteps(rows, numbers.Networks, numbers.Steps);
    canvas.signal(all[0].slice(0, networks));
    all.slice(0, steps).forEach((lists, step) => canvas.step({ step, networks: lists.slice(0, networks) }));
    for (let k = 0; k < networks; k++) {
      const { Side: side, Span: span, Losses: losses } = numbers.Landscapes[k];
      canvas.landscape(k, { side, span, losses: losses.map((/** @type {number | null} */ v) => v ?? Infinity) });
      if (k % 2) continue; // a plain network has one path
      const { Lengths, Counts, Gradients } = numbers.Paths[k];
      canvas.paths(k, Lengths.map((/** @type {number} */ length, /** @type {number} */ i) =>
        ({ length, count: Counts[i], gradient: Gradients[i] })));
    }
    canvas.show(scene, options);
  }));
}

/**
 * The lists of each step and network.
 * @param {Float32Array} rows
 * @param {Named[]} networks
 * @param {number} steps
 */
function splitSteps(rows, networks, steps) {
  let at = 0;
  const take = (/** @type {number} */ n) => rows.subarray(at, at += n);
  return Array.from({ length: steps }, () => networks.map(({ Layers: { length } }) =>
    ({ activations: take(length), outputGradients: take(length), weightGradients: take(length) })));
}
