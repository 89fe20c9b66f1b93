// The progress of a model's download, as text and as a bar.

import { bareMegabytes, duration, megabytes, speed } from '../format.js';
import { say, setText } from '../i18n.js';
import { createRate } from './rate.js';

/** @typedef {import('../loader.js').Progress} Progress */

const tickMs = 250;

/** The placeholders' values for the bytes so far. @param {{ loaded: number, total: number }} progress */
export const amounts = ({ loaded, total }) => () => ({ loaded: bareMegabytes(loaded), total: megabytes(total) });

/** @param {{ line: HTMLElement, rateLine: HTMLElement, bar: HTMLProgressElement }} elements */
export function createDownload({ line, rateLine, bar }) {
  let rate = createRate();
  /** The last progress in which bytes had come from the network. @type {Progress | undefined} */
  let download;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;

  /** Updates the text. It runs on a timer, so that the text is readable and a download that stalls shows. */
  function tick() {
    if (!download) return;
    const { loaded, total, cached } = download;
    rate.add(loaded - cached);
    say(line, 'model.download', amounts(download));
    const perSecond = rate.perSecond();
    if (!perSecond) return setText(rateLine);
    say(rateLine, 'model.left', () => ({ speed: speed(perSecond), time: duration((total - loaded) / perSecond) }));
  }

  return {
    start() {
      rate = createRate();
      ticking = setInterval(tick, tickMs);
    },

    stop() {
      clearInterval(ticking);
      download = undefined;
      setText(rateLine);
    },

    /** @param {Progress | undefined} progress */
    show(progress) {
      const isFirst = !download;
      download = progress?.phase === 'download' && progress.loaded > progress.cached ? progress : undefined;
      if (download) {
        bar.max = download.total;
        bar.value = download.loaded;
        if (isFirst) tick();
        return;
      }
      bar.removeAttribute('value'); // indeterminate
      setText(rateLine);
      if (progress?.phase === 'prepare') say(line, 'model.prepare');
      else if (progress?.phase === 'read') say(line, 'models.read', amounts(progress));
      else if (progress?.phase === 'keep') say(line, 'models.keep');
      else if (progress?.phase === 'download' && progress.cached > 0) say(line, 'model.cached');
      else say(line, 'model.engine');
    },
  };
}
