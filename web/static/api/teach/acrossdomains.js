// @ts-check
/**
 * The part of a teacher that is about several domains, such as photos and drawings of the same things: where in the
 * network a task is solved, how far apart two sets of pictures are, and classifiers that are fitted to pictures whose
 * classes nobody knows:
 *
 *     const curve = await teacher.probes();                       // what each block knows of the classes
 *     const { best } = await teacher.rank();                      // which block suits best, without training
 *     await teacher.train({ method: 'head', blocks: [best] });
 *     for (const drawing of drawings) await teacher.addUnlabelled(drawing, { domain: 'drawing' });
 *     const target = teacher.unlabelled.map(({ id }) => id);
 *     const adapted = await teacher.adapt({ target });
 *     if (adapted.chosen !== 'none') await teacher.useAdapted(adapted, adapted.chosen);
 *
 * All go by block means: the means over all positions of each residual block's output. Blocks are given by their
 * indices in `teacher.blocks`. Where there are more pictures than a call looks at, or memory holds, a sample is taken,
 * in which each class keeps its part; that of a distance is drawn at random. The answers say how many pictures it has.
 */
import { adapt, canRevert, revert, useAdapted } from './adaptation.js';
import { Collection } from './collection.js';
import { distance, drawShapes, moved, probes, rank } from './domains.js';
import { stateOf } from './state.js';

/** @typedef {import('../../zproto.js').ProbedBlock} ProbedBlock */
/** @typedef {import('../../zproto.js').Steps} Steps */
/** @typedef {import('./adaptation.js').Adapted} Adapted */
/** @typedef {import('./domains.js').BlockDistance} BlockDistance */
/** @typedef {import('./run.js').Run} Run */

export class AcrossDomains extends Collection {
  #state;

  /** @param {import('../types.js').Engine} engine  @param {import('./memorystore.js').ProjectStore} store */
  constructor(engine, store) {
    super(engine, store);
    this.#state = stateOf(this);
  }

  /**
   * What each block knows of the classes: how often a linear classifier on its means is right (Alain and Bengio 2017),
   * by cross-validation, and on the test pictures if there are any.
   * @param {object} [options]
   * @param {number[]} [options.only]  these blocks only
   * @param {(probed: { blocks: ProbedBlock[] }) => void} [options.onProgress]  called with the blocks so far
   * @param {(steps: Steps) => void} [options.onPrepared]  called while block means that are not stored are computed
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<ProbedBlock[]>} accuracy.n and test.n say how many pictures were used. It rejects with
   *   `cannot-teach` if there are too few.
   */
  async probes(options = {}) {
    return probes(this.#state, options);
  }

  /**
   * How well each block suits the classes, without training: LogME (You and others 2021). It takes a second.
   * Scores can be compared, of two networks too, if they are of the same pictures.
   * @param {object} [options]
   * @param {string[]} [options.ids]  of pictures with a class; by default all that are learnt from
   * @param {(steps: Steps) => void} [options.onPrepared]  as for probes
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<{ scores: number[], best: number, ms: number, pictures: number }>} scores: of each block, the
   *   higher the better; pictures: how many were used
   */
  async rank(options = {}) {
    return rank(this.#state, options);
  }

  /**
   * How far apart two sets of pictures are, by each block's means: the proxy A-distance (Ben-David and others 2007),
   * and the maximum mean discrepancy (Gretton and others 2012) with the p-value of a permutation test.
   * @param {string[]} a  ids of pictures, with a class or without
   * @param {string[]} b
   * @param {object} [options]
   * @param {number[]} [options.only]  these blocks only
   * @param {number} [options.permutations]  of the test
   * @param {(distances: BlockDistance[]) => void} [options.onProgress]  called with the blocks so far
   * @param {(steps: Steps) => void} [options.onPrepared]  as for probes
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<BlockDistance[]>} pictures: how many of each set were compared. It rejects with `bad-argument` if
   *   a set is empty, or a picture in both.
   */
  async distance(a, b, options = {}) {
    return distance(this.#state, a, b, options);
  }

  /**
   * Learns from pictures with classes, and fits that to pictures of another domain without using their classes: by
   * several methods, of which one is chosen, also without their classes. Nothing changes until useAdapted. Where some
   * classes hardly seem to come in the other domain (missing), nothing is chosen: if they really do not, most methods
   * do harm. ifAllCome is what is chosen if somebody knows that they do come.
   * @param {object} options
   * @param {string[]} options.target  ids of the other domain's pictures
   * @param {string[]} [options.source]  ids of the pictures to learn from; by default all with a class that are neither
   *   in target nor test pictures
   * @param {number[]} [options.blocks]  of which blocks the means are the features; by default the last block's
   * @param {import('../../zproto.js').AdaptMethod[]} [options.methods]  to try; by default all but 'norms' (AdaBN),
   *   which takes two passes over all pictures
   * @param {boolean} [options.judge]  whether the classes of target's pictures, where they have one, judge the methods;
   *   by default true. They are used for nothing else
   * @param {(steps: import('./adaptation.js').AdaptSteps) => void} [options.onProgress]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<Adapted>} It rejects with `cannot-teach` if there are too few pictures to learn from.
   */
  async adapt(options) {
    return adapt(this.#state, options);
  }

  /**
   * Makes one of the classifiers of adapt the one that predict uses and export writes. revert undoes it.
   * @param {Adapted} adapted
   * @param {import('../../zproto.js').AdaptMethod} method
   * @returns {Promise<Run>} of the method 'head', without answers to single pictures
   */
  async useAdapted(adapted, method) {
    return useAdapted(this.#state, adapted, method);
  }

  /**
   * Makes an earlier run the one that predict uses, and the newest in the history. Kept are the weights of the latest
   * head, of the latest last block, and of the head that the latest one has taken the place of by useAdapted or revert.
   * @param {Run} run  of the history
   * @returns {Promise<Run>} the run as it is in the history now
   */
  async revert(run) {
    return revert(this.#state, run);
  }

  /** Whether revert can: whether a run's weights are kept. @param {Run} run */
  canRevert(run) {
    return canRevert(this.#state, run);
  }

  /**
   * How alike the blocks are before and after the last blocks were taught: the linear CKA (Kornblith and others 2019)
   * of each pair, for the latest run of the method 'last-block'. It takes a pass over 500 pictures at most.
   * @param {object} [options]
   * @param {(steps: Steps) => void} [options.onPrepared]  called after each pass
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<{ blocks: number, data: Float32Array, pictures: number }>} data: a row for each block before,
   *   with a number from 0 to 1 for each block after
   */
  async moved(options = {}) {
    return moved(this.#state, options);
  }

  /**
   * Draws pictures whose content is known, for experiments. The same options draw the same pictures.
   * @param {object} options
   * @param {string} options.task  what the classes are: 'form', 'colour', 'direction', 'rotation' or 'count'
   * @param {number} options.count
   * @param {string} [options.domain]  how they are drawn: 'filled' or 'outlined'
   * @param {number} [options.size]  of each side in pixels; by default 64
   * @param {number} [options.difficulty]  from 0 to 1
   * @param {number} [options.seed]
   * @returns {Promise<{ classes: string[], pictures: { label: number, image: ImageData }[] }>} label: the class's index
   */
  async drawShapes(options) {
    return drawShapes(this.#state, options);
  }
}
