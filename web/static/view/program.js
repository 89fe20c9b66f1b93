// @ts-check

/**
 * The functions that the program (wasm/view) exports to view.js. Coordinates are in CSS pixels.
 * @typedef {object} Program
 * @property {(bytes: Uint8Array) => void} message
 * @property {(json: string) => void} state
 * @property {(height: number, width: number, values: Float32Array) => void} setHeatmap
 * @property {() => void} clearHeatmap
 * @property {(x: number, y: number) => void} point
 * @property {() => void} leave
 * @property {(id: number, x: number, y: number, mouse: boolean) => void} press
 * @property {(id: number, x: number, y: number) => void} drag
 * @property {(id: number, x: number, y: number, cancelled: boolean) => void} release
 * @property {(x: number, y: number, dx: number, dy: number, zoom: boolean) => boolean} wheel
 * @property {(key: string, shift: boolean) => boolean} key
 * @property {(steps: number) => void} zoom
 * @property {() => void} requestFrame
 * @property {() => { pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number }} pixels
 */

export {};
