// What is chosen in Look inside. The session and the address hold it. Here it is limited to what the network has.

import { answerOf, classifierOf } from '../session.js';

/** @typedef {import('../session.js').State} State */
/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Info} Info */

/**
 * Limits what an address asks for to what a network has.
 * @param {Look} look
 * @param {Info} info
 * @returns {Look}
 */
function fitted(look, { blocks, labels, join }) {
  const block = look.block < blocks.length ? look.block : 0;
  const channel = look.channel < blocks[block].channels ? look.channel : -1;
  const ablate = Object.fromEntries(Object.entries(look.ablate).filter(([i, ablation]) =>
    join !== 'none' && blocks[Number(i)] && !(ablation === 'shortcut' && blocks[Number(i)].projection)));
  return {
    ...look, block, channel, ablate,
    scene: look.scene === 'photo' && channel < 0 ? 'block' : look.scene,
    class: look.class < labels.length ? look.class : -1,
  };
}

/** The most probable class; −1: there is no answer yet. @param {State} state */
const predictedClass = state => (state.live ? state.live.answer : answerOf(state))?.predictions[0].index ?? -1;

/** @param {import('../session.js').Session} session */
export function createSelection(session) {
  let look = session.state.look;

  /** @param {Partial<Look>} part */
  function change(part) {
    session.update({ look: { ...look, ...part } });
  }

  return {
    /** What is chosen, as far as the network has it. */
    get look() {
      return look;
    },

    /** The chosen class, or else the most probable one. */
    get classIndex() {
      return look.class >= 0 ? look.class : predictedClass(session.state);
    },

    /** Whether the room shows what the camera sees. */
    get isLive() {
      const { live, look: { room } } = session.state;
      return room === 'look' && !!live && !!classifierOf(session.state);
    },

    /** The question about the photo on the stage, if the room is visible and the photo has been classified. */
    get question() {
      const { photo, live, look: { room } } = session.state;
      const by = classifierOf(session.state);
      const isAsked = room === 'look' && !live && !!answerOf(session.state);
      return isAsked && by && photo ? { by, photo, ablate: look.ablate } : undefined;
    },

    /** Takes over what the session holds. */
    refresh() {
      const by = classifierOf(session.state);
      look = by ? fitted(session.state.look, by.info) : session.state.look;
    },

    change,

    /** @param {number} block  is limited to those that there are */
    changeBlock(block) {
      const last = (classifierOf(session.state)?.info.blocks.length ?? 1) - 1;
      const scene = look.scene === 'photo' ? 'block' : look.scene;
      change({ block: Math.min(Math.max(block, 0), last), channel: -1, scene });
    },

    /** @param {number} block  @param {import('../../zproto.js').Ablation} [ablation] none: the block is whole again */
    changeAblation(block, ablation) {
      const { [block]: _, ...rest } = look.ablate;
      change({ ablate: ablation ? { ...rest, [block]: ablation } : rest });
    },

    /** @param {number} index  of a class; the most probable one stays chosen when the photo changes */
    changeClass(index) {
      change({ class: index === predictedClass(session.state) ? -1 : index });
    },
  };
}
