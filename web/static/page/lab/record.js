// What is written down of a run, step by step: the curves, and the norms of the layers for the heat maps.

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').Started} Started */
/** @typedef {import('./types.js').StepReport} StepReport */
/** @typedef {import('./types.js').Score} Score */

/**
 * The norms of one step, by network and by layer; null: the network had diverged.
 * @typedef {{ step: number, networks: (import('./types.js').Norms | null)[] }} StepNorms
 */
/** @typedef {Score & { step: number }} ScoreAt */

/**
 * @typedef {object} NetworkRecord
 * @property {number[]} losses  of the batches, by step
 * @property {number[]} accuracies
 * @property {ScoreAt[]} learnt
 * @property {ScoreAt[]} held
 * @property {number} divergedAt  the step; 0: it has not
 */

/**
 * @typedef {object} RunRecord
 * @property {Settings} settings
 * @property {Started} started
 * @property {number} step
 * @property {number} steps
 * @property {boolean} done
 * @property {NetworkRecord[]} networks
 * @property {StepNorms | null} first  of the first step
 * @property {StepNorms[]} norms  of some of the steps, the last one among them
 * @property {number} every  how many steps lie between two of norms
 */

/** So many steps' norms are kept; then every second one goes, so that a long run needs no more memory. */
const maxNorms = 400;

/** The mean over the last steps of a run smooths what chance there is in a batch. */
const lastSteps = 20;

/** @param {Settings} settings @param {Started} started @returns {RunRecord} */
export function newRecord(settings, started) {
  return {
    settings, started, step: started.step, steps: started.steps, done: false, first: null, norms: [], every: 1,
    networks: settings.networks.map(() => ({ losses: [], accuracies: [], learnt: [], held: [], divergedAt: 0 })),
  };
}

/**
 * Writes a step down.
 * @param {RunRecord} record
 * @param {StepReport} report
 */
export function addStep(record, report) {
  record.step = report.step;
  report.networks.forEach((network, i) => {
    const kept = record.networks[i];
    if (network.diverged) kept.divergedAt ||= report.step;
    kept.losses[report.step - 1] = network.diverged ? NaN : network.loss;
    kept.accuracies[report.step - 1] = network.diverged ? NaN : network.accuracy;
    if (network.learnt) kept.learnt.push({ ...network.learnt, step: report.step });
    if (network.held) kept.held.push({ ...network.held, step: report.step });
  });
  const norms = normsOf(report);
  if (report.step === 1) record.first = norms;
  // The last step's is always there: the table shows it.
  const { norms: all, every } = record;
  const before = all[all.length - 1];
  if (before && before.step % every !== 0 && before.step !== 1) all.pop();
  all.push(norms);
  if (all.length <= maxNorms) return;
  record.every *= 2;
  record.norms = all.filter(({ step }, i) => step === 1 || step % record.every === 0 || i === all.length - 1);
}

/** @param {StepReport} report @returns {StepNorms} */
function normsOf({ step, networks }) {
  return {
    step,
    networks: networks.map(({ diverged, activations, outputGradients, weightGradients }) =>
      (diverged ? null : { activations, outputGradients, weightGradients })),
  };
}

/**
 * How each network stands at the end.
 * @param {RunRecord} record
 */
export const finals = record => record.networks.map(({ losses, learnt, held, divergedAt }) => {
  const last = losses.slice(-lastSteps).filter(Number.isFinite);
  return {
    loss: last.reduce((sum, loss) => sum + loss, 0) / (last.length || NaN),
    learnt: learnt.at(-1),
    held: held.at(-1),
    divergedAt,
  };
});

/**
 * A curve with its noise smoothed away: an exponential mean, which begins with the first value.
 * @param {readonly number[]} values
 * @param {number} [weight]  of the values before
 */
export function smooth(values, weight = 0.85) {
  let mean = NaN;
  return values.map(value => {
    if (!Number.isFinite(value)) return NaN;
    mean = Number.isFinite(mean) ? weight * mean + (1 - weight) * value : value;
    return mean;
  });
}

/** @param {string | number} value */
const cell = value => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

/** @param {number | undefined} value */
const numberCell = value =>
  (value === undefined || !Number.isFinite(value) ? '' : String(Number(value.toPrecision(7))));

/**
 * The curves as CSV: a line for each step and network.
 * @param {RunRecord} record
 * @param {string[]} names  of the networks
 */
export function curvesCSV(record, names) {
  const head = 'step,network,batch_loss,batch_accuracy,learnt_loss,learnt_accuracy,held_out_loss,held_out_accuracy';
  const lines = [head];
  for (let step = 1; step <= record.step; step++) {
    record.networks.forEach(({ losses, accuracies, learnt, held }, i) => {
      const [l, h] = [learnt, held].map(scores => scores.find(score => score.step === step));
      const values = [losses[step - 1], accuracies[step - 1], l?.loss, l?.accuracy, h?.loss, h?.accuracy];
      lines.push([step, cell(names[i]), ...values.map(numberCell)].join(','));
    });
  }
  return `${lines.join('\r\n')}\r\n`;
}
