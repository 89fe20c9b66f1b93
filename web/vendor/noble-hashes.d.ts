/** What the page uses of @noble/hashes. The build lays its modules beside the page's own, where the type checker does not look. */
declare module '*/vendor/noble-hashes/sha2.js' {
  export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}
