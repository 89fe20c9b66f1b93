/** What the page uses of fflate. The build lays the script beside the page's own, where the type checker does not look. */
declare module '*/vendor/fflate.js' {
  export class Deflate {
    constructor(onData: (chunk: Uint8Array<ArrayBuffer>, final: boolean) => void);
    push(chunk: Uint8Array, final?: boolean): void;
  }
  export class Inflate {
    constructor(onData: (chunk: Uint8Array<ArrayBuffer>, final: boolean) => void);
    push(chunk: Uint8Array, final?: boolean): void;
  }
}
