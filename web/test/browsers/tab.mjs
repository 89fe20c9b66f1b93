// A tab of a browser, whichever it is: the little that playwright, puppeteer and WebDriver have in common.

/**
 * @typedef {object} Tab
 * @property {(url: string) => Promise<void>} open
 * @property {() => Promise<void>} reload
 * @property {<A, R>(work: (argument: A) => R | Promise<R>, argument: A) => Promise<R>} evaluate  in the page;
 *   arguments and results are JSON
 * @property {(source: string) => Promise<void>} run  a script, in the page
 * @property {(x: number, y: number) => Promise<void>} click  real events, at a place of the viewport in CSS pixels
 * @property {(text: string) => Promise<void>} type  real keys
 * @property {(key: 'Enter' | 'Escape' | 'v', modifier?: 'Control') => Promise<void>} press
 * @property {(width: number, height: number) => Promise<void>} resize
 * @property {() => Promise<Buffer>} screenshot  the viewport, as PNG
 */

/**
 * @typedef {object} Browser
 * @property {'Chromium' | 'Firefox' | 'WebKitGTK'} name
 * @property {string} version
 * @property {string} downloads  the folder into which it saves files
 * @property {Tab} tab
 * @property {() => Promise<void>} close
 */

export {};
