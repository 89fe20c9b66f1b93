// A server in front of the server, which counts what is asked for and can lose, spoil, hold back or refuse files:
// the faults of a real network, on a real connection.

import { createServer, request } from 'node:http';

/**
 * What to do with a request. 'cut' closes the connection without an answer, 'hold' answers when release() is called,
 * 'flip' changes one byte in the middle of the body, 'half' sends the first half of it and breaks off, a number answers
 * with that status.
 * @typedef {'pass' | 'cut' | 'hold' | 'flip' | 'half' | number} Fault
 */

/**
 * @param {string} origin of the server behind
 */
export async function startProxy(origin) {
  /** @type {(path: string) => Fault} */
  let faultOf = () => 'pass';
  /** @type {string[]} */
  let asked = [];
  /** @type {Set<() => void>} */
  const held = new Set();

  const server = createServer(async (incoming, outgoing) => {
    const path = incoming.url ?? '/';
    asked.push(path);
    const fault = faultOf(path);
    /** @type {Buffer[]} */
    const body = [];
    if (fault === 'hold') {
      // A body that nobody reads keeps Node from seeing that its sender has gone.
      incoming.on('data', piece => body.push(piece));
      await new Promise(done => incoming.once('end', done).once('close', done));
      if (outgoing.destroyed) return;
      const open = await new Promise(done => {
        const go = () => { held.delete(go); done(!outgoing.destroyed); };
        held.add(go);
        outgoing.once('close', go);
      });
      if (!open) return;
    }
    if (fault === 'cut') return void outgoing.destroy();
    if (typeof fault === 'number') return void outgoing.writeHead(fault).end();

    const options = { method: incoming.method, headers: { ...incoming.headers, 'accept-encoding': 'identity' } };
    const behind = request(origin + path, options, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (fault === 'pass' || fault === 'hold') return void answer.pipe(outgoing);
      /** @type {Buffer[]} */
      const parts = [];
      answer.on('data', part => parts.push(part));
      answer.on('end', () => {
        const body = Buffer.concat(parts);
        const middle = body.length >> 1;
        if (fault === 'half') return void outgoing.write(body.subarray(0, middle), () => outgoing.destroy());
        body[middle] ^= 1;
        outgoing.end(body);
      });
    });
    behind.once('error', () => outgoing.destroy());
    outgoing.once('close', () => behind.destroy());
    if (fault === 'hold') behind.end(Buffer.concat(body));
    else incoming.pipe(behind);
  });
  await new Promise(done => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  return {
    origin: `http://127.0.0.1:${port}`,
    /** The paths that were asked for since the last forget(). */
    get asked() {
      return asked;
    },
    /** How many requests wait for release(), their askers still there. */
    get held() {
      return held.size;
    },
    forget() {
      asked = [];
    },
    /** @param {(path: string) => Fault} next decides about every request from now on */
    setFault(next) {
      faultOf = next;
    },
    /** Answers what was held back, and holds nothing back any more. */
    release() {
      faultOf = () => 'pass';
      for (const go of [...held]) go();
    },
    async close() {
      server.closeAllConnections();
      await new Promise(done => server.close(done));
    },
  };
}
