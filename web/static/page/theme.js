// The theme: the device's, light, or dark. early.js has set it before the first paint.

import { setIcon } from './dom.js';
import { say } from './i18n.js';
import { recall, remember } from './settings.js';

const choices = /** @type {const} */ (['auto', 'light', 'dark']);
const deviceIsDark = matchMedia('(prefers-color-scheme: dark)');

/**
 * Makes a button switch between the three choices.
 * @param {HTMLButtonElement} button
 * @param {() => void} [onChange] runs after the theme was set
 */
export function startTheme(button, onChange = () => {}) {
  let choice = choices.find(name => name === recall('theme')) ?? 'auto';

  const show = () => {
    const dark = choice === 'dark' || (choice === 'auto' && deviceIsDark.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    // The browser colours its own interface like the page.
    const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim();
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', paper);
    const svg = button.querySelector('svg');
    if (svg) setIcon(svg, choice);
    say(button, `theme.${choice}`, {}, 'aria-label');
    say(button, `theme.${choice}`, {}, 'title');
    onChange();
  };

  button.addEventListener('click', () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length];
    remember('theme', choice);
    show();
  });
  deviceIsDark.addEventListener('change', show);
  show();
}
