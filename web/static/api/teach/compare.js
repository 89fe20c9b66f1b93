// @ts-check
/** Two trainings side by side. */
import { sides } from '../../zproto.js';

/**
 * Whether one training is better than another on the same pictures; teacher.compare says more.
 * @param {import('../types.js').Engine} engine
 * @param {import('./run.js').Run} base
 * @param {import('./run.js').Run} other
 * @returns {Promise<import('../../zproto.js').Compared & { on: 'validation' | 'test' }>}
 */
export async function compare(engine, base, other) {
  const place = new Map(other.ids.map((id, i) => [id, i]));
  const on = base.sides.includes(sides.test) ? 'test' : 'validation';
  const judging = base.ids.map((id, i) => ({ i, j: place.get(id) ?? -1 })).filter(({ i, j }) => base.sides[i] === sides[on] && other.sides[j] === sides[on]);
  const { json } = await engine.ask('compare', {
    labels: judging.map(({ i }) => base.labels[i]),
    base: judging.map(({ i }) => base.answers[i].best),
    other: judging.map(({ j }) => other.answers[j].best),
  }, {});
  return { ...JSON.parse(json), on };
}
