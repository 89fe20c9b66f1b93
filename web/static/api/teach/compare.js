// @ts-check
import { sides } from '../../zproto.js';

/**
 * Compares two runs on the same pictures: the test pictures if the base run has any, else the validation pictures.
 * @param {import('../types.js').Engine} engine
 * @param {import('./run.js').Run} base
 * @param {import('./run.js').Run} other
 * @returns {Promise<import('../../zproto.js').Compared & { on: 'validation' | 'test' }>}
 */
export async function compare(engine, base, other) {
  const place = new Map(other.ids.map((id, i) => [id, i]));
  const on = base.sides.includes(sides.test) ? 'test' : 'validation';
  const common = base.ids.map((id, i) => ({ i, j: place.get(id) ?? -1 }))
    .filter(({ i, j }) => base.sides[i] === sides[on] && other.sides[j] === sides[on]);
  const { json } = await engine.ask('compare', {
    labels: common.map(({ i }) => base.labels[i]),
    base: common.map(({ i }) => base.answers[i].best),
    other: common.map(({ j }) => other.answers[j].best),
  }, {});
  return { ...JSON.parse(json), on };
}
