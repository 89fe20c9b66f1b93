// What is taught stays with the model that it was taught on: its features are that model's. With another one the room Teach rests, and says whose it is.

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
 * @param {{ serve: (net: Net | undefined) => void, onUse: (model: string) => void, onOther: (other: boolean) => void }} options
 *   serve gets the network that the room may work with; onOther hears whether the room rests
 */
export function createTeachGate({ serve, onUse, onOther }) {
  const room = find('#teach', HTMLElement);
  const words = make('p');
  const use = make('button', 'plain');
  use.type = 'button';
  const banner = make('div', 'notice teach-other', words, use);
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
      // Where nothing can be kept, or nobody can tell, there is no other project.
      const found = net && await storedModel().catch(() => undefined);
      const other = !!net && !!found && found !== net.info.model;
      const title = other ? await titleOf(found) : '';
      if (mine !== turn) return;
      room.toggleAttribute('data-other', other);
      banner.hidden = !other;
      if (other) {
        model = found;
        say(words, 'models.teach', { title, now: net.info.title });
        say(use, 'models.teach.use', { title });
      }
      serve(other ? undefined : net);
      onOther(other);
    },
  };
}
