// The model of this page: with which one a visit begins, its download, and the choice of another.

import { announce } from '../announce.js';
import { find } from '../dom.js';
import { say } from '../i18n.js';
import { createLoader } from '../loader.js';
import { netOf } from '../session.js';
import { recall, remember } from '../settings.js';
import { isEngineFault, Residua } from '../../residua.js';
import { createChooser } from './chooser.js';
import { beginWith, roomForTwo } from './datasaver.js';
import { createProgress } from './progress.js';

/** @typedef {import('../loader.js').State} State */

/**
 * @param {{ session: import('../session.js').Session, onDeleted: () => void }} options
 *   onDeleted: a model is gone from this device
 */
export function createModels({ session, onDeleted }) {
  const progress = createProgress({
    onStart: () => void loader.start(),
    onStop: () => loader.stop(),
    onChoose(name) {
      loader.choose({ name });
      void loader.start();
    },
  });
  const chooser = createChooser({
    onUse: choice => loader.use(choice),
    onCancel: () => (loader.state.name === 'loading' ? loader.stop() : loader.cancel()),
    onDeleted,
  });
  const loader = createLoader({
    load: ({ choice: { name, file, side }, ...options }) => Residua.load({ ...(file ? { file, side } : { model: name }), ...options }),
    roomForTwo,
    onChange(state) {
      progress.show(state);
      const loading = state.name === 'loading' ? { choice: loader.choice, progress: state.progress } : undefined;
      chooser.show(state.name === 'ready' ? state.net.info.model : '', loading);
      if (state.name === 'loading' && state.progress) return; // nothing else has changed
      if (state.name === 'ready') return introduce(state);
      session.update({ model: state });
    },
    onComing: coming => chooser.show(netOf(session.state)?.info.model ?? '', coming),
    onRefused: (choice, error) => chooser.refused(choice, error),
  });

  /** @param {State & { name: 'ready' }} state */
  function introduce(state) {
    const { info } = state.net;
    const before = session.state.info;
    if (info.kept || !info.own) remember('model', info.model);
    chooser.introduce(info);
    const { title, license, source } = info;
    say(find('#model-credit', HTMLElement), 'footer.model', { title, license: license || '–', source: source || '–' });
    if (before && before.model !== info.model) announce('models.answers', { title });
    session.update({ model: state, info });
  }

  const begun = beginWith(recall('model')).then(({ choice, otherwise, ask }) => {
    loader.choose(choice, otherwise);
    if (ask) progress.ask(ask);
    else void loader.start();
  });
  addEventListener('online', () => {
    const { state } = loader;
    if (state.name === 'failed' && /** @type {any} */ (state.error)?.code === 'offline') void loader.start();
  });

  return {
    takeOwn: chooser.takeOwn,

    /** Loads another model in place of this one. @param {string} name */
    use: name => chooser.use({ name }),

    /** Starts or resumes, whatever has stopped it. */
    start: () => void loader.start(),

    /** A photo waits. A person who stopped the download did so on purpose; any other pause ends. */
    want() {
      const { name } = loader.state;
      if (name === 'waiting' || name === 'failed') void begun.then(() => loader.start());
    },

    /** An engine that stopped is of no use any more: the next photo starts a new one. @param {unknown} error */
    retire(error) {
      if (isEngineFault(error)) loader.fail(error);
    },
  };
}
