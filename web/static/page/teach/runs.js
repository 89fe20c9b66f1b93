// What the parts ask of trainings and of the pictures.

/** @typedef {import('../../residua.js').Teacher} Teacher */
/** @typedef {import('../../residua.js').Run} Run */

/**
 * The training whose network answers: the last one of a head or of the last block. Other methods are for comparison.
 * @param {Teacher | undefined} teacher
 */
export const mainRun = teacher =>
  teacher?.history.findLast(({ method }) => method === 'head' || method === 'last-block');

/**
 * The evaluation of a run that counts: on the test pictures if there are any, else on the validation pictures.
 * @param {Run} run
 * @returns  the evaluation, the number of those pictures in run.sides, and what they are called in keys
 */
export function evaluationOf(run) {
  return run.test
    ? { evaluation: run.test, side: 3, on: 'test' }
    : { evaluation: run.validation, side: 2, on: 'validation' };
}

/**
 * The pictures that the last training was tested on. None, where its answers to single pictures are not known.
 * @param {Teacher | undefined} teacher
 * @returns {Set<string>} their ids
 */
export function testedPictures(teacher) {
  const run = mainRun(teacher);
  const { side } = run ? evaluationOf(run) : { side: -1 };
  return new Set(run?.ids.filter((_, i) => run.sides[i] === side));
}

/** @param {readonly { pictures: readonly unknown[] }[]} classes */
export const countPictures = classes => classes.reduce((sum, { pictures }) => sum + pictures.length, 0);

/** The pictures of a project, with a class and without. @param {Teacher | undefined} teacher */
export const countAll = teacher => countPictures(teacher?.classes ?? []) + (teacher?.unlabelled.length ?? 0);

/**
 * What the taught network says to a picture.
 * @param {Teacher} teacher
 * @param {Blob | ImageBitmap} picture
 * @param {AbortSignal} [signal]
 */
export const predict = (teacher, picture, signal) =>
  teacher.predict(picture, { method: /** @type {any} */ (mainRun(teacher)?.method), signal });
