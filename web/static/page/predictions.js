// What the page shows of a network's predictions.

/** @typedef {import('../residua.js').Info} Info */
/** @typedef {import('../residua.js').Classification['predictions'][number]} Prediction */

/**
 * From this probability on a class is more likely than not. Where one class is right, a first guess below it is more
 * likely wrong than right, and the page says so.
 */
export const sureFrom = 0.5;

/** How many predictions are shown at least. */
const few = 5;

/** How many predictions are shown at most. */
export const many = 50;

/**
 * Whether any number of the network's classes may be right, because each has a probability of its own.
 * @param {Pick<Info, 'activation' | 'outputs'>} info
 */
export const isMultiLabel = ({ activation, outputs }) => activation === 'sigmoid' && outputs > 1;

/** How many predictions the page asks for. @param {Pick<Info, 'activation' | 'outputs'>} info */
export const topOf = info => (isMultiLabel(info) ? many : few);

/**
 * Whether there may be more classes that are likely than those that were asked for.
 * @param {Prediction[]} predictions  the most probable first
 * @param {Pick<Info, 'classes'>} info
 */
export const isCut = (predictions, { classes }) =>
  predictions.length === many && classes > many && predictions[many - 1].probability >= sureFrom;

/**
 * The first predictions, and all others that are likely.
 * @param {Prediction[]} predictions  the most probable first
 */
export const shownOf = predictions =>
  predictions.filter(({ probability }, i) => i < few || probability >= sureFrom);
