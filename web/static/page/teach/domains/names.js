// What blocks and sets of pictures are called.

import { placeOf } from '../../blockplace.js';
import { listOf } from '../../format.js';
import { text } from '../../i18n.js';
import { domainName } from '../featureplot.js';

/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('../../../zproto.js').Block} Block */

/**
 * A block by its stage and its place in the stage, both counted from 1, such as 4.1.
 * @param {readonly Block[]} blocks
 * @param {number} i
 */
export function blockLabel(blocks, i) {
  const { stage, index } = placeOf(blocks, i);
  return `${stage}.${index}`;
}

/** Several blocks. @param {readonly Block[]} blocks @param {readonly number[]} chosen */
export const blockLabels = (blocks, chosen) => listOf(chosen.map(i => blockLabel(blocks, i)));

/**
 * @typedef {object} PictureSet  pictures that have something in common
 * @property {string} value  of its option
 * @property {string[]} ids
 * @property {boolean} isLearnt  whether something is learnt from one of them
 * @property {() => string} name
 */

/** The start of today, in ms since 1970. */
const today = () => new Date().setHours(0, 0, 0, 0);

/**
 * The sets that can be compared: what is learnt from and what judges, those without labels, each source, and the days.
 * @param {Teacher | undefined} teacher
 * @returns {PictureSet[]}
 */
export function pictureSets(teacher) {
  const pictures = teacher?.classes.flatMap(one => one.pictures) ?? [];
  const unlabelled = teacher?.unlabelled ?? [];
  const all = [...pictures, ...unlabelled];
  const domains = [...new Set(all.map(({ domain }) => domain))];
  const since = today();
  /** @param {string} value @param {readonly import('../context.js').PictureRecord[]} of @param {() => string} [name] */
  const set = (value, of, name = () => text(`domains.set.${value}`) ?? value) => ({
    value, name, ids: of.map(({ id }) => id), isLearnt: of.some(({ test, classId }) => !test && classId !== ''),
  });
  const sets = [
    set('learnt', pictures.filter(({ test }) => !test)),
    set('test', pictures.filter(({ test }) => test)),
    set('unlabelled', unlabelled),
    ...(domains.length > 1 ? domains.map(domain =>
      set(`domain-${domain}`, all.filter(one => one.domain === domain), () =>
        text('domains.set.domain', { domain: domainName(domain) }) ?? domain)) : []),
    set('today', all.filter(({ added }) => added >= since)),
    set('earlier', all.filter(({ added }) => added < since)),
  ];
  const isWhole = (/** @type {PictureSet} */ { ids, value }) =>
    ids.length === all.length && (value === 'today' || value === 'earlier');
  return sets.filter(one => one.ids.length > 0 && !isWhole(one));
}
