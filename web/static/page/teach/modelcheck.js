// A project belongs to the model that it was taught on, for its features are that model's. With another model the room
// rests, and says whose the project is.

import { find, make } from '../dom.js';
import { say } from '../i18n.js';
import { Residua, storedModel } from '../../residua.js';

/** @typedef {import('../../residua.js').Residua} Net */

/** What people call a model. @param {string} name */
async function titleOf(name) {
  const models = await Residua.models().catch(() => []);
  return models.find(one => one.name === name)?.title ?? name;
}

/**
 * @param {object} options
 * @param {(net: Net | undefined) => void} options.serve  gets the network that the room may use
 * @param {(model: string) => void} options.onUse  The project's model is wanted.
 * @param {(isOther: boolean) => void} options.onOther  hears whether the project is another model's
 */
export function createModelCheck({ serve, onUse, onOther }) {
  const room = find('#teach', HTMLElement);
  const sentence = make('p');
  const use = make('button', 'plain');
  use.type = 'button';
  const banner = make('div', 'notice teach-other', sentence, use);
  banner.role = 'status';
  banner.hidden = true;
  room.prepend(banner);
  let turn = 0;
  let model = '';
  use.addEventListener('click', () => onUse(model));

  return {
    /** Says that a network is there, or is no longer. @param {Net | undefined} net */
    async serve(net) {
      const mine = ++turn;
      // Where the browser keeps nothing, or cannot tell, there is no other project.
      const found = net && await storedModel().catch(() => undefined);
      const isOther = !!net && !!found && found !== net.info.model;
      const title = isOther ? await titleOf(found) : '';
      if (mine !== turn) return;
      room.toggleAttribute('data-other', isOther);
      banner.hidden = !isOther;
      if (isOther) {
        model = found;
        say(sentence, 'models.teach', { title, now: net.info.title });
        say(use, 'models.teach.use', { title });
      }
      serve(isOther ? undefined : net);
      onOther(isOther);
    },
  };
}
