// The four lessons, each a card that sets all settings with one click.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { lessons } from './settings.js';

/** @param {{ onChoose: (lesson: string) => void }} handlers */
export function createLessonCards({ onChoose }) {
  const names = Object.keys(lessons);
  const cards = names.map((name, i) => {
    const card = make('button', 'skiplab-lesson',
      make('span', 'skiplab-number', String(i + 1)),
      localized('span', `skiplab.lesson.${name}`, 'skiplab-lesson-title'),
      localized('span', `skiplab.lesson.${name}.set`, 'skiplab-lesson-set'),
      localized('span', `skiplab.lesson.${name}.watch`, 'skiplab-lesson-watch'));
    card.type = 'button';
    card.addEventListener('click', () => onChoose(name));
    return card;
  });
  const title = localized('h3', 'skiplab.lessons.title', 'spoken');
  title.id = 'skip-lab-lessons';
  const list = make('ul', 'skiplab-lessons', ...cards.map(card => make('li', '', card)));
  list.setAttribute('role', 'list');
  const element = make('section', '', title, list);
  element.setAttribute('aria-labelledby', title.id);
  /** The lesson that was brought into sight. @type {string | undefined} */
  let shown;

  return {
    element,
    /** @param {string | undefined} lesson  that the settings are @param {boolean} isBusy */
    show(lesson, isBusy) {
      cards.forEach((card, i) => {
        card.ariaPressed = String(names[i] === lesson);
        card.disabled = isBusy;
      });
      const card = cards[names.indexOf(lesson ?? '')];
      if (lesson === shown || !card || list.clientWidth === 0) return;
      shown = lesson;
      // On a phone the cards are a row that scrolls.
      list.scrollLeft = card.offsetLeft - (list.clientWidth - card.offsetWidth) / 2 - list.offsetLeft;
    },
  };
}
