// Every key that the page takes, for the sheet that lists them. web/test/unit-keys.mjs holds the table to the modules
// that take them.

/**
 * @typedef {object} Row
 * @property {string[]} keys  as KeyboardEvent.key names them; with Ctrl+, the command key on a Mac is meant too
 * @property {string} does  what they do: keys.DOES in the table of words
 * @property {string} [file]  the module that takes them; without one the browser does
 */

const arrows = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];

/** @type {readonly { where: string, rows: Row[] }[]} The groups, and keys.WHERE names each. */
export const keyTable = [
  {
    where: 'everywhere',
    rows: [
      { keys: ['?'], does: 'sheet', file: 'web/static/page/keys.js' },
      { keys: ['Tab'], does: 'tab' },
      { keys: ['Enter', ' '], does: 'press' },
      { keys: ['Ctrl+V'], does: 'paste' },
      { keys: ['Escape'], does: 'close' },
      { keys: ['ArrowLeft', 'ArrowRight', 'Home', 'End'], does: 'rooms', file: 'web/static/page/rooms.js' },
    ],
  },
  {
    where: 'classify',
    rows: [
      {
        keys: ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'], does: 'table',
        file: 'web/static/page/classify/bulk/grid.js',
      },
      { keys: ['Enter', ' '], does: 'table.open', file: 'web/static/page/classify/bulk/grid.js' },
    ],
  },
  {
    where: 'look',
    rows: [
      { keys: arrows, does: 'picture.move', file: 'wasm/paint/input.go' },
      { keys: ['+', '-'], does: 'picture.zoom', file: 'wasm/paint/input.go' },
      { keys: ['0', 'Home'], does: 'picture.all', file: 'wasm/paint/input.go' },
      { keys: ['Enter'], does: 'picture.open', file: 'wasm/paint/input.go' },
      { keys: ['Escape'], does: 'picture.back', file: 'wasm/paint/input.go' },
      { keys: ['ArrowDown', 'ArrowUp', 'Enter', 'Escape'], does: 'classes', file: 'web/static/page/look/combobox.js' },
      { keys: ['Escape'], does: 'tour', file: 'web/static/page/look/tour.js' },
    ],
  },
  {
    where: 'teach',
    rows: [
      { keys: ['Enter'], does: 'name', file: 'web/static/page/teach/classcard.js' },
      { keys: ['Escape'], does: 'name.back', file: 'web/static/page/teach/classcard.js' },
      { keys: [...arrows, 'Home', 'End'], does: 'pictures', file: 'web/static/page/teach/picturechoice.js' },
      { keys: [' ', 'Enter'], does: 'pictures.choose', file: 'web/static/page/teach/picturechoice.js' },
      { keys: ['Ctrl+A'], does: 'pictures.all', file: 'web/static/page/teach/picturechoice.js' },
      { keys: ['Delete', 'Backspace'], does: 'pictures.delete', file: 'web/static/page/teach/picturechoice.js' },
      { keys: ['Escape'], does: 'pictures.none', file: 'web/static/page/teach/picturechoice.js' },
      { keys: [' ', 'Enter'], does: 'record', file: 'web/static/page/teach/recorder.js' },
      { keys: ['Escape'], does: 'record.close', file: 'web/static/page/teach/recorder.js' },
      { keys: [...arrows, 'Home', 'End'], does: 'map', file: 'web/static/page/teach/featureplot.js' },
    ],
  },
  {
    where: 'lab',
    rows: [
      { keys: arrows, does: 'turn', file: 'wasm/paint/input.go' },
      { keys: ['+', '-'], does: 'picture.zoom', file: 'wasm/paint/input.go' },
      { keys: ['0', 'Home'], does: 'picture.all', file: 'wasm/paint/input.go' },
      {
        keys: [...arrows, 'PageUp', 'PageDown', 'Home', 'End'], does: 'curves',
        file: 'web/static/page/lab/linechart.js',
      },
    ],
  },
];
