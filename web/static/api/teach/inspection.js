// @ts-check
/** What may spoil the teaching. Each picture is compared with all others once: thousands of features are not read again for each new picture. */

/** @typedef {import('../../zproto.js').Warning} Warning */
/** @typedef {import('../../zproto.js').Warnings} Warnings */

export class Inspection {
  #engine;
  #store;
  /** The pictures that were compared with each other. @type {Set<string>} */
  #known = new Set();
  /** Those of them that are nearly the same. @type {{ a: string, b: string, exact: boolean }[]} */
  #pairs = [];

  /**
   * @param {import('../types.js').Engine} engine
   * @param {import('./memorystore.js').ProjectStore} store
   */
  constructor(engine, store) {
    this.#engine = engine;
    this.#store = store;
  }

  /** Forgets what was compared: other pictures may have the same ids now. */
  forget() {
    this.#known.clear();
    this.#pairs = [];
  }

  /**
   * @param {readonly import('./memorystore.js').TaughtClass[]} classes
   * @param {readonly import('./memorystore.js').PictureRecord[]} pictures  whose features are there
   * @returns {Promise<(Omit<Warning, 'pictures' | 'class' | 'other'> & { class: string | null, other: string | null, pictures: string[] })[]>}
   *   class, other: null is all, or none; pictures: those concerned, or none where all of the class are
   */
  async warnings(classes, pictures) {
    const of = new Map(classes.map(({ id }, i) => [id, i]));
    const old = pictures.filter(({ id }) => this.#known.has(id));
    const all = [...old, ...pictures.filter(({ id }) => !this.#known.has(id))];
    const place = new Map(all.map(({ id }, i) => [id, i]));
    const pairs = this.#pairs.flatMap(({ a: one, b: other, exact }) => {
      const [a, b] = [place.get(one) ?? -1, place.get(other) ?? -1].sort((x, y) => x - y);
      return a < 0 ? [] : [{ a, b, exact }];
    });
    const question = { classes: classes.length, pictures: all.map(({ classId, hash, dhash }) => ({ class: of.get(classId), hash, dhash })), known: old.length, pairs };
    let answer = await this.#ask({ ...question, rows: [] }, {});
    const rows = answer.wants;
    if (rows.length > 0) answer = await this.#ask({ ...question, rows }, { features: await this.#store.features(rows.map(i => all[i].id)) });
    this.#known = new Set(place.keys());
    this.#pairs = answer.pairs.map(({ a, b, exact }) => ({ a: all[a].id, b: all[b].id, exact }));
    const nameOf = (/** @type {number} */ i) => classes[i]?.name ?? null;
    return answer.warnings.map(({ pictures: places, ...rest }) => ({ ...rest, class: nameOf(rest.class), other: nameOf(rest.other), pictures: places.map(i => all[i].id) }));
  }

  /**
   * @param {object} question
   * @param {import('../types.js').Buffers} buffers
   * @returns {Promise<Warnings>}
   */
  async #ask(question, buffers) {
    return JSON.parse((await this.#engine.ask('inspect', question, { buffers })).json);
  }
}
