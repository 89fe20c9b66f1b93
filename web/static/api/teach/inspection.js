// @ts-check
/** @typedef {import('../../zproto.js').Warning} Warning */
/** @typedef {import('../../zproto.js').Warnings} Warnings */
/**
 * A warning with names and ids in place of indices.
 * @typedef {Omit<Warning, 'pictures' | 'class' | 'other'> & {
 *   class: string | null, other: string | null, pictures: string[],
 * }} NamedWarning
 *   class, other: null for all classes, or for none; pictures: the ids concerned, or empty for the whole class
 */

/**
 * Inspects the pictures for what may spoil the teaching. Each pair of pictures is compared only once, so that a new
 * picture does not make thousands of features be read again.
 */
export class Inspection {
  #engine;
  #store;
  /** The ids of the pictures that were compared with each other. @type {Set<string>} */
  #known = new Set();
  /** The near-duplicates among them. @type {{ a: string, b: string, exact: boolean }[]} */
  #pairs = [];

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   */
  constructor(engine, store) {
    this.#engine = engine;
    this.#store = store;
  }

  /** Forgets all comparisons. Call it when ids may stand for other pictures. */
  forget() {
    this.#known.clear();
    this.#pairs = [];
  }

  /**
   * @param {readonly import('./memorystore.js').TaughtClass[]} classes
   * @param {readonly import('./memorystore.js').PictureRecord[]} pictures  with features
   * @returns {Promise<NamedWarning[]>}
   */
  async warnings(classes, pictures) {
    const classIndex = new Map(classes.map(({ id }, i) => [id, i]));
    // The engine wants the pictures that were compared before first.
    const old = pictures.filter(({ id }) => this.#known.has(id));
    const all = [...old, ...pictures.filter(({ id }) => !this.#known.has(id))];
    const place = new Map(all.map(({ id }, i) => [id, i]));
    const pairs = this.#pairs.flatMap(({ a: one, b: other, exact }) => {
      const [a, b] = [place.get(one) ?? -1, place.get(other) ?? -1].sort((x, y) => x - y);
      return a < 0 ? [] : [{ a, b, exact }];
    });
    const args = {
      classes: classes.length,
      pictures: all.map(({ classId, hash, dhash }) => ({ class: classIndex.get(classId), hash, dhash })),
      known: old.length,
      pairs,
    };
    // The first answer says which features the engine needs, if any.
    let answer = await this.#ask({ ...args, rows: [] }, {});
    const rows = answer.wants;
    if (rows.length > 0) {
      const features = await this.#store.features(rows.map(i => all[i].id));
      answer = await this.#ask({ ...args, rows }, { features });
    }
    this.#known = new Set(place.keys());
    this.#pairs = answer.pairs.map(({ a, b, exact }) => ({ a: all[a].id, b: all[b].id, exact }));
    const nameOf = (/** @type {number} */ i) => classes[i]?.name ?? null;
    return answer.warnings.map(({ pictures: places, ...rest }) =>
      ({ ...rest, class: nameOf(rest.class), other: nameOf(rest.other), pictures: places.map(i => all[i].id) }));
  }

  /**
   * @param {object} args
   * @param {import('../types.js').Buffers} buffers
   * @returns {Promise<Warnings>}
   */
  async #ask(args, buffers) {
    return JSON.parse((await this.#engine.ask('inspect', args, { buffers })).json);
  }
}
